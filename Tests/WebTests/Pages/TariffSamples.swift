// SPDX-License-Identifier: Apache-2.0
import Quantities
import Web

extension Samples {
    static let tariffRow = TariffRow(
        id: id(51), name: "Harbour standard", priceNow: "0.49 €/kWh · 0.10 €/min", versions: (3, 1),
        uses: ["Parkhaus am Hafen", "hafen-02", "K7QM2X", "K7QM3B"])

    static let tariffFindings = [
        ShownFinding(
            code: "impossible_restriction", severity: .error, path: "/elements/0/restrictions/max_kwh",
            message: "No session can ever meet this condition."),
        ShownFinding(
            code: "no_fallback", severity: .warning, path: "/elements",
            message: "ENERGY is free whenever no restriction of its elements holds."),
        ShownFinding(
            code: "afir_adhoc", severity: .info, path: "/elements/1/price_components/0",
            message: "If offered at 50 kW or more, an ad-hoc price is one per kWh."),
    ]

    static var tariff: TariffScreen {
        var screen = TariffScreen(
            frame: consoleFrame, row: tariffRow,
            uses: [
                .init(.site, "Parkhaus am Hafen"), .init(.station, "hafen-02"), .init(.point, "K7QM2X"),
            ],
            versions: [
                .init(
                    id: id(53), number: 3, state: .draft, startsAt: now, hash: "sha256:77aa01",
                    findings: tariffFindings
                ),
                .init(
                    id: id(52), number: 2, state: .inForce, startsAt: start - .hours(200),
                    hash: "sha256:9f2c4e81d0aa55"),
                .init(
                    id: id(51), number: 1, state: .past, startsAt: start - .hours(2000),
                    hash: "sha256:11e0c3"),
            ])
        screen.box = prices
        screen.taxedBy = "Parkhaus am Hafen"
        return screen
    }

    static var tariffEditor: TariffEditorScreen {
        var screen = TariffEditorScreen(
            frame: consoleFrame, tariff: id(51), name: "Harbour standard", currency: "EUR",
            text:
                #"{"elements": [{"price_components": [{"type": "ENERGY", "price": "0.49", "step_size": 1}]}]}"#
        )
        screen.starts = "2027-04-01T00:00"
        screen.box = prices
        screen.taxedBy = "Parkhaus am Hafen"
        screen.comparison = .init(
            sessions: 412, cheaper: 17, dearer: 395, before: .eur(4812_66), after: .eur(5210_04),
            largest: [.init(session: id(3), before: .eur(18_37), after: .eur(21_87))])
        return screen
    }

    static var newTariff: TariffEditorScreen {
        var screen = TariffEditorScreen(
            frame: consoleFrame, tariff: nil, name: "", currency: "EUR", text: "{}")
        screen.simple.energy = "0.49"
        screen.findings = tariffFindings
        screen.problem = "It has errors, so it cannot be published: impossible_restriction."
        return screen
    }

    static var tariffPages: [(name: String, html: String)] {
        [
            (
                "tariffs",
                ListScreen(
                    frame: consoleFrame, rows: .tariffs([tariffRow]),
                    filters: [
                        .init(status: nil, isCurrent: true), .init(status: "archived", isCurrent: false),
                    ]
                ).html(shown)
            ),
            ("tariffs-empty", ListScreen(frame: consoleFrame, rows: .tariffs([])).html(shown)),
            ("tariff", tariff.html(shown)), ("tariff-editor", tariffEditor.html(shown)),
            ("tariff-editor-german", tariffEditor.html(german)), ("tariff-new", newTariff.html(shown)),
        ]
    }
}
