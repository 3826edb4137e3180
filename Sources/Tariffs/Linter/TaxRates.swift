// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Rates that are probably another number than was meant.
extension LintRule {
    /// `vat_fraction`, `vat_implausible`, `tax_rate_missing` and `stray_tax_rate`.
    static let taxRates = LintRule { tariff in
        tariff.elements.enumerated().flatMap { number, element in
            element.components.enumerated().compactMap { index, component in
                finding(component, tariff.taxMode, at: "/elements/\(number)/price_components/\(index)/vat")
            }
        }
    }

    private static func finding(_ component: PriceComponent, _ mode: Tariff.TaxMode, at path: String)
        -> Finding?
    {
        guard let rate = component.taxRate else {
            guard mode == .included else { return nil }
            return Finding(
                "tax_rate_missing", .warning, at: path, "The price contains tax at a rate that is not stated."
            )
        }
        if mode == .none {
            return Finding(
                "stray_tax_rate", .warning, at: path, "Tax is not applicable, so this rate is ignored.")
        }
        if rate > TaxRate(percent: 30) {
            return Finding(
                "vat_implausible", .warning, at: path, "\(rate.percentText) % is more than any VAT.")
        }
        guard rate > TaxRate(percent: 0), rate < TaxRate(percent: 1) else { return nil }
        return Finding(
            "vat_fraction", .warning, at: path,
            "The rate is a percentage: \(rate.percentText) % is hardly meant.")
    }
}
