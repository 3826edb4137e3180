// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// Rules C48 to C62: what the registers prove.
@Suite("Registers and proven energy")
struct RegisterTests {
    private static let register = Story.register

    @Test("C50: only the import register at the outlet counts")
    func oneMeasurand() {
        var story = Story()
        story.start(1000)
        story.samples(2000)
        story.tell(.reading(Reading(.importRegister, value: 9_000_000, location: "Inlet")), at: Story.at(1))
        story.tell(.reading(Reading(.exportRegister, value: 9_000_000)), at: Story.at(1))
        story.tell(
            .reading(Reading(.importRegister, value: 700_000, phase: "L1")), at: Story.at(1))

        #expect(story.folded().energy == Energy(wattHours: 1000))
    }

    @Test("C50: where an operator says so, the register at the inlet counts")
    func otherLocation() {
        var story = Story()
        story.start(1000)
        story.samples(2000)
        story.tell(.reading(Reading(.importRegister, value: 2_500_000, location: "Inlet")), at: Story.at(1))
        var rules = Story.rules
        rules.meter.location = .inlet

        #expect(story.folded(rules).energy == Energy(wattHours: 1500))
    }

    @Test("C50: without a total the three phases of one time are added, and two of them are nothing")
    func phases() {
        var story = Story()
        story.event(0, [.started(register: nil)], step: 0)
        for (step, value) in [(Int64(0), Int64(100_000)), (1, 300_000), (2, 500_000)] {
            for phase in step == 2 ? ["L1", "L2", "N"] : ["L1-N", "L2-N", "L3-N"] {
                story.tell(
                    .reading(Reading(.importRegister, value: value, phase: phase)), at: Story.at(step))
            }
        }

        #expect(story.folded().energy == Energy(wattHours: 600))
    }

    @Test("C50: energy that the rules cannot read is a question, never a gift that nobody notices")
    func unreadable() {
        let places = [
            Reading(.importRegister, value: 9_000_000, location: "Inlet"),
            Reading(.importRegister, value: 9_000_000, phase: "L1"),
        ]
        for reading in places {
            var story = Story()
            story.event(0, [.started(register: nil)], step: 0)
            story.tell(.reading(reading), at: Story.at(1), sequence: 1)
            #expect(story.folded().flags.isEmpty)
            story.event(2, [.ended(register: nil, reason: "Local")], step: 2)

            #expect(story.folded().questions == [.noUsableRegister])
            #expect(story.folded().energy == .zero)
        }
    }

    @Test("C49: a register that only the end tells is no start: nothing can be counted from it")
    func onlyTheEnd() {
        var story = Story()
        story.event(0, [.started(register: nil)], step: 0)
        story.event(1, [.ended(register: nil, reason: "Local")], step: 2, [(9000, "Transaction.End")])

        #expect(story.folded().questions == [.noStartRegister])
        #expect(!story.folded().isComplete)
    }

    @Test(
        "a stop without a register and without any sample is a question; a visit that never charged is none")
    func nothingTold() {
        var lost = Story()
        lost.start(1000)
        lost.stop(nil, step: 2)
        #expect(lost.folded().questions == [.noUsableRegister])

        var charged = Story()
        charged.event(0, [.started(register: nil), .state(.charging)], step: 0)
        charged.event(1, [.ended(register: nil, reason: "EVDisconnected")], step: 2)
        #expect(charged.folded().questions == [.noUsableRegister])

        // Registers of another place that stand still, and an end without a start where nobody plugged in.
        var still = Story()
        still.event(0, [.started(register: nil)], step: 0)
        for step in Int64(0)...1 {
            still.tell(
                .reading(Reading(.importRegister, value: 9_000_000, location: "Inlet")), at: Story.at(step))
        }
        still.event(1, [.ended(register: nil, reason: "Local")], step: 2)
        #expect(still.folded().questions.isEmpty)
        var left = Story()
        left.event(0, [.started(register: nil), .state(.idle)], step: 0)
        left.event(1, [.ended(register: nil, reason: "Timeout")], step: 2, [(9000, "Transaction.End")])
        #expect(left.folded().questions.isEmpty)

        var idle = Story()
        idle.event(0, [.started(register: nil), .state(.connected)], step: 0)
        idle.event(1, [.ended(register: nil, reason: "Timeout")], step: 2)
        #expect(idle.folded().questions.isEmpty)

        var closed = Story()
        closed.start(1000)
        closed.stop(nil, step: 2, reason: "closed_by_server")
        #expect(closed.folded().questions.isEmpty)
    }

