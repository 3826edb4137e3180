// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `stray_tax_rate`: a rate where tax is not applicable is ignored (D24a).
    static let strayTaxRate = LintRule(taxRate: { rate, mode in
        guard mode == .none, rate != nil else { return nil }
        return ("stray_tax_rate", "Tax is not applicable, so this rate is ignored.")
    })
}
