// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Testing

/// Identity, repetition, time and ends of sessions through the real verbs; the rules are those of charging.md §13.
@Suite("Sessions through the verbs", .timeLimit(.minutes(2)))
struct SessionVerbTests {
    private static let register = ChargingBench.register

    @Test("C29 transaction numbers are positive, per station, and never used again")
    func numbers() async throws {
        let bench = try await ChargingBench()
        let first = try await bench.visit()
        try await bench.pass()
        let second = try await bench.visit()
        let other = try await bench.start(station: bench.stations[1].id).number
        #expect([first, second, other] == [1, 2, 1])
    }

    @Test(
        "C30, F36 a start told again has the same number and the token's present status; C31 the same frame its answer"
    )
    func repeatedStart() async throws {
        let bench = try await ChargingBench()
        let at = bench.now
        let first = try await bench.start(at: at)
        bench.desk.clock.advance(by: .seconds(20))
        let again = try await bench.start(at: at)
        #expect(first.number == again.number)
        #expect(again.token?.status == .accepted)
        #expect(try await bench.sessions().count == 1)

        let token = try await bench.token(bench.card)
        try await bench.change(TokenRecord.self, token.id.text) { $0.status = .blocked }
        #expect(try await bench.start(at: at).token?.status == .blocked)
        let report = StationMessage.transaction(
            TransactionReport(
                reference: .number(first.number), evse: 1,
                facts: [
                    Fact(
                        .reading(Reading(.importRegister, value: 5_000_000_000)), measuredAt: at,
                        receivedAt: at)
                ]))
        let one = try await bench.send(report, id: "same")
        let two = try await bench.send(report, id: "same")
        #expect(one == two)
    }

    @Test(
        "C32 a new start on a busy connector closes the old session; its own stop wins while it is provisional"
    )
    func newStart() async throws {
        let bench = try await ChargingBench()
        let old = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.sample(old, Self.register + 1000)
        bench.desk.clock.advance(by: .minutes(10))
        let new = try await bench.start(nil, Self.register + 3000).number
        #expect(new != old)
        let closed = try await bench.session(old)
        #expect(closed.status == .ended)
        #expect(closed.folded.flags.contains(.closedByServer))
        #expect(closed.energy == Energy(wattHours: 1000))
        #expect(closed.endedAt == ChargingBench.beginning + .minutes(10))

        try await bench.stop(old, Self.register + 3000, at: ChargingBench.beginning + .minutes(19))
        let told = try await bench.session(old)
        #expect(told.energy == Energy(wattHours: 3000))
        #expect(!told.folded.flags.contains(.closedByServer))
        #expect(try await bench.session(new).status == .running)
    }

