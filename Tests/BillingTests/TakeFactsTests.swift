// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Quantities
import Storage
import Testing

/// Readings that are appended first and folded afterwards.
@Suite("Facts by the short way")
struct TakeFactsTests {
    @Test("C44, C48: readings and stop are stored before they are answered, and folded together")
    func foldsAfterwards() async throws {
        let bench = try await Bench()
        let number = try await bench.start()
        try await bench.read(number, wattHours: 1_500, minute: 1, id: "r1")
        try await bench.read(number, wattHours: 2_000, minute: 2, id: "r2")
        try await bench.stop(number, wattHours: 3_000, minute: 3, id: "s")

        // Everything is in the database, and nothing was folded yet.
        #expect(try await bench.facts().count == 5)
        #expect(try await bench.session().energy == .zero)
        await bench.folds.round()
        let session = try await bench.session()
        #expect(session.energy == Energy(wattHours: 2_000))
        #expect(session.status == .ended)
    }

    @Test("C31: the same message again goes the long way, and changes nothing")
    func repeated() async throws {
        let bench = try await Bench()
        let number = try await bench.start()
        try await bench.read(number, wattHours: 1_500, minute: 1, id: "r1")
        try await bench.read(number, wattHours: 1_500, minute: 1, id: "r1")
        try await bench.read(number, wattHours: 1_500, minute: 1, id: "another id")

        await bench.folds.round()
        #expect(try await bench.session().energy == Energy(wattHours: 500))
        #expect(
            try await bench.states().sorted() == [
                "duplicate", "interpreted", "interpreted", "interpreted",
            ])
    }

    @Test("what a message told the short way lies in it, and a stop that tells it again adds nothing")
    func retold() async throws {
        let bench = try await Bench()
        let number = try await bench.start()
        try await bench.read(number, wattHours: 1_500, minute: 1, id: "r1")
        try await bench.read(number, wattHours: 2_000, minute: 2, id: "r2")
        // Somebody else's card: it goes the long way, and repeats a reading as stops do (1.6 transactionData).
        try await bench.stop(
            number, wattHours: 3_000, minute: 3, id: "s", token: "SOMEBODY", telling: (2_000, 2))

        let (rows, frames) = try await bench.desk.store.read { tx in
            (try tx.count(FactRecord.self), try tx.all(FrameRecord.self))
        }
        let facts = try await bench.facts()
        #expect(facts.count { $0.isReading } == 2)
        #expect(frames.compactMap(\.facts).flatMap { $0 }.count { $0.isReading } == 2)
        #expect(Int(rows) == facts.count - 2, "the readings have no rows of their own")
        #expect(facts.map(\.order) == facts.map(\.order).sorted())
        #expect(try await bench.session().energy == Energy(wattHours: 2_000))
    }

    @Test("C69: what is stored while the session becomes final is late: evidence, and no part of the bill")
    func late() async throws {
        let bench = try await Bench()
        let number = try await bench.start()
        try await bench.read(number, wattHours: 1_500, minute: 1, id: "r1")
        try await bench.stop(number, wattHours: 2_000, minute: 2, id: "s")
        await bench.folds.round()
        let session = try await bench.session()
        bench.desk.clock.advance(by: .minutes(20))
        try await bench.desk.store.transaction { [now = bench.desk.clock.now] tx in
            var row = try #require(try tx.lock(SessionRecord.self, id: session.id))
            row.finalAt = now
            try tx.update(&row)
        }
        let before = try await bench.facts()

        bench.desk.clock.advance(by: .seconds(1))
        try await bench.append(wattHours: 9_000, minute: 4, to: session.id)
        await bench.folds.round()

        #expect(try await bench.facts() == before)
        let all = try await bench.desk.store.read { tx in try tx.facts(of: session.id, includingLate: true) }
        #expect(all.count == before.count + 1 && all.last?.isReading == true)
        #expect(try await bench.session().energy == Energy(wattHours: 1_000))
    }

    @Test(
        "C40: what is told of a session that has ended goes the long way, however often: a bill finds all of it folded"
    )
    func afterTheEnd() async throws {
        let bench = try await Bench()
        let number = try await bench.start()
        try await bench.stop(number, wattHours: 3_000, minute: 9, id: "s", token: "SOMEBODY")
        for minute in Int64(1)...3 {
            try await bench.read(number, wattHours: 1_000 + 100 * minute, minute: minute, id: "r\(minute)")
        }

        let frames = try await bench.desk.store.read { tx in try tx.all(FrameRecord.self) }
        #expect(frames.compactMap(\.facts).isEmpty)
        #expect(try await bench.session().folded.registers.count == 5)
    }

    @Test("C47: what a server stored before it died is folded by the next one")
    func crash() async throws {
        let bench = try await Bench()
        let number = try await bench.start()
        try await bench.read(number, wattHours: 1_700, minute: 1, id: "r1")

        // A node that knows nothing of the first one.
        let next = FoldSessions(desk: bench.desk, running: RunningSessions())
        await next.takeUp()
        await next.round()
        #expect(try await bench.session().energy == Energy(wattHours: 700))
    }

    @Test("C29: a stop with another token is looked at, and one for another number is an orphan")
    func strangers() async throws {
        let bench = try await Bench()
        let number = try await bench.start()
        #expect(number > 0)
        let answer = try await bench.stop(number, wattHours: 3_000, minute: 3, id: "s", token: "SOMEBODY")
        guard case .transaction(let told) = answer else {
            Issue.record("not about a transaction: \(answer)")
            return
        }
        #expect(told.token?.status == .invalid)
        // It took the long way, so it is folded at once.
        #expect(try await bench.session().status == .ended)
        _ = try await bench.stop(number + 7, wattHours: 3_000, minute: 4, id: "t")
        let items = try await bench.desk.store.read { tx in try tx.all(WorkItemRecord.self) }
        #expect(items.contains { $0.reason == "orphan_stop" })
    }
}

