// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `flat_late`: a fee whose conditions can begin to hold after the start is charged then (D10, ocpi#426).
    static let flatLate = LintRule { tariff in
        [false, true].flatMap { isReserved in
            let fees = tariff.elements.enumerated().filter { _, element in
                element.isReservation == isReserved
                    && element.components.contains { $0.dimension == .flat }
            }
            // A fee that holds at every start decides at once: no other can come later.
            guard fees.allSatisfy({ $0.element.restriction?.canBeginLate ?? false }) else {
                return [Finding]()
            }
            return fees.map { number, _ in
                Finding(
                    "flat_late", .warning, at: "/elements/\(number)/restrictions",
                    "The fee is charged also if its conditions begin to hold only after the start.")
            }
        }
    }
}

extension Restriction {
    /// Whether some condition can begin to hold after the start; upper bounds of energy and duration only end.
    fileprivate var canBeginLate: Bool {
        readsLocalTime || minEnergy.map { $0 > .zero } ?? false || (minDurationSeconds ?? 0) > 0
            || minPower != nil || maxPower != nil || minCurrent != nil || maxCurrent != nil
            || (minChargingSeconds ?? 0) > 0 || (minIdleSeconds ?? 0) > 0 || minStateOfCharge != nil
            || minOccupancy != nil || maxOccupancy != nil
    }
}
