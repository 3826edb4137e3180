// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// The scenarios of `Tests/Peers/charger/misbehaving.py` as facts, each with its truth: what the registers
/// prove, and whether a person must look.
@Suite("Stations that misbehave")
struct MisbehavingStationTests {
    static let register = StationVisit.register

    /// Compares a fold with the truth, and its usage with the fold.
    func expect(
        _ visit: StationVisit, wattHours: Int64, review: Bool = false, _ flags: Set<SessionFlag> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let session = visit.session
        #expect(session.energy == Energy(wattHours: wattHours), sourceLocation: sourceLocation)
        #expect(session.flags == flags, sourceLocation: sourceLocation)
        #expect(session.needsReview == review, sourceLocation: sourceLocation)
        #expect(session.usage().energy == session.energy, sourceLocation: sourceLocation)
        #expect(session.isComplete, sourceLocation: sourceLocation)
    }

    @Test(
        "C30, C33 lost-reply-resend: start and stop told twice count once",
        arguments: StationVisit.Dialect.allCases)
    func lostReplyResend(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        let begin = visit.begin()
        visit.say(begin)
        visit.say(begin)
        visit.say(visit.sample(Self.register + 2000, at: 1))
        visit.say(visit.sample(Self.register + 4000, at: 2))
        let end = visit.end(Self.register + 5000, at: 3)
        visit.say(end)
        visit.say(end)

        expect(visit, wattHours: 5000)
    }

    @Test(
        "C33, C37 duplicate-stop: the first stop wins, a different one is a conflict",
        arguments: StationVisit.Dialect.allCases)
    func duplicateStop(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        let end = visit.end(Self.register + 5000, at: 3)
        visit.say(end)
        visit.say(end)
        expect(visit, wattHours: 5000)

        visit.say(visit.end(Self.register + 9000, at: 4, reason: "Other"))
        expect(visit, wattHours: 5000, review: true, [.stopConflict])
        #expect(visit.session.endedAt == visit.at(3))
        #expect(visit.session.stopReason == "Local")
    }

    @Test(
        "C33, C37 a different stop of the same second is a conflict, too",
        arguments: StationVisit.Dialect.allCases)
    func duplicateStopAtOnce(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        visit.say(visit.end(Self.register + 5000, at: 3))
        visit.say(visit.end(Self.register + 9000, at: 3))

        expect(visit, wattHours: 5000, review: true, [.stopConflict])
    }

    @Test(
        "C47 late-stop-after-offline: a queue of old messages is billed by its own times",
        arguments: StationVisit.Dialect.allCases)
    func lateStop(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        for step in Int64(1)..<10 { visit.say(visit.sample(Self.register + 500 * step, at: step)) }
        visit.say(visit.end(Self.register + 5000, at: 10))

        expect(visit, wattHours: 5000)
        #expect(visit.session.startedAt == visit.at(0))
        #expect(visit.session.endedAt == visit.at(10))
    }

    @Test(
        "C39, C40, C55, F39 out-of-order-meter: shuffled samples never lower the total",
        arguments: StationVisit.Dialect.allCases)
    func outOfOrder(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        let samples = (Int64(1)...4).map { visit.sample(Self.register + 1000 * $0, at: $0) }
        let end = visit.end(Self.register + 5000, at: 5)
        var total = Energy.zero
        for message in [samples[2], samples[0], samples[3], end, samples[1]] {
            visit.say(message)
            #expect(visit.session.energy >= total)
            total = visit.session.energy
        }

        expect(visit, wattHours: 5000)
    }

    @Test(
        "C56, F38 register-reset: what rises before and after is billed, the gap is not",
        arguments: StationVisit.Dialect.allCases)
    func registerReset(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        for (step, value) in zip(Int64(1)..., [Self.register + 1000, Self.register + 2000, 500, 1500]) {
            visit.say(visit.sample(value, at: step))
        }
        visit.say(visit.end(3000, at: 5))

        expect(visit, wattHours: 4500, review: true, [.registerReset])
    }

    @Test(
        "C56, F38 rollover: a nine-digit register goes on at zero", arguments: StationVisit.Dialect.allCases)
    func rollover(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin(999_998_000))
        for (step, value) in zip(Int64(1)..., [Int64(999_999_000), 0, 1500]) {
            visit.say(visit.sample(value, at: step))
        }
        visit.say(visit.end(3000, at: 4))

