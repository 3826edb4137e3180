// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `afir_adhoc`: at 50 kW and more an ad-hoc price in the European Union is one per kWh, with at most an occupancy
    /// fee per minute beside it (Regulation (EU) 2023/1804, article 5(4)).
    static let afirAdhoc = LintRule(inSurroundings: { tariff, surroundings in
        guard tariff.particulars.kind == nil || tariff.particulars.kind == .adHoc,
            currencies.contains(tariff.currency.code),
            surroundings.power.map({ $0 >= Power(watts: 50_000) }) ?? true
        else { return [] }
        return tariff.elements.enumerated().flatMap { number, element in
            element.components.enumerated().compactMap { index, component in
                guard !element.isReservation, component.price > .zero,
                    component.dimension == .flat || (component.dimension == .time && element.isFromStart)
                else { return nil }
                let isKnown = surroundings.power != nil
                return Finding(
                    "afir_adhoc", isKnown ? .warning : .info,
                    at: "/elements/\(number)/price_components/\(index)",
                    "\(isKnown ? "At" : "If offered at") 50 kW or more, an ad-hoc price is one per kWh and at most an "
                        + "occupancy fee per minute (AFIR, article 5).")
            }
        }
    })

    /// Currencies of the member states.
    private static let currencies: Set<String> = ["EUR", "CZK", "DKK", "HUF", "PLN", "RON", "SEK", "BGN"]
}

extension TariffElement {
    /// Whether the element can apply from the first minute.
    fileprivate var isFromStart: Bool {
        (restriction?.minDurationSeconds ?? 0) == 0 && (restriction?.minChargingSeconds ?? 0) == 0
    }
}
