// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// C22: times are checked, and never corrected silently (charging.md §7).
@Suite("Which clock is believed")
struct ClockTests {
    /// A session of one hour and 5 kWh by a clock that is off; received after `delay` of each step's true
    /// time.
    private func session(
        off: Elapsed, delay: [Elapsed] = [.zero, .zero, .zero], offset: Elapsed = .zero
    ) -> Session {
        var story = Story()
        let times = [Story.at(0), Story.at(6), Story.at(12)]
        let told = times.map { $0 + off }
        let received = zip(times, delay).map { $0 + $1 }
        story.tell(.started(register: Energy(wattHours: 1000)), at: told[0], received: received[0])
        story.sample(3000, at: told[1], received: received[1])
        story.tell(
            .ended(register: Energy(wattHours: 6000), reason: "Local"), at: told[2], received: received[2])
        var rules = Story.rules
        rules.clockOffset = offset
        return story.folded(rules)
    }

    @Test("a clock within two minutes of ours is taken as it is")
    func withinTolerance() {
        let session = session(off: .seconds(90), offset: .seconds(-90))

        #expect(session.startedAt == Story.at(0) + .seconds(90))
        #expect(session.flags.isEmpty)
    }

    @Test("a steady larger difference is added, and shown")
    func steadyOffset() {
        let session = session(off: .hours(-2), offset: .hours(2))

        #expect(session.startedAt == Story.at(0))
        #expect(session.endedAt == Story.at(12))
        #expect(session.flags == [.clockOffset])
    }

    @Test("a replay by a wrong clock is corrected by the offset known before")
    func replayWithOffset() {
        let session = session(
            off: .hours(-2), delay: [.zero, .hours(5), .hours(5)], offset: .hours(2))

        #expect(session.endedAt == Story.at(12))
        #expect(session.flags == [.clockOffset])
    }

    @Test(
        "F40 a clock of 1970 or of the future that ticks along with ours gives way to ours",
        arguments: [-480_000, 3])
    func liveNonsense(hours: Int64) {
        let session = session(off: .hours(hours))

        #expect(session.startedAt == Story.at(0))
        #expect(session.endedAt == Story.at(12))
        #expect(session.usage().duration == .hours(1))
        #expect(session.flags == [.clockOffset])
    }

    @Test(
        "a nonsense clock told late leaves no time to bill: all energy at the price of the start, no minutes")
    func lateNonsense() {
        let session = session(off: .hours(-480_000), delay: [.zero, .hours(20), .hours(20)])

        #expect(session.flags == [.noClock])
        #expect(session.energy == Energy(wattHours: 5000))
        #expect(session.usage().intervals.map(\.start) == [Story.at(0)])
        #expect(session.usage().duration == .zero)
    }

    @Test("an end before its start is no clock")
    func backwards() {
        var story = Story()
        story.start(1000, step: 12, received: Story.at(0))
        story.stop(2000, step: 0, received: Story.at(12))

        #expect(story.folded().flags.contains(.noClock))
        #expect(story.folded().energy == Energy(wattHours: 1000))
    }

    @Test("later events with earlier times are no clock; samples late within their event are fine")
    func backwardsBySequence() {
        var fine = Story()
        fine.event(0, [.started(register: nil)], step: 0, [(1000, "Transaction.Begin")])
        fine.event(1, [], step: 3, [(2000, "Sample.Periodic")])
        fine.sample(1500, at: Story.at(2), sequence: 2)
        fine.event(2, [.ended(register: nil, reason: "Local")], step: 4, [(2500, "Transaction.End")])
        var wrong = fine
        wrong.tell(.state(.charging), at: Story.at(1), received: Story.at(5), sequence: 3)

        #expect(fine.folded().flags.isEmpty)
        #expect(wrong.folded().flags == [.noClock])
    }

    @Test("facts without a time count when they are received; times beyond any clock are none")
    func absentTimes() {
        var story = Story()
        story.tell(.started(register: Energy(wattHours: 1000)), at: nil, received: Story.at(0))
        story.sample(1500, at: Instant(nanoseconds: .min), received: Story.at(1))
        story.sample(1700, at: Instant(nanoseconds: .max), received: Story.at(2))
        story.tell(.ended(register: Energy(wattHours: 2000), reason: nil), at: nil, received: Story.at(3))

        let session = story.folded()

        #expect(session.startedAt == Story.at(0))
        #expect(session.endedAt == Story.at(3))
        #expect(session.registers.count == 4)
    }
}
