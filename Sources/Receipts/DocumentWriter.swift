// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs

/// Puts the values of receipts, credit notes and invoices into words.
struct DocumentWriter {
    let words: Words
    let zone: ZoneRules

    func lines(of seller: Receipt.Seller) -> [String] {
        [seller.address]
            + [
                seller.vatID.map { "\(words.vatID) \($0)" }, seller.supportPhone, seller.email,
            ].compactMap { $0 }
    }

    func fields(of place: Receipt.Place) -> [Document.Field] {
        [
            Document.Field(label: words.site, value: "\(place.site), \(place.address)"),
            Document.Field(label: words.evse, value: "\(place.evseID) (\(place.evseCode))"),
            Document.Field(
                label: words.connection, value: "\(place.currentType), \(words.number(place.powerMax)) kW"),
        ]
    }

    func fields(of charge: Receipt.Charge) -> [Document.Field] {
        let optional: [(String, String?)] = [
            (words.stopReason, charge.stopReason), (words.token, charge.token),
            (words.chargingTime, charge.chargingTime.map(words.duration)),
            (words.idleTime, charge.idleTime.map(words.duration)),
            (words.powerPeak, charge.powerPeak.map { "\(words.number($0)) kW" }),
        ]
        return [
            Document.Field(label: words.sessionNumber, value: charge.session.text),
            Document.Field(label: words.begin, value: stamp(charge.startedAt)),
            Document.Field(label: words.end, value: stamp(charge.endedAt)),
        ] + Self.present(optional)
    }

    func meter(_ charge: Receipt.Charge) -> [Document.Field] {
        let optional: [(String, String?)] = [
            (words.meterSerial, charge.meterSerial),
            (words.startReading, charge.startRegister.map { "\(words.number($0)) kWh" }),
            (words.stopReading, charge.endRegister.map { "\(words.number($0)) kWh" }),
            (words.energy, "\(words.number(charge.energy)) kWh"),
        ]
        return Self.present(optional)
    }

    func row(_ line: Receipt.Line, in currency: Currency) -> Document.Row {
        let unit = line.unit.isEmpty ? "" : "/\(line.unit)"
        return Document.Row(
            what: words.lineName(line.kind),
            notes: [line.why] + (line.phases ?? []).map(phase) + [words.decimal(line.arithmetic)],
            quantity: line.unit.isEmpty ? "" : "\(words.decimal(line.quantity)) \(line.unit)",
            unitPrice: line.unitPrice.map { "\(words.decimal($0)) \(currency.code)\(unit)" } ?? "",
            amount: words.money(line.amount))
    }

    private func phase(_ phase: Receipt.Phase) -> String {
        let price = phase.unitPrice.map { " × \(words.decimal($0))" } ?? ""
        return "\(clock(phase.from))–\(clock(phase.to)): "
            + "\(words.decimal(phase.quantity)) \(phase.unit)\(price) = \(words.money(phase.amount)) (\(phase.why))"
    }

    func totals(_ receipt: Receipt) -> [Document.Total] {
        let basis = receipt.includesTax ? words.pricesIncludeTax : words.pricesExcludeTax
        return totals(
            receipt.net, receipt.taxes.map { (words.tax($0.rate, of: $0.base), $0.amount) }, receipt.gross,
            named: "\(words.total) (\(basis))")
    }

    func totals(_ invoice: Invoice) -> [Document.Total] {
        totals(
            invoice.net, invoice.taxes.map { (words.tax($0.rate, of: $0.base), $0.amount) }, invoice.gross,
            named: words.total)
    }

    func totals(_ note: CreditNote) -> [Document.Total] {
        let taxes = note.taxes.map { tax in
            (tax.rate.map { "\(words.decimal($0.percentText)) %" } ?? "", tax.amount)
        }
        return totals(note.net, taxes, note.gross, named: words.total)
    }

    private func totals(
        _ net: Money, _ taxes: [(label: String, amount: Money)], _ gross: Money, named total: String
    ) -> [Document.Total] {
        let parts = [(label: words.net, amount: net)] + taxes
        return parts.map { Document.Total(label: $0.label, amount: words.money($0.amount), isGrand: false) }
            + [Document.Total(label: total, amount: words.money(gross), isGrand: true)]
    }

    func row(_ line: Invoice.Line) -> Document.Row {
        Document.Row(
            what: "\(words.sessionOn) \(stamp(line.startedAt))",
            notes: [line.site, line.token, line.session?.text].compactMap { $0 },
            quantity: "\(words.number(line.energy)) kWh", unitPrice: "", amount: words.money(line.net))
    }

    func fields(ofCustomerOn invoice: Invoice) -> [Document.Field] {
        let optional: [(String, String?)] = [
            (words.address, invoice.customerAddress), (words.vatID, invoice.customerVATID),
        ]
        return [Document.Field(label: words.name, value: invoice.customer)]
            + Self.present(optional)
    }

    func fields(of paid: Receipt.Paid) -> [Document.Field] {
        let reservedAt = paid.reservedAt.map { ", \(stamp($0))" } ?? ""
        return [
            Document.Field(label: words.method, value: paid.method),
            Document.Field(label: words.reserved, value: words.money(paid.reserved) + reservedAt),
            Document.Field(
                label: words.captured, value: "\(words.money(paid.captured)), \(stamp(paid.capturedAt))"),
            Document.Field(label: words.released, value: words.money(paid.released)),
        ]
    }

    /// The fields that say something.
    private static func present(_ fields: [(label: String, value: String?)]) -> [Document.Field] {
        fields.compactMap { label, value in value.map { Document.Field(label: label, value: $0) } }
    }

    /// Date and clock of the site with the offset, e.g. `2026-03-10 09:00:00 +01:00`.
    func stamp(_ instant: Instant) -> String {
        let offset = zone.offsetSeconds(at: instant) / 60
        let sign = offset < 0 ? "-" : "+"
        let (hours, minutes) = offset.magnitude.quotientAndRemainder(dividingBy: 60)
        return "\(zone.local(instant).date) \(clock(instant, withSeconds: true)) "
            + "\(sign)\(Self.twoDigits(Int64(hours))):\(Self.twoDigits(Int64(minutes)))"
    }

    private func clock(_ instant: Instant, withSeconds: Bool = false) -> String {
        let second = zone.local(instant).secondOfDay
        let minutes = "\(Self.twoDigits(second / 3600)):\(Self.twoDigits(second / 60 % 60))"
        return withSeconds ? "\(minutes):\(Self.twoDigits(second % 60))" : minutes
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
