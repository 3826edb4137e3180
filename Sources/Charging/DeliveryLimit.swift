// SPDX-License-Identifier: Apache-2.0

import Quantities

/// How much energy can have flowed in a time (charging.md §6, rule 6).
struct DeliveryLimit {
    private let powerMax: Power
    private let hasClock: Bool

    /// Where nobody knows the EVSE's power: 4 MW, more than any EVSE delivers to a vehicle.
    private static let largest = Power(watts: 4_000_000)
    /// Where nobody knows the time: as much as in a day.
    private static let longest = Elapsed.hours(24)

    init(_ rules: SessionRules, hasClock: Bool) {
        powerMax = rules.powerMax ?? Self.largest
        self.hasClock = hasClock
    }

    /// Whether a register can have risen from one value to the other between two times.
    func allows(_ rise: Energy, from start: Instant, to end: Instant) -> Bool {
        rise <= most(in: hasClock ? max(end - start, .zero) : Self.longest)
    }

    /// P_max × time × 1.1 + 200 Wh: 22 kW deliver at most 2,216.67 Wh in 5 minutes.
    private func most(in time: Elapsed) -> Energy {
        let product = Int128(powerMax.milliwatts) * Int128(time.nanoseconds) * 11
        let energy = divide(product, by: 10 * Int128(Elapsed.hours(1).nanoseconds), rounding: .up)
        return Energy(milliwattHours: Int64(clamping: energy + 200_000))
    }
}