    @Test("C54: a value that no meter shows costs that sample only")
    func impossibleValue() {
        var story = Story()
        story.start(1000)
        story.tell(.reading(Reading(.importRegister, value: .max)), at: Story.at(1))
        story.tell(.reading(Reading(.importRegister, value: .min)), at: Story.at(1))
        story.tell(.reading(Reading(.power, value: .max, phase: "L1")), at: Story.at(1))
        story.tell(.reading(Reading(.importRegister, value: -1000)), at: Story.at(2))
        story.stop(3000, step: 3)

        #expect(story.folded().energy == Energy(wattHours: 2000))
        #expect(story.folded().flags.isEmpty)
    }

    @Test("C55: a smaller sample does not lower the running total, and the next one tells why")
    func runningGlitch() {
        var story = Story()
        story.start(10_000)
        story.samples(12_000, 0)
        let during = story.folded()
        story.samples(14_000, first: 3)

        #expect(during.energy == Energy(wattHours: 2000))
        #expect(during.flags.isEmpty)
        #expect(story.folded().energy == Energy(wattHours: 4000))
        #expect(story.folded().flags.isEmpty)
    }

    @Test("C56: one sample out of line is left out, upwards as well")
    func glitchUpwards() {
        var story = Story()
        story.start(10_000)
        story.samples(11_000, 900_000, 12_000, 13_000)
        story.stop(14_000, step: 5)

        #expect(story.folded().energy == Energy(wattHours: 4000))
        #expect(story.folded().flags.isEmpty)
    }

    @Test("C55: a leap that nobody can deliver is not shown until the next sample confirms it")
    func runningLeap() {
        var story = Story()
        story.start(10_000)
        story.samples(12_000, 900_000)
        let during = story.folded()
        story.samples(900_100, first: 3)

        #expect(during.energy == Energy(wattHours: 2000))
        #expect(during.flags.isEmpty)
        #expect(story.folded().energy == Energy(wattHours: 890_100))
        #expect(story.folded().questions == [.implausibleEnergy])
    }

    @Test("C56: several samples near zero are out of line if the way back is too far to be a reset")
    func severalLow() {
        var absolute = Story()
        absolute.start()
        absolute.samples(Self.register + 1000, 5, 6, Self.register + 2000)
        absolute.stop(Self.register + 3000, step: 5)
        var small = Story()
        small.start(500)
        small.samples(1000, 5, 6, 2000)
        small.stop(3000, step: 5)

        #expect(absolute.folded().energy == Energy(wattHours: 3000))
        #expect(absolute.folded().flags.isEmpty)
        #expect(small.folded().questions == [.registerReset])
    }

    @Test("C56: a last sample just above the stop is a fault, for nobody knows which is right")
    func lastSampleAboveStop() {
        var story = Story()
        story.start(10_000)
        story.samples(12_000, 13_000)
        story.stop(12_500, step: 3)

        #expect(story.folded().questions == [.registerFault])
    }

    @Test("C56: a fall by the last digit is none")
    func lastDigit() {
        var story = Story()
        story.start(10_000)
        story.tell(.reading(Reading(.importRegister, value: 12_000_900)), at: Story.at(1))
        story.stop(12_000, step: 2)

        #expect(story.folded().flags.isEmpty)
        #expect(story.folded().energy == Energy(milliwattHours: 2_000_900))
    }