    @Test(
        "C36 a number that another station was given is unknown; C34 a stop of -1 or 0 is answered and kept")
    func strangers() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.visit()
        let other = bench.stations[1].id
        for stranger in [number, -1, 0] {
            let answer = try await bench.stop(stranger, Self.register + 9000, station: other)
            #expect(answer.number > 0)
        }
        #expect(try await bench.work("orphan_stop").count == 3)
        #expect(try await bench.session(number).folded.flags.isEmpty)
        // Told again under a new number it asks nothing new.
        try await bench.stop(-1, Self.register + 9000, station: other)
        #expect(try await bench.work("orphan_stop").count == 3)
    }

    @Test("C39 an end before its start is one session, billed to whoever began it")
    func endedFirst() async throws {
        let bench = try await ChargingBench()
        try await bench.connect(bench.station, version: "2.0.1")
        let visit = EventVisit(bench)
        try await bench.say(visit.ended(5000, seq: 2, token: "STRANGER"))
        #expect(try await bench.sessions().first?.bill == nil)
        try await bench.say(visit.sample(2500, seq: 1))
        try await bench.say(visit.started(seq: 0))
        try await bench.pass()

        let session = try #require(try await bench.sessions().first)
        #expect(try await bench.sessions().count == 1)
        #expect(session.status == .final)
        #expect(session.account == (try await bench.account().id))
        let bill = try #require(try await bench.bill(of: session))
        #expect(bill.totalMinor == 245)
        #expect(bill.status == "settled")
        try await bench.checkInvariants()
    }

    @Test("C43 the EVSE and the token may come in any event")
    func placeAndTokenLater() async throws {
        let bench = try await ChargingBench()
        try await bench.connect(bench.station, version: "2.0.1")
        let visit = EventVisit(bench)
        var started = visit.started(seq: 0)
        started.evse = nil
        started.token = nil
        started.facts.removeAll { if case .token = $0.kind { true } else { false } }
        try await bench.say(started)
        var updated = visit.sample(2500, seq: 1)
        updated.token = PresentedToken(uid: bench.card)
        updated.facts.insert(
            Fact(
                .token(PresentedToken(uid: bench.card)), measuredAt: visit.at(15), receivedAt: bench.now,
                sequence: 1),
            at: 0)
        try await bench.say(updated)
        #expect(try await bench.sessions().first?.bill == nil)
        var placed = visit.sample(3000, seq: 2)
        placed.evse = 1
        try await bench.say(placed)
        #expect(try await bench.sessions().first?.bill != nil)
        try await bench.say(visit.ended(5000, seq: 3))
        try await bench.pass()
        let session = try #require(try await bench.sessions().first)
        #expect(try await bench.bill(of: session)?.totalMinor == 245)
    }

    @Test("C41 a connected station is asked what is missing; its \"nothing more\" ends the wait")
    func transactionStatus() async throws {
        let bench = try await ChargingBench()
        try await bench.connect(bench.station, version: "2.0.1")
        let visit = EventVisit(bench)
        try await bench.say(visit.started(seq: 0))
        try await bench.say(visit.sample(2500, seq: 1))
        var ended = visit.ended(5000, seq: 2)
        ended.facts.removeAll { if case .reading = $0.kind { true } else { false } }
        try await bench.say(ended)
        try await bench.pass()
        var asked: ClaimedCommand?
        while let command = try await bench.door.claimCommands(for: [bench.station]).first {
            if case .transactionStatus = command.command { asked = command }
            try await bench.door.recordReply(
                asked == command ? .refused(reason: "NotOngoing") : .accepted, to: command)
        }
        #expect(asked != nil)
        #expect(try await bench.sessions().first?.status == .ended)
        try await bench.pass(.seconds(1))
        let session = try #require(try await bench.sessions().first)
        #expect(session.status == .final)
        #expect(session.folded.flags == [.estimatedEnd])
        #expect(session.energy == Energy(wattHours: 2500))
    }

    @Test(
        "an incomplete session waits 15 minutes online and 24 hours offline, as configured",
        arguments: [true, false])
    func waiting(isOnline: Bool) async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(20))
        try await bench.sample(number, Self.register + 1000)
        try await bench.say(
            TransactionReport(
                reference: .number(number),
                facts: [
                    Fact(.ended(register: nil, reason: "Local"), measuredAt: bench.now, receivedAt: bench.now)
                ]))
        if !isOnline {
            try await bench.door.disconnected(
                bench.station, connection: bench.desk.ids.new(at: bench.now), lastSeenAt: bench.now)
        }
        try await bench.pass(isOnline ? .minutes(14) : .hours(23))
        #expect(try await bench.session(number).status == .ended)
        try await bench.pass(.hours(1))
        #expect(try await bench.session(number).status == .final)
    }

    @Test("C61 samples without a number go to the session of that time; C60 others are nobody's")
    func withoutNumber() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(30))
        func readings(_ wattHours: Int64, evse: Int, at instant: Instant) async throws {
            let reading = Reading(.importRegister, value: wattHours * 1000, context: "Sample.Clock")
            try await bench.send(
                .readings(
                    evse: evse, facts: [Fact(.reading(reading), measuredAt: instant, receivedAt: bench.now)]))
        }
        try await readings(Self.register + 900, evse: 1, at: bench.now)
        try await readings(Self.register + 90_000_000, evse: 0, at: bench.now)
        try await readings(Self.register + 5, evse: 1, at: ChargingBench.beginning - .hours(1))
        #expect(try await bench.session(number).energy == Energy(wattHours: 900))
    }

    @Test(
        "C70, F37 a stuck session is closed by us, marked and billed by what was proved; asked for a stop without energy"
    )
    func stuck() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.sample(number, Self.register + 2000)
        try await bench.pass(.hours(12) - .seconds(1))
        #expect(try await bench.session(number).status == .running)
        try await bench.pass(.seconds(1))
        #expect(try await bench.session(number).status == .ended)
        try await bench.pass(.minutes(15))
        let session = try await bench.session(number)
        #expect(session.status == .final)
        #expect(session.folded.flags == [.closedByServer, .estimatedEnd])
        #expect(try await bench.bill(of: session)?.totalMinor == 98)
        try await bench.checkInvariants()

        let idle = try await bench.start(nil, Self.register + 2000).number
        try await bench.pass(.minutes(14))
        #expect(try await bench.session(idle).stopAskedAt == nil)
        try await bench.pass(.minutes(1))
        #expect(try await bench.session(idle).stopAskedAt != nil)
    }

    @Test("C22 a clock that is steadily two hours behind is corrected, and shown")
    func clockOffset() async throws {
        let bench = try await ChargingBench()
        for minute in 0..<9 {
            bench.desk.clock.advance(by: .minutes(1))
            try await bench.send(
                .status(
                    StatusReport(
                        evse: 1, connector: 1, status: .available, wireStatus: "Available",
                        measuredAt: bench.now - .hours(2))), id: "s\(minute)")
        }
        let at = bench.now
        let number = try await bench.start(at: at - .hours(2)).number
        bench.desk.clock.advance(by: .minutes(30))
        try await bench.stop(number, Self.register + 3000, at: bench.now - .hours(2))
        let session = try await bench.session(number)
        #expect(session.startedAt == at)
        #expect(session.endedAt == at + .minutes(30))
        #expect(session.folded.flags == [.clockOffset])
    }

    @Test(
        "C74 without a price a paid start is refused, and what flows nevertheless is a question, never silently 0"
    )
    func noTariff() async throws {
        let bench = try await ChargingBench()
        let site = try #require(
            try await bench.desk.store.read { tx in
                try tx.page(of: SiteRecord.self, for: bench.organisation).rows.first {
                    $0.defaultTariff != nil
                }
            })
        try await bench.change(SiteRecord.self, site.id.text) { $0.defaultTariff = nil }
        let answer = try await bench.start()
        #expect(answer.token?.status == .blocked)
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.stop(answer.number, Self.register + 4000)
        try await bench.pass()
        #expect(try await bench.session(answer.number).status == .inReview)
        #expect(try await bench.work("unpaid_energy").count == 1)
    }

    @Test("C84 an accepted stop is no stop: money is taken when the station's own stop has come")
    func acceptedStop() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.sample(number, Self.register + 2000)
        let session = try await bench.session(number)
        #expect(try await RequestRemoteStop(desk: bench.desk)(session.id) == .asked)
        for command in try await bench.door.claimCommands(for: [bench.station]) {
            try await bench.door.recordReply(.accepted, to: command)
        }
        try await bench.pass(.seconds(8))
        #expect(try await bench.session(number).status == .running)
        #expect(try await bench.wallet().posted == 200_00)
        try await bench.stop(number, Self.register + 2500)
        try await bench.pass()
        #expect(try await bench.wallet().posted == 200_00 - 123)
    }

    @Test(
        "PC-2 a signed record that was not kept leaves the bill to a person; the readings are as good as ever"
    )
    func withheld() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        bench.desk.clock.advance(by: .minutes(20))
        let record = String(repeating: "ab", count: 32)
        let reading = Reading(.importRegister, value: (Self.register + 1000) * 1000)
        try await bench.send(
            .transaction(
                TransactionReport(
                    reference: .number(number), evse: 1,
                    facts: [
                        Fact(.reading(reading), measuredAt: bench.now, receivedAt: bench.now),
                        Fact(.withheld(record: record), measuredAt: nil, receivedAt: bench.now),
                    ])), action: "MeterValues", body: "{}")
        bench.desk.clock.advance(by: .minutes(20))
        try await bench.stop(number, Self.register + 2500)
        try await bench.pass()
        let session = try await bench.session(number)
        #expect(session.status == .inReview)
        #expect(session.energy == Energy(wattHours: 2500))
        #expect(try await bench.work("card_in_record").count == 1)
        #expect(try await bench.wallet().posted == 200_00, "nothing is taken before somebody looked")

        _ = try await ReviewSession(desk: bench.desk)(
            session.id, .init(.billAsMeasured, because: "read off the meter"), by: bench.author)
        try await bench.pass()
        #expect(try await bench.wallet().posted == 200_00 - 123)
        #expect(try await bench.work("card_in_record").isEmpty)
    }

    @Test("C63 signed meter data is kept byte by byte with the session")
    func signed() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        let body = """
            [2,"m","MeterValues",{"connectorId":1,"meterValue":[{"sampledValue":[{"format":"SignedData","value":\
            "OCMF|{\\"FV\\":\\"1.0\\",\\"RD\\":[{\\"TM\\":\\"2027-01-15T09:00:00,000+0000 S\\",\\"RV\\":1.5}]}|{\\"SD\\":\
            \\"304402207A\\"}"}],"timestamp":"2027-01-15T08:00:00Z"}],"transactionId":\(number)}]
            """
        let reading = Reading(.importRegister, value: (Self.register + 10) * 1000)
        try await bench.send(
            .transaction(
                TransactionReport(
                    reference: .number(number), evse: 1,
                    facts: [Fact(.reading(reading), measuredAt: bench.now, receivedAt: bench.now)])),
            action: "MeterValues", body: body)
        let session = try await bench.session(number)
        #expect(session.signedFrames == 1)
        let frames = try await bench.desk.store.read { tx in try tx.frames(of: session.id, limit: 10) }
        #expect(frames.contains { $0.body == Array(body.utf8) })
    }
}

