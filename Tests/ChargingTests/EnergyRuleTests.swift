// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// The rules of charging.md §6 one by one, where no scenario of a whole visit covers them.
@Suite("Energy from registers")
struct EnergyRuleTests {
    static let register = StationVisit.register

    /// A 1.6 visit with samples at the steps 1, 2, … and a stop at the step after them.
    func visit(start: Int64, samples: [Int64], stop: Int64? = nil) -> StationVisit {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin(start))
        for (step, value) in zip(Int64(1)..., samples) { visit.say(visit.sample(value, at: step)) }
        if let stop { visit.say(visit.end(stop, at: Int64(samples.count) + 1)) }
        return visit
    }

    @Test("C48 the register difference is billed, not the sum of deltas")
    func difference() {
        let session = visit(start: 100, samples: [1100, 1100, 2100], stop: 5100).session
        #expect(session.energy == Energy(wattHours: 5000))
        #expect(session.startRegister == Energy(wattHours: 100))
        #expect(session.endRegister == Energy(wattHours: 5100))
    }

    @Test("C49 Transaction.Begin is the start register of 2.x although an older sample is known")
    func beginReading() {
        var visit = StationVisit(.ocpp2)
        visit.say(visit.sample(900, at: -1, "Sample.Clock"))
        visit.say(visit.begin(1000))
        visit.say(visit.end(3000, at: 2))
        #expect(visit.session.startRegister == Energy(wattHours: 1000))
        #expect(visit.session.energy == Energy(wattHours: 2000))
    }

    @Test(
        "C50 only registers at the outlet without a phase count; three phases count where there is no total")
    func oneMeasurand() {
        func phases(_ value: Int64, with total: Int64?) -> [Fact.Kind] {
            let parts = ["L1", "L2", "L3"].map {
                Fact.Kind.reading(Reading(.importRegister, value: value * 1000, phase: $0))
            }
            return parts + (total.map { [.reading(Reading(.importRegister, value: $0 * 1000))] } ?? [])
        }
        var summed = StationVisit(.ocpp2)
        summed.say(summed.begin(nil))
        summed.say(summed.message(phases(1000, with: nil), at: 0))
        summed.say(summed.message(phases(1500, with: nil), at: 1))
        summed.say(summed.message([.reading(Reading(.importRegister, value: 9_000_000, phase: "L1"))], at: 2))
        #expect(summed.session.energy == Energy(wattHours: 1500))

        var total = StationVisit(.ocpp2)
        total.say(total.begin(nil))
        total.say(total.message(phases(1000, with: 3000), at: 0))
        total.say(total.message(phases(2000, with: 3600), at: 1))
        let cable = Reading(.importRegister, value: 99_000_000, location: "Cable")
        total.say(total.message([.reading(cable)], at: 2))
        #expect(total.session.energy == Energy(wattHours: 600))
    }

    @Test("C50 a phase told twice in one moment counts once")
    func phaseTwice() {
        var visit = StationVisit(.ocpp2)
        visit.say(visit.begin(nil))
        for (step, value) in [(Int64(0), Int64(1000)), (1, 2000)] {
            for context in ["Sample.Periodic", "Sample.Clock"] {
                let parts = ["L1", "L2", "L3"].map {
                    Fact.Kind.reading(
                        Reading(.importRegister, value: value * 1000, context: context, phase: $0))
                }
                visit.say(visit.message(parts, at: step))
            }
        }
        #expect(visit.session.energy == Energy(wattHours: 3000))
    }

    @Test(
        "C52, C53 intervals, export and power are never energy",
        arguments: Measurand.allCases.filter { $0 != .importRegister })
    func otherMeasurands(measurand: Measurand) {
        var visit = visit(start: 1000, samples: [2000])
        visit.say(visit.message([.reading(Reading(measurand, value: 7_000_000))], at: 2))
        #expect(visit.session.energy == Energy(wattHours: 1000))
    }

    @Test("C54 a register that no meter can show costs that sample only", arguments: [-1, .min, .max])
    func impossible(value: Int64) {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin(1000))
        visit.say(visit.message([.reading(Reading(.importRegister, value: value))], at: 1))
        visit.say(visit.sample(2000, at: 2))
        visit.say(visit.end(3000, at: 3))
        #expect(visit.session.energy == Energy(wattHours: 2000))
        #expect(visit.session.flags.isEmpty)
    }

    @Test("C55 a later but smaller sample never lowers the running total")
    func smaller() {
        #expect(visit(start: 0, samples: [1000, 2000]).session.energy == Energy(wattHours: 2000))
        #expect(visit(start: 0, samples: [1000, 2000, 1990]).session.energy == Energy(wattHours: 2000))
        #expect(visit(start: 0, samples: [1000, 2000, 1990, 2500]).session.energy == Energy(wattHours: 2500))
    }

    @Test(
        "C56 one sample out of line is ignored, too low and too high",
        arguments: [[1000, 0, 2000], [1000, 900_000_000, 2000]])
    func glitch(samples: [Int64]) {
        let session = visit(start: 500, samples: samples, stop: 3000).session
        #expect(session.energy == Energy(wattHours: 2500))
        #expect(session.flags.isEmpty)
    }

    @Test("C56 a lost digit near a rollover is a glitch, no rollover")
    func glitchNearRollover() {
        let session = visit(start: 999_990_000, samples: [999_991_000, 0, 999_992_000], stop: 999_993_000)
            .session
        #expect(session.energy == Energy(wattHours: 3000))
        #expect(session.flags.isEmpty)
    }

    @Test("C56 a fall that nobody can explain is a fault and needs a person")
    func fault() {
        let session = visit(start: 10_000, samples: [13_000, 12_000, 12_500], stop: 12_700).session
        #expect(session.flags.contains(.registerFault))
        #expect(session.needsReview)
        #expect(session.energy == Energy(wattHours: 3000))
    }

    @Test(
        "C56 meters roll over at powers of ten and two",
        arguments: [
            1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 2_147_483_648, 4_294_967_296,
        ])
    func rollovers(size: Int64) {
        let session = visit(start: size - 1000, samples: [], stop: 500).session
        #expect(session.energy == Energy(wattHours: 1500))
        #expect(session.flags == [.rollover])
    }

    @Test(
        "C57, F38 a bad stop register gives the last proven sample, flagged and never negative",
        arguments: [-1, 0, 400])
    func badStop(stop: Int64) {
        let proven = visit(start: 500, samples: [1000, 2000], stop: stop).session
        #expect(proven.energy == Energy(wattHours: 1500))
        #expect(proven.flags == [.badStopRegister])

        let unproven = visit(start: 500, samples: [], stop: stop).session
        #expect(unproven.energy == .zero)
        #expect(unproven.flags == [.badStopRegister])
    }

    @Test("C58 a start register of 0 before absolute samples is another scale, with a clock and without")
    func twoScales() {
        let session = visit(start: 0, samples: [4_812_345, 4_813_345], stop: 4_814_345).session
        #expect(session.energy == Energy(wattHours: 2000))
        #expect(session.flags == [.twoScales])

        var clockless = StationVisit(.ocpp16)
        clockless.beginsAt = .epoch
        clockless.say(clockless.begin(0))
        clockless.say(clockless.sample(4_812_345, at: 1))
        clockless.say(clockless.end(4_814_345, at: 2))
        #expect(clockless.session.energy == Energy(wattHours: 2000))
        #expect(clockless.session.flags == [.twoScales, .noClock])
    }

    @Test("C58 a new meter that begins at 0 is no second scale")
    func newMeter() {
        let session = visit(start: 0, samples: [3000], stop: 6000).session
        #expect(session.energy == Energy(wattHours: 6000))
        #expect(session.flags.isEmpty)
    }

    @Test("C59 power × time bounds energy: 50 kW give at most 27.7 kWh and 0.2 in half an hour")
    func plausible() {
        var fits = StationVisit(.ocpp16)
        fits.say(fits.begin())
        fits.say(fits.end(Self.register + 27_700, at: 6))
        #expect(fits.session.flags.isEmpty)

        var wild = StationVisit(.ocpp16)
        wild.say(wild.begin())
        wild.say(wild.end(Self.register + 27_701, at: 6))
        #expect(wild.session.flags == [.implausibleEnergy])
        #expect(wild.session.needsReview)
    }

    @Test("C59 without a clock a session is taken for a day at most")
    func plausibleWithoutClock() {
        var wild = StationVisit(.ocpp16)
        wild.beginsAt = .epoch
        wild.say(wild.begin())
        wild.say(wild.end(Self.register + 1_400_000, at: 6))
        #expect(wild.session.flags == [.noClock, .implausibleEnergy])
    }

    @Test(
        "C62, C64 the end reading may be measured after the event that tells it; what is told elsewhere is evidence"
    )
    func lateEndReading() {
        for (isSameEvent, energy) in [(true, Int64(5000)), (false, 0)] {
            var visit = StationVisit(.ocpp2)
            visit.say(visit.begin())
            var end = visit.end(Self.register + 5000, at: 3)
            end[0].measuredAt = visit.at(3) + .seconds(30)
            if !isSameEvent { end[0].sequence = 17 }
            visit.say(end)
            #expect(visit.session.energy == Energy(wattHours: energy))
        }
    }

    @Test("C62, C64 without event numbers an end reading counts up to a minute after the stop")
    func lateEndReadingWithoutNumber() {
        for (lag, energy) in [(Elapsed.seconds(60), Int64(5000)), (.seconds(61), 0)] {
            var visit = StationVisit(.ocpp16)
            visit.say(visit.begin())
            visit.say(visit.message([.ended(register: nil, reason: "Local")], at: 3))
            var end = visit.sample(Self.register + 5000, at: 3, "Transaction.End")
            end[0].measuredAt = visit.at(3) + lag
            visit.say(end)
            #expect(visit.session.energy == Energy(wattHours: energy))
        }
    }

    @Test(
        "C70 closed by us: the last sample ends it, marked estimated, and the station's own stop wins later")
    func closedByServer() {
        var visit = visit(start: 1000, samples: [2000, 3000])
        let close = Fact(
            .ended(register: nil, reason: "closed_by_server"), measuredAt: nil,
            receivedAt: StationVisit.beginning)
        visit.say([close])
        #expect(visit.session.flags == [.closedByServer, .estimatedEnd])
        #expect(visit.session.energy == Energy(wattHours: 2000))
        #expect(!visit.session.isComplete)
        #expect(!visit.session.needsReview)

        visit.say(visit.end(4000, at: 3))
        #expect(visit.session.flags.isEmpty)
        #expect(visit.session.energy == Energy(wattHours: 3000))
        #expect(visit.session.isComplete)
    }

    @Test("a session that nobody told anything about is empty")
    func nothing() {
        let session = Session(folding: [], under: StationVisit.rules)
        #expect(session.energy == .zero)
        #expect(session.startedAt == nil)
        #expect(session.usage().intervals.isEmpty)
    }
}

