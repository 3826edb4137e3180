// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Receipts
import Tariffs

/// The receipts whose text and page are kept in `Fixtures`, each in its own folder with a reason.
enum Documents: String, CaseIterable, Sendable {
    /// One price, tax included, a guest with a card.
    case plain
    /// Two prices of energy, a session fee and idle time, in German.
    case phases
    /// Sales tax on top, another currency, a zone west of Greenwich, a charging card.
    case netAnchored = "net-anchored"

    static let link = "https://charge.example.com/r/9f3c2e8a7b61d045"

    /// The document as issued.
    func document() throws -> Document {
        switch self {
        case .plain:
            let receipt = try ReceiptBench().receipt()
            return Document(
                receipt, in: .english, zone: ZoneRules(fixedOffsetSeconds: 3600), link: Self.link)
        case .phases:
            return Document(
                try Self.withPhases(), in: .german, zone: ZoneRules(fixedOffsetSeconds: 7200), link: Self.link
            )
        case .netAnchored:
            return Document(
                try Self.withSalesTax(), in: .english, zone: ZoneRules(fixedOffsetSeconds: -34_200))
        }
    }

    /// The first 10 kWh cost 0.39, the others 0.49.
    static func withPhases() throws -> Receipt {
        var bench = ReceiptBench()
        let parking = Usage.Interval(
            from: ReceiptBench.ended, to: ReceiptBench.ended + .minutes(10), .parking)
        bench.usage.intervals.append(parking)
        var first = Restriction()
        first.maxEnergy = Energy(wattHours: 10_000)
        let tariff = try Tariff(
            id: "T", currency: .eur, taxMode: .included,
            elements: [
                TariffElement(
                    [PriceComponent(.energy, Rate(billionths: 390_000_000), tax: ReceiptBench.vat)],
                    when: first),
                TariffElement([
                    PriceComponent(.energy, Rate(billionths: 490_000_000), tax: ReceiptBench.vat),
                    PriceComponent(.flat, Rate(billionths: 990_000_000), tax: ReceiptBench.vat),
                    PriceComponent(.parking, Rate(billionths: 6_000_000_000), tax: ReceiptBench.vat),
                ]),
            ])
        let rated = try Rater().rate(bench.usage, under: tariff, in: .utc)
        var parts = try bench.parts(for: rated)
        parts.charge.chargingTime = .minutes(40)
        parts.charge.idleTime = .minutes(10)
        parts.charge.endedAt = ReceiptBench.ended + .minutes(10)
        parts.charge.powerPeak = Power(watts: 62_500)
        parts.charge.meterSerial = "1EMH0012345678"
        parts.seller.supportPhone = "+49 30 1234567"
        parts.seller.email = "hilfe@example.com"
        return try Receipt(rated, parts)
    }

    private static func withSalesTax() throws -> Receipt {
        var bench = ReceiptBench()
        bench.mode = .excluded
        bench.currency = .usd
        bench.components[0].taxRate = TaxRate(percent: "8.875")
        let rated = try bench.rated()
        var parts = try bench.parts(for: rated)
        parts.charge.token = "•••• 7C21"
        parts.charge.stopReason = "EVDisconnected <unplugged & gone>"
        parts.charge.startRegister = nil
        return try Receipt(rated, parts)
    }

    /// The kept form of this document; written anew when `SNAPSHOT_UPDATE` is set.
    func kept(_ name: String, now text: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(rawValue)/\(name)")
        if ProcessInfo.processInfo.environment["SNAPSHOT_UPDATE"] != nil {
            try Data(text.utf8).write(to: file)
        }
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }
}
