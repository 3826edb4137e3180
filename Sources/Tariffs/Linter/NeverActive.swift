// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `never_active`: the tariff ends before it begins (D27).
    static let neverActive = LintRule { tariff in
        guard let start = tariff.validFrom, let end = tariff.validUntil, end <= start else { return [] }
        return [
            Finding(
                "never_active", .warning, at: "/end_date_time",
                "The tariff ends at \(end.shortISO8601), before it begins.")
        ]
    }
}
