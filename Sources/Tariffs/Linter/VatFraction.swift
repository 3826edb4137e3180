// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `vat_fraction`: a rate between 0 and 1 percent is probably a fraction, 0.21 for 21.
    static let vatFraction = LintRule(taxRate: { rate, mode in
        guard mode != .none, let rate, rate > TaxRate(percent: 0), rate < TaxRate(percent: 1) else {
            return nil
        }
        return ("vat_fraction", "The rate is a percentage: \(rate.percentText) % is hardly meant.")
    })
}
