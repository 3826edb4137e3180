// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `expired`: no session may start under the tariff any more.
    static let expired = LintRule(inSurroundings: { tariff, surroundings in
        guard let instant = surroundings.instant, let end = tariff.validUntil, end <= instant else {
            return []
        }
        return [
            Finding("expired", .warning, at: "/end_date_time", "The tariff ended at \(end.shortISO8601).")
        ]
    })
}
