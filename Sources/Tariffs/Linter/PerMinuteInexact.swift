// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `per_minute_inexact`: a price per hour that has no exact price per minute with four decimals cannot be shown
    /// per minute as the law asks (AFIR, article 5).
    static let perMinuteInexact = LintRule { component, _, path in
        guard component.dimension == .time || component.dimension == .parking,
            !component.price.billionths.isMultiple(of: 60 * 100_000)
        else { return nil }
        return Finding(
            "per_minute_inexact", .info, at: path + "/price",
            "\(component.price.decimal) per hour is no exact price per minute with four decimals.")
    }
}
