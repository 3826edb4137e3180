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
    private let station: StationID
    private let begun = Instant(seconds: 1_800_000_000)

    init() async throws {
        desk = try await Desk.inMemory()
        let organisation = try await FoundInstallation(desk: desk)(
            operatorKey: "an operator key of this test"
        ).organisation
        _ = try await SeedDemonstration(desk: desk)(in: organisation)
        let running = RunningSessions()
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
        _ number: Int64, wattHours: Int64, minute: Int64, id: String, token: String = "TAG1"
    ) async throws -> StationAnswer {
        let end = fact(.ended(register: Energy(wattHours: wattHours), reason: "Local"), minute)
        let report = TransactionReport(
            reference: .number(number), token: PresentedToken(uid: token), facts: [end])
        return try await door.receive(.transaction(report), in: frame("StopTransaction", id))
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
