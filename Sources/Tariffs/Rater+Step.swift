// SPDX-License-Identifier: Apache-2.0

import Quantities

extension Selection {
    /// Rounds quantities up to whole steps: energy, reserved time, and either parking or time (D15 to D18).
    mutating func applySteps() {
        step(.energy, by: lastEnergy)
        step(.reservation, by: lastReservation)
        // D15: if any parking is priced it takes the step, wherever in the session it lies; time is then
        // exact.
        if let lastParking { step(.parking, by: lastParking) } else { step(.time, by: lastTime) }
    }

    /// The component that priced the last segment steps the total, and the surplus is billed at its price.
    private mutating func step(_ kind: LineKind, by last: Int?) {
        guard let last, let unit = plan.components[last].dimension.stepUnit else { return }
        let step = Int128(plan.components[last].step) * unit
        guard step > 0 else { return }
        var total: Int128 = 0
        for (component, tally) in zip(plan.components, tallies) where tally.isUsed && component.kind == kind {
            total += tally.quantity
        }
        let dust = plan.components[last].dimension.dust
        let clean = divide(total, by: dust, rounding: .halfUp) * dust
        guard clean > 0 else { return }
        tallies[last].surplus = divide(clean, by: step, rounding: .up) * step - total
    }
}
