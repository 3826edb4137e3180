// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// Step 3, Usage: registers and states become intervals (charging.md §12, tariffs.md D3).
@Suite("Usage from registers and states")
struct MeteringTests {
    private func words(_ usage: Usage) -> [String] {
        usage.intervals.map { interval in
            let minutes = (interval.end - interval.start).seconds / 60
            return "\(interval.state.rawValue) \(minutes) min \(interval.energy.milliwattHours) mWh"
        }
    }

    @Test(
        "energy between two registers is spread evenly over a change of state; the last piece takes the rest")
    func spread() {
        var story = Story()
        story.start(1000)
        story.tell(.state(.charging), at: Story.at(0))
        story.tell(.state(.suspendedByVehicle), at: Story.at(2))
        story.stop(1010, step: 3)

        #expect(words(story.folded().usage()) == ["C 10 min 6666 mWh", "P 5 min 3334 mWh"])
    }

    @Test("C65: idle is what the vehicle asks for, never what the station withholds")
    func states() {
        var story = Story()
        story.start(1000)
        story.tell(.state(.connected), at: Story.at(0))
        story.tell(.state(.charging), at: Story.at(1))
        story.tell(.state(.suspendedByStation), at: Story.at(2))
        story.tell(.state(.charging), at: Story.at(3))
        story.tell(.state(.suspendedByVehicle), at: Story.at(4))
        story.tell(.state(.connected), at: Story.at(5))
        story.tell(.state(.idle), at: Story.at(6))
        story.stop(1000, step: 7)

        let states = story.folded().usage().intervals.map(\.state.rawValue).joined()

        #expect(states == "SCSCPPP")
    }

    @Test("two events of one second with numbers are not a contradiction: the later one counts")
    func sameSecondInOrder() {
        var story = Story()
        story.event(0, [.started(register: nil), .state(.charging)], step: 0, [(1000, "Transaction.Begin")])
        story.event(1, [.state(.suspendedByVehicle)], step: 0)
        story.event(2, [.ended(register: nil, reason: nil)], step: 2, [(2000, "Transaction.End")])

        #expect(story.folded().usage().intervals.map(\.state) == [.parking])
    }

    @Test("power and current hold for the stretch that ends with them; of three phases their sum")
    func power() {
        var story = Story()
        story.start(1000)
        story.samples(2000)
        for phase in ["L1", "L2", "L3"] {
            story.tell(.reading(Reading(.power, value: 4_000_000, phase: phase)), at: Story.at(1))
            story.tell(.reading(Reading(.current, value: 16_000_000, phase: phase)), at: Story.at(1))
        }
        story.tell(.reading(Reading(.stateOfCharge, value: 42_000_000)), at: Story.at(1))

        let session = story.folded()

        #expect(session.usage().intervals.first?.power == Power(watts: 12_000))
        #expect(session.usage().intervals.first?.current == Current(microamperes: 48_000_000))
        #expect(session.power == Power(watts: 12_000))
        #expect(session.powerPeak == Power(watts: 12_000))
        #expect(session.stateOfCharge == 42_000_000)
    }

    @Test("registers at one instant are a jump without length, and keep their energy")
    func jump() {
        var story = Story()
        story.start(1000)
        story.stop(1100, step: 0)

        #expect(words(story.folded().usage()) == ["C 0 min 100000 mWh"])
    }
}
