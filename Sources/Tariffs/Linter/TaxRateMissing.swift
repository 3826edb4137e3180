// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `tax_rate_missing`: prices contain tax, but nobody says how much (D24).
    static let taxRateMissing = LintRule(taxRate: { rate, mode in
        guard mode == .included, rate == nil else { return nil }
        return ("tax_rate_missing", "The price contains tax at a rate that is not stated.")
    })
}
