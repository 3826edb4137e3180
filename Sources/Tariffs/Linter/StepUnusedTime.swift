// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `step_unused_time`: where idle time is priced too, its total takes the step and charging time is exact (D15).
    static let stepUnusedTime = LintRule { tariff in
        let parking = tariff.elements.filter { element in
            !element.isReservation && element.components.contains { $0.dimension == .parking }
        }
        return tariff.elements.enumerated().flatMap { number, element in
            element.components.enumerated().compactMap { index, component in
                guard component.dimension == .time, !element.isReservation, component.stepSize ?? 0 > 1,
                    parking.contains(where: { $0.restriction.covers(element.restriction) })
                else { return nil }
                return Finding(
                    "step_unused_time", .warning,
                    at: "/elements/\(number)/price_components/\(index)/step_size",
                    "As soon as any idle time is priced, it takes the step and charging time is billed exactly."
                )
            }
        }
    }
}
