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
        guard let last else { return }
        let component = plan.components[tallies[last].component]
        // Only the tariff in force at the end applies its step, to its own part.
        guard component.tariff == offer.lastIndex, component.step > 0, let unit = component.dimension.stepUnit
        else { return }
        let step = Int128(component.step) * unit
        var total: Int128 = 0
        for tally in tallies where tally.relief == .none {
            let priced = plan.components[tally.component]
            if priced.kind == kind, priced.tariff == offer.lastIndex { total += tally.quantity }
        }
        let dust = component.dimension.dust
        let clean = divide(total, by: dust, rounding: .halfUp) * dust
        guard clean > 0 else { return }
        let rounding: Rounding = policy.billsCompleteStepsOnly ? .down : .up
        let billed = divide(clean, by: step, rounding: rounding) * step
        if billed >= total || !policy.billsCompleteStepsOnly {
            tallies[last].surplus = billed - total
        } else {
            waive(total - billed, of: kind)
        }
    }

    /// D19: the incomplete step is taken off what was used last.
    private mutating func waive(_ quantity: Int128, of kind: LineKind) {
        var left = quantity
        for index in tallies.indices.sorted(by: { (tallies[$0].to, $0) > (tallies[$1].to, $1) }) {
            let component = plan.components[tallies[index].component]
            guard tallies[index].relief == .none, component.kind == kind, component.tariff == offer.lastIndex
            else { continue }
            let part = min(left, tallies[index].quantity)
            tallies[index].surplus = -part
            left -= part
        }
    }
}