        expect(visit, wattHours: 5000, [.rollover])
    }

    @Test(
        "C49, C58, F39 missing-begin: the first sample is the start; two scales are reviewed",
        arguments: StationVisit.Dialect.allCases)
    func missingBegin(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin(nil))
        visit.say(visit.sample(Self.register, at: 1))
        visit.say(visit.sample(Self.register + 2500, at: 2))
        visit.say(visit.end(Self.register + 5000, at: 3))

        let isTwoScales = dialect == .ocpp16
        expect(visit, wattHours: 5000, review: isTwoScales, isTwoScales ? [.twoScales] : [])
        #expect(visit.session.startRegister == Energy(wattHours: Self.register))
    }

    @Test(
        "C51, F39 kwh-unit-mix: registers are mWh whatever the unit was; a part of a Wh is no fall",
        arguments: StationVisit.Dialect.allCases)
    func unitMix(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        // 4813.3454 kWh and 4815.3456 kWh have more digits than Wh.
        for (step, value) in zip(Int64(1)..., [Int64(4_813_345_400), 4_814_345_000, 4_817_345_600]) {
            visit.say(visit.message([.reading(Reading(.importRegister, value: value))], at: step))
        }
        visit.say(visit.end(Self.register + 5000, at: 4))

        #expect(visit.session.energy == Energy(milliwattHours: 5_000_600))
        #expect(visit.session.flags.isEmpty)
        #expect(visit.session.usage().energy == visit.session.energy)
    }

    @Test("C51 kwh-unit-mix as the peer plays it", arguments: StationVisit.Dialect.allCases)
    func unitMixOfPeer(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        for (step, value) in zip(Int64(1)..., [Int64(4_813_345), 4_814_345, 4_815_345]) {
            visit.say(visit.sample(value, at: step))
        }
        visit.say(visit.end(Self.register + 5000, at: 4))

        expect(visit, wattHours: 5000)
    }

    @Test(
        "F40 clock-1970: energy is right, times are ours and flagged",
        arguments: StationVisit.Dialect.allCases)
    func clock1970(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.beginsAt = Instant(seconds: 180)
        visit.say(visit.begin())
        visit.say(visit.sample(Self.register + 2500, at: 1))
        visit.say(visit.end(Self.register + 5000, at: 2))

        expect(visit, wattHours: 5000, [.noClock])
        #expect(visit.session.startedAt == visit.facts.first?.receivedAt)
        #expect(visit.session.endedAt == visit.facts.last?.receivedAt)
    }

    @Test(
        "C66 status-before-stop: a connector that is free again ends nothing",
        arguments: StationVisit.Dialect.allCases)
    func statusBeforeStop(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        // A status is no event of the transaction and has no number in it.
        var free = visit.message([.state(.idle)], at: 4)
        free[0].sequence = nil
        visit.say(free)
        #expect(visit.session.endedAt == nil)
        visit.say(visit.sample(Self.register + 2500, at: 1))
        visit.say(visit.end(Self.register + 5000, at: 3))

        expect(visit, wattHours: 5000)
        #expect(visit.session.endedAt == visit.at(3))
    }

    @Test(
        "C62 meter-after-stop: samples after the stop are evidence, not energy",
        arguments: StationVisit.Dialect.allCases)
    func meterAfterStop(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        visit.say(visit.end(Self.register + 5000, at: 3))
        visit.say(visit.sample(Self.register + 5000, at: 3, "Transaction.End"))
        visit.say(visit.sample(Self.register + 5010, at: 4))
        visit.say(visit.message([.state(.idle)], at: 4))

        expect(visit, wattHours: 5000)
    }

    @Test("F41 zero-energy: forty minutes without one watt-hour", arguments: StationVisit.Dialect.allCases)
    func zeroEnergy(dialect: StationVisit.Dialect) {
        var visit = StationVisit(dialect)
        visit.say(visit.begin())
        for step in Int64(1)...7 { visit.say(visit.sample(Self.register, at: step)) }
        visit.say(visit.end(Self.register, at: 8))

        expect(visit, wattHours: 0)
        #expect(visit.session.usage().duration == .minutes(40))
    }

    @Test(
        "C35 stop-without-start: an Ended with both registers proves its energy; a 1.6 stop alone proves none"
    )
    func stopWithoutStart() {
        var second = StationVisit(.ocpp2)
        second.say(
            second.message(
                [
                    .reading(
                        Reading(.importRegister, value: Self.register * 1000, context: "Transaction.Begin"))
                ],
                at: 0))
        second.say(second.end(Self.register + 5000, at: 6, reason: "PowerLoss"))
        #expect(second.session.energy == Energy(wattHours: 5000))
        #expect(!second.session.isComplete)

        var first = StationVisit(.ocpp16)
        first.say(first.end(Self.register + 5000, at: 6, reason: "PowerLoss"))
        #expect(first.session.energy == .zero)
        #expect(first.session.startRegister == nil)
        #expect(!first.session.isComplete)
    }
}
