// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `vat_implausible`: no country taxes energy or services with more than 30 %.
    static let vatImplausible = LintRule(taxRate: { rate, mode in
        guard mode != .none, let rate, rate > TaxRate(percent: 30) else { return nil }
        return ("vat_implausible", "\(rate.percentText) % is more than any VAT.")
    })
}
