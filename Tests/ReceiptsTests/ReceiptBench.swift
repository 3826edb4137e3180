// SPDX-License-Identifier: Apache-2.0

import Quantities
import Receipts
import Tariffs

/// A receipt's parts that agree with each other, to be spoiled one by one.
struct ReceiptBench {
    static let begun = Instant(iso8601: "2026-03-02T10:00:00Z") ?? .epoch
    static let ended = begun + .minutes(40)
    static let vat = TaxRate(percent: 19)

    var usage = Usage(intervals: [
        Usage.Interval(from: begun, to: ended, .charging, energy: Energy(wattHours: 37_490))
    ])
    var mode = Tariff.TaxMode.included
    var currency = Currency.eur
    var components = [
        PriceComponent(.energy, Rate(billionths: 490_000_000), tax: vat)
    ]

    /// What the session comes to.
    func rated() throws -> Rated {
        let tariff = try Tariff(
            id: "T", currency: currency, taxMode: mode, elements: [TariffElement(components)])
        return try Rater().rate(usage, under: tariff, in: .utc)
    }

    /// Parts that fit: what was reserved is twice the price.
    func parts(for rated: Rated) throws -> Receipt.Parts {
        let start = Energy(wattHours: 4_812_345)
        guard let session = SessionID("ses_01"), let version = TariffVersionID("trv_01") else {
            throw NoSuchID()
        }
        return Receipt.Parts(
            number: Numbering.label(Numbering.receiptSeries(year: 2026), 123), issuedAt: Self.ended,
            seller: Receipt.Seller(
                legalName: "Example GmbH", address: "Weg 1, 10115 Berlin, DE", vatID: "DE123456789",
                supportPhone: nil, email: nil),
            place: Receipt.Place(
                site: "Hof", address: "Weg 2, 10115 Berlin, DE", evseID: "DE*ABC*E1", evseCode: "K7P3",
                currentType: "DC", powerMax: Power(milliwatts: 150_000_000), timeZone: "Europe/Berlin"),
            charge: Receipt.Charge(
                session: session, startedAt: Self.begun, endedAt: Self.ended, energy: usage.energy,
                startRegister: start, endRegister: start + usage.energy, stopReason: "Local", token: nil),
            paid: Receipt.Paid(
                method: "visa •••• 4242", reserved: rated.gross + rated.gross, captured: rated.gross,
                released: rated.gross, reservedAt: Self.begun, capturedAt: Self.ended),
            proof: Receipt.PriceProof(tariff: "Day", version: version, hash: "sha256:00"))
    }

    /// The receipt of parts that fit.
    func receipt() throws -> Receipt {
        let rated = try rated()
        return try Receipt(rated, try parts(for: rated))
    }

    /// An id of the bench is written wrongly.
    struct NoSuchID: Error {}
}
