// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// What a person decides is a fact like any other: it answers the questions, whatever the order.
@Suite("Judgements about a session")
struct JudgementTests {
    /// 1000 to 6000 Wh with samples, and a second stop at 9000 Wh.
    private static func conflict(_ dialect: StationVisit.Dialect) -> StationVisit {
        var visit = StationVisit(dialect)
        visit.say(visit.begin(1000))
        visit.say(visit.sample(3000, at: 1))
        visit.say(visit.end(6000, at: 3))
        visit.say(visit.end(9000, at: 4, reason: "Other"))
        return visit
    }

    private static func folded(_ visit: StationVisit, _ judgement: Judgement) -> Session {
        let decided = Fact.judged(judgement, at: StationVisit.beginning + .hours(30))
        let session = Session(folding: visit.facts + [decided], under: StationVisit.rules)
        #expect(Session(folding: [decided] + visit.facts.reversed(), under: StationVisit.rules) == session)
        #expect(session.questions.isEmpty)
        #expect(session.usage().energy == session.energy)
        return session
    }

    @Test(
        "C33 of two different stops a person may take the first, the second or the last sample",
        arguments: StationVisit.Dialect.allCases)
    func stops(dialect: StationVisit.Dialect) {
        let visit = Self.conflict(dialect)
        #expect(visit.session.questions == [.stopConflict])
        #expect(Self.folded(visit, .stop(.first)).energy == Energy(wattHours: 5000))
        #expect(Self.folded(visit, .stop(.second)).energy == Energy(wattHours: 8000))
        #expect(Self.folded(visit, .stop(.lastSample)).energy == Energy(wattHours: 2000))
    }

    @Test("as measured, a given energy, or nothing: the fold says what is billed and keeps its flags")
    func energies() {
        let visit = Self.conflict(.ocpp16)
        #expect(Self.folded(visit, .asMeasured).energy == Energy(wattHours: 5000))
        let given = Self.folded(visit, .energy(Energy(wattHours: 4321)))
        #expect(given.energy == Energy(wattHours: 4321))
        #expect(given.endRegister.map { $0 - (given.startRegister ?? .zero) } == given.energy)
        #expect(Self.folded(visit, .waived).judgement == .waived)
        #expect(given.flags.contains(.stopConflict))
    }

    @Test("C35 a start register that a person read off makes the difference of an orphan's stop")
    func startRegister() {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.end(6000, at: 3))
        let session = Self.folded(visit, .startRegister(Energy(wattHours: 1500)))
        #expect(session.energy == Energy(wattHours: 4500))
    }

    @Test("times that a person knows: the same energy, spread over them, and nothing is idle")
    func times() {
        let visit = Self.conflict(.ocpp16)
        let from = StationVisit.beginning - .hours(5)
        let session = Self.folded(visit, .times(from: from, to: from + .hours(2)))
        #expect(session.energy == Energy(wattHours: 5000))
        #expect(session.startedAt == from && session.endedAt == from + .hours(2))
        #expect(session.flags.contains(.clockOffset) && !session.flags.contains(.noClock))
        let usage = session.usage()
        #expect(usage.duration == .hours(2) && usage.energy == Energy(wattHours: 5000))
        #expect(usage.intervals.allSatisfy { $0.state == .charging })
    }

    @Test("energy alone: no time is billed")
    func energyOnly() {
        let session = Self.folded(Self.conflict(.ocpp2), .energyOnly)
        #expect(session.usage().duration == .zero)
        #expect(session.usage().energy == Energy(wattHours: 5000))
    }

    @Test("the latest judgement stands, in any order")
    func latest() {
        let visit = Self.conflict(.ocpp16)
        let first = Fact.judged(.waived, at: StationVisit.beginning + .hours(30))
        let second = Fact.judged(.stop(.second), at: StationVisit.beginning + .hours(31))
        for order in [[first, second], [second, first]] {
            let session = Session(folding: order + visit.facts, under: StationVisit.rules)
            #expect(session.judgement == .stop(.second))
        }
    }
}

