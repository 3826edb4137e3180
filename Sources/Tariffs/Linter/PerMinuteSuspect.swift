// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `per_minute_suspect`: a price for time below 0.60 per hour is probably one per minute.
    static let perMinuteSuspect = LintRule { component, element, path in
        guard component.dimension == .time, !element.isReservation, component.price > .zero,
            component.price < Rate(billionths: 600_000_000)
        else { return nil }
        return Finding(
            "per_minute_suspect", .warning, at: path + "/price",
            "The price is per hour; \(component.price.decimal) looks like a price per minute.")
    }
}