    @Test("C56: no rollover where nobody can have delivered what it would mean")
    func impossibleRollover() {
        var story = Story()
        story.start(999_990_000)
        story.stop(15_000_000, step: 1)

        #expect(story.folded().energy == .zero)
        #expect(story.folded().questions == [.badStopRegister])
    }

    @Test("C57: without a stop register the last sample is the end, marked as estimated")
    func noStopRegister() {
        var story = Story()
        story.start()
        story.samples(Self.register + 1000, Self.register + 2000)
        story.stop(nil, step: 3)

        let session = story.folded()

        #expect(session.energy == Energy(wattHours: 2000))
        #expect(session.flags == [.estimatedEnd])
        #expect(!session.isComplete)
    }

    @Test(
        "C58: samples that count from zero in each transaction are seen, and trusted once an operator says so"
    )
    func perTransactionMeter() {
        var story = Story()
        story.start()
        story.samples(0, 1000, 2500)
        story.stop(Self.register + 5000, step: 4)
        var marked = Story.rules
        marked.meter.countsFromZero = true

        #expect(story.folded().energy == Energy(wattHours: 5000))
        #expect(story.folded().questions == [.twoScales])
        #expect(story.folded(marked).energy == Energy(wattHours: 5000))
        #expect(story.folded(marked).flags.isEmpty)
        #expect(story.folded(marked).registers.count == 5)
    }

    @Test(
        "C58: the session of 4,817 kWh is found by any EVSE, known or not", arguments: [nil, 22_000, 350_000])
    func famousSession(watts: Int64?) {
        var story = Story()
        story.start(0)
        story.samples(4_817_000, 4_817_400)
        story.stop(4_817_900, step: 3)

        let session = story.folded(SessionRules(powerMax: watts.map { Power(watts: $0) }))

        #expect(session.energy == Energy(wattHours: 900))
        #expect(session.questions == [.twoScales])
    }

    @Test("C59: power and time bound the energy; 22 kW in 5 minutes are at most 2,216.67 Wh")
    func plausible() {
        let rules = SessionRules(powerMax: Power(watts: 22_000))
        func flags(_ wattHours: Int64) -> Set<SessionFlag> {
            var story = Story()
            story.start(1_000_000)
            story.stop(1_000_000 + wattHours, step: 1)
            return story.folded(rules).flags
        }

        #expect(flags(2216).isEmpty)
        #expect(flags(2217) == [.implausibleEnergy])
    }

    @Test("C59, F38: a jump between two samples is seen even if the whole session would allow it")
    func plausiblePairwise() {
        var story = Story()
        story.start(1_000_000)
        story.samples(1_000_000, first: 100)
        story.samples(1_100_000, first: 101)
        story.stop(1_100_000, step: 102)

        #expect(story.folded(SessionRules(powerMax: Power(watts: 22_000))).flags == [.implausibleEnergy])
    }

    @Test("C59: a beginning told again with the time of the stop proves no leap")
    func beginningToldAgain() {
        var story = Story()
        story.start(1000)
        story.sample(1000, at: Story.at(4), context: "Transaction.Begin")
        story.stop(11_000, step: 4)

        let session = story.folded()

        #expect(session.energy == Energy(wattHours: 10_000))
        #expect(session.questions.isEmpty)
    }

    @Test("a session without any register bills nothing and says so")
    func noRegisters() {
        var story = Story()
        story.tell(.started(register: nil), at: Story.at(0))
        story.stop(nil, step: 1)

        let session = story.folded()

        #expect(session.energy == .zero)
        #expect(session.startRegister == nil)
        #expect(session.usage().intervals.count == 1)
        #expect(session.usage().duration == .minutes(5))
    }

    @Test("a meterStart of -1 was not told: the first sample is the start")
    func startOfMinusOne() {
        var story = Story()
        story.start(-1)
        story.samples(Self.register, Self.register + 1000)
        story.stop(Self.register + 1500, step: 3)

        #expect(story.folded().energy == Energy(wattHours: 1500))
    }

}