/// C70: sessions that nobody ends.
@Suite("Stuck sessions")
struct StuckTests {
    private static let heard = StationVisit.beginning
    private static func running() -> Session {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin(1000))
        visit.say(visit.sample(3000, at: 1))
        return visit.session
    }

    private func stuck(after time: Elapsed, _ surroundings: Session.Surroundings) -> Stuck? {
        Self.running().stuck(at: Self.heard + time, lastFactAt: Self.heard, surroundings)
    }

    @Test("C70 nothing heard: 12 hours online, 72 hours offline")
    func silent() {
        #expect(stuck(after: .hours(12) - .seconds(1), .init(isOnline: true)) == nil)
        #expect(stuck(after: .hours(12), .init(isOnline: true)) == .silent)
        #expect(stuck(after: .hours(72) - .seconds(1), .init(isOnline: false)) == nil)
        #expect(stuck(after: .hours(72), .init(isOnline: false)) == .silent)
    }

    @Test("C70 a boot and five minutes without a word of it")
    func rebooted() {
        let booted = Self.heard + .minutes(1)
        let place = Session.Surroundings(isOnline: true, bootedAt: booted)
        #expect(stuck(after: .minutes(6) - .seconds(1), place) == nil)
        #expect(stuck(after: .minutes(6), place) == .rebooted)
        #expect(stuck(after: .hours(1), .init(isOnline: true, bootedAt: Self.heard - .minutes(1))) == nil)
    }

    @Test("C66, C70 a free connector ends nothing at once, but after ten quiet minutes online")
    func vacated() {
        let free = Session.Surroundings(isOnline: true, freeSince: Self.heard + .minutes(2))
        #expect(stuck(after: .minutes(12) - .seconds(1), free) == nil)
        #expect(stuck(after: .minutes(12), free) == .vacated)
        #expect(stuck(after: .minutes(12), .init(isOnline: false, freeSince: Self.heard)) == nil)
    }

    @Test(
        "C32, C70 closed by us at the last thing that was told; what it proves is billed, marked as estimated"
    )
    func closed() {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin(1000))
        visit.say(visit.sample(3000, at: 1))
        visit.say(visit.message([.state(.suspendedByVehicle)], at: 2))
        let end = Fact.closedByServer(after: visit.facts, at: visit.at(200))
        let session = Session(folding: visit.facts + [end], under: StationVisit.rules)

        #expect(session.endedAt == visit.at(2))
        #expect(session.energy == Energy(wattHours: 2000))
        #expect(session.flags == [.closedByServer, .estimatedEnd])
        #expect(session.stuck(at: visit.at(999), lastFactAt: visit.at(2), .init(isOnline: true)) == nil)
    }

    @Test(
        "C41 a station that has nothing more to tell is not waited for; C42 a gap alone keeps nothing waiting"
    )
    func drained() {
        var visit = StationVisit(.ocpp2)
        visit.say(visit.begin(1000))
        visit.say(visit.message([.ended(register: nil, reason: "Local")], at: 3))
        let session = visit.session
        let at = StationVisit.beginning + .hours(3)
        func look(_ isDrained: Bool) -> Session.Finality {
            session.finality(
                at: at + .seconds(5), lastFactAt: at, isStationOnline: true, quiet: .init(),
                isDrained: isDrained)
        }
        #expect(!session.isComplete)
        #expect(look(false) == .notYet(at + .minutes(15)))
        #expect(look(true) == .final)

        // Events 1 to 4 never came: start and end are there, so nothing is missing.
        var gap = Story()
        gap.event(0, [.started(register: nil)], step: 0, [(1000, "Transaction.Begin")])
        gap.event(5, [.ended(register: nil, reason: "Local")], step: 4, [(2500, "Transaction.End")])
        #expect(gap.folded().isComplete)
        #expect(gap.folded().energy == Energy(wattHours: 1500))
    }

    @Test("C38 the numbers of events may start above 0 and run across transactions")
    func numbers() {
        var story = Story()
        story.event(4711, [.started(register: nil)], step: 0, [(1000, "Transaction.Begin")])
        story.event(4713, [.ended(register: nil, reason: "Local")], step: 4, [(2500, "Transaction.End")])
        #expect(story.folded().isComplete)
        #expect(story.folded().flags.isEmpty)
        #expect(story.folded().energy == Energy(wattHours: 1500))
    }

    @Test("C71 a power loss in between is billed by the meter, and a resumed session is the same one")
    func powerLoss() {
        var story = Story()
        story.event(0, [.started(register: nil), .state(.charging)], step: 0, [(1000, "Transaction.Begin")])
        story.event(1, [], step: 1, [(2000, "Sample.Periodic")])
        // TxResumed (E17): an Updated event of the same transaction, three hours later.
        story.event(2, [.state(.charging)], step: 36, [(2000, "Other")])
        story.event(
            3, [.ended(register: nil, reason: "EVDisconnected")], step: 40, [(3500, "Transaction.End")])
        #expect(story.folded().energy == Energy(wattHours: 2500))
        #expect(story.folded().flags.isEmpty)
    }
}