/// One station with one EVSE, and a door that takes the short way.
private struct Bench {
    let desk: Desk
    let door: StationDesk
    let folds: FoldSessions
    private let running: RunningSessions
    private let station: StationID
    private let begun = Instant(seconds: 1_800_000_000)

    init() async throws {
        desk = try await Desk.inMemory()
        let organisation = try await FoundInstallation(desk: desk)(
            operatorKey: "an operator key of this test"
        ).organisation
        _ = try await SeedDemonstration(desk: desk)(in: organisation)
        running = RunningSessions()
        door = StationDesk(desk: desk, running: running)
        folds = FoldSessions(desk: desk, running: running)
        let found = try await desk.store.read { tx in try tx.station(identity: "DEMO-1") }
        station = try #require(found).id
    }

    private func frame(_ action: String, _ id: String) -> ReceivedFrame {
        ReceivedFrame(
            station: station, connection: desk.ids.new(at: begun), version: "1.6", messageID: id,
            action: action,
            bytes: Array("\(action) \(id)".utf8), receivedAt: desk.clock.now)
    }

    private func fact(_ kind: Fact.Kind, _ minute: Int64) -> Fact {
        Fact(kind, measuredAt: begun + .minutes(minute), receivedAt: desk.clock.now)
    }

    /// A token that nobody knows starts at 1,000 Wh; the number of the transaction.
    func start() async throws -> Int64 {
        let report = TransactionReport(
            reference: .new, evse: 1, token: PresentedToken(uid: "TAG1"),
            facts: [
                fact(.started(register: Energy(wattHours: 1_000)), 0),
                fact(.token(PresentedToken(uid: "TAG1")), 0),
            ])
        let answer = try await door.receive(.transaction(report), in: frame("StartTransaction", "start"))
        guard case .transaction(let told) = answer else { return -1 }
        return told.number
    }

    @discardableResult
    func read(_ number: Int64, wattHours: Int64, minute: Int64, id: String) async throws -> StationAnswer {
        let reading = Reading(.importRegister, value: wattHours * 1_000)
        let report = TransactionReport(
            reference: .number(number), evse: 1, facts: [fact(.reading(reading), minute)])
        return try await door.receive(.transaction(report), in: frame("MeterValues", id))
    }

    @discardableResult
    func stop(
        _ number: Int64, wattHours: Int64, minute: Int64, id: String, token: String = "TAG1",
        telling again: (wattHours: Int64, minute: Int64)? = nil
    ) async throws -> StationAnswer {
        let repeated = again.map { again in
            fact(.reading(Reading(.importRegister, value: again.wattHours * 1_000)), again.minute)
        }
        let end = fact(.ended(register: Energy(wattHours: wattHours), reason: "Local"), minute)
        let report = TransactionReport(
            reference: .number(number), token: PresentedToken(uid: token),
            facts: [repeated, end].compactMap { $0 })
        return try await door.receive(.transaction(report), in: frame("StopTransaction", id))
    }

    /// A reading whose append was on its way while its session became final.
    func append(wattHours: Int64, minute: Int64, to session: SessionID) async throws {
        var row = FrameRecord(
            id: desk.ids.new(at: desk.clock.now), station: station, connection: desk.ids.new(at: begun),
            ocppVersion: "1.6", direction: "in", messageId: "late", action: "MeterValues", body: [],
            sha256: "", state: "interpreted", findings: [], session: session, receivedAt: desk.clock.now)
        var told = fact(.reading(Reading(.importRegister, value: wattHours * 1_000)), minute)
        told.order = desk.clock.now.nanoseconds
        row.facts = [told]
        try await desk.store.append([try Statement.insert(row)])
        running.mark(session, at: station)
    }

    func session() async throws -> SessionRecord {
        let all = try await desk.store.read { tx in try tx.all(SessionRecord.self) }
        try #require(all.count == 1)
        return all[0]
    }

    func facts() async throws -> [Fact] {
        let id = try await session().id
        return try await desk.store.read { tx in try tx.facts(of: id) }
    }

    func states() async throws -> [String] {
        try await desk.store.read { tx in try tx.all(FrameRecord.self) }.map(\.state)
    }
}

extension Fact {
    fileprivate var isReading: Bool { if case .reading = kind { true } else { false } }
}