/// One transaction of 2.x at the bench's first station, an hour long.
struct EventVisit {
    let bench: ChargingBench
    let name = "TX-1"
    let begin: Instant

    init(_ bench: ChargingBench) {
        self.bench = bench
        begin = bench.now - .hours(1)
    }

    func at(_ minute: Int64) -> Instant { begin + .minutes(minute) }

    func started(seq: Int64) -> TransactionReport {
        report(
            [
                .started(register: nil), .token(PresentedToken(uid: bench.card)),
                reading(0, "Transaction.Begin"),
            ], at: 0,
            seq, evse: 1, token: bench.card)
    }

    func sample(_ delivered: Int64, seq: Int64) -> TransactionReport {
        report([reading(delivered, "Sample.Periodic")], at: 15 * seq, seq)
    }

    func ended(_ delivered: Int64, seq: Int64, token: String? = nil) -> TransactionReport {
        report(
            (token.map { [.token(PresentedToken(uid: $0))] } ?? [])
                + [reading(delivered, "Transaction.End"), .ended(register: nil, reason: "Local")], at: 60,
            seq,
            token: token)
    }

    private func reading(_ delivered: Int64, _ context: String) -> Fact.Kind {
        .reading(
            Reading(.importRegister, value: (ChargingBench.register + delivered) * 1000, context: context))
    }

    private func report(
        _ kinds: [Fact.Kind], at minute: Int64, _ seq: Int64, evse: Int? = nil, token: String? = nil
    ) -> TransactionReport {
        TransactionReport(
            reference: .named(name), evse: evse, token: token.map { PresentedToken(uid: $0) },
            facts: kinds.map { Fact($0, measuredAt: at(minute), receivedAt: bench.now, sequence: seq) })
    }
}