/// C22: by how much a clock is wrong.
@Suite("Clock offset")
struct ClockOffsetTests {
    private static let now = Instant(seconds: 1_800_000_000)

    private func learns(_ offset: inout ClockOffset, _ measuredAt: Instant, _ receivedAt: Instant) -> Bool {
        offset.learn(measuredAt: measuredAt, receivedAt: receivedAt)
    }

    @Test("C22 five of nine live messages must agree; a right clock is never written down")
    func median() {
        var offset = ClockOffset()
        #expect(!learns(&offset, Self.now, Self.now + .seconds(3)))
        for count in 1...5 {
            #expect(learns(&offset, Self.now - .hours(2), Self.now))
            #expect(offset.median == (count < 5 ? .zero : .hours(2)))
        }
        for _ in 0..<4 { #expect(learns(&offset, Self.now - .hours(2), Self.now)) }
        #expect(!learns(&offset, Self.now - .hours(2), Self.now + .seconds(30)))
    }

    @Test(
        "C22 a clock that was set right is right again after five messages; one late message changes nothing")
    func recovers() {
        var offset = ClockOffset()
        for _ in 0..<9 { _ = offset.learn(measuredAt: Self.now - .hours(2), receivedAt: Self.now) }
        for _ in 0..<5 { _ = offset.learn(measuredAt: Self.now, receivedAt: Self.now) }
        #expect(offset.median == .zero)
        _ = offset.learn(measuredAt: Self.now - .minutes(10), receivedAt: Self.now)
        #expect(offset.median == .zero)
    }

    @Test("C22 a clock of 1970 has no offset")
    func lost() {
        var offset = ClockOffset()
        for _ in 0..<9 { #expect(!learns(&offset, Instant(seconds: 180), Self.now)) }
        #expect(offset.median == .zero)
    }
}

@Suite("Texts of cards")
struct TokenTextTests {
    @Test("a UID is offered in reverse, with separators and without leading zeros, and nothing else")
    func aliases() {
        let texts = TokenText.aliases(of: "04a2b3c4")
        #expect(
            texts == [
                "04:A2:B3:C4", "04-A2-B3-C4", "4A2B3C4", "C4B3A204", "C4:B3:A2:04", "C4-B3-A2-04",
            ])
        #expect(TokenText.aliases(of: "C4:B3:A2:04").contains("04A2B3C4"))
        for none in ["TAG1", "", "04A2B3", "04A2B3C", "DE-ABC-C12345-X", "04A2B3C404A2B3C404A2B3"] {
            #expect(TokenText.aliases(of: none).isEmpty, "\(none)")
        }
    }
}