/// When an ended session may be billed (charging.md §5).
@Suite("When a session is final")
struct FinalityTests {
    let end = StationVisit.beginning

    func finality(_ visit: StationVisit, after pause: Elapsed, online: Bool = true) -> Session.Finality {
        visit.session.finality(
            at: end + pause, lastFactAt: end, isStationOnline: online, quiet: Session.Quiet())
    }

    @Test("complete and quiet for 5 s")
    func complete() {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin())
        visit.say(visit.end(StationVisit.register + 1000, at: 2))
        #expect(finality(visit, after: .milliseconds(4999)) == .notYet(end + .seconds(5)))
        #expect(finality(visit, after: .seconds(5)) == .final)
    }

    @Test("C41 incomplete: 15 min online, 24 h offline")
    func incomplete() {
        var visit = StationVisit(.ocpp2)
        visit.say(visit.begin())
        visit.say(visit.message([.ended(register: nil, reason: "Local")], at: 2))
        #expect(visit.session.flags == [.estimatedEnd])
        #expect(finality(visit, after: .minutes(14)) == .notYet(end + .minutes(15)))
        #expect(finality(visit, after: .minutes(15)) == .final)
        #expect(finality(visit, after: .hours(23), online: false) == .notYet(end + .hours(24)))
        #expect(finality(visit, after: .hours(24), online: false) == .final)
    }

    @Test("a flag that needs a person makes it a review, sorted for stable lists")
    func review() {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin())
        visit.say(visit.end(0, at: 2))
        visit.say(visit.end(StationVisit.register + 9000, at: 3))
        #expect(finality(visit, after: .hours(1)) == .review([.badStopRegister, .stopConflict]))
    }
}
