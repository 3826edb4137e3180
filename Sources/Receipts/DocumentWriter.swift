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
        ] + optional.compactMap { label, value in value.map { Document.Field(label: label, value: $0) } }
    }

    func meter(_ charge: Receipt.Charge) -> [Document.Field] {
        let optional: [(String, String?)] = [
            (words.meterSerial, charge.meterSerial),
            (words.startReading, charge.startRegister.map { "\(words.number($0)) kWh" }),
            (words.stopReading, charge.endRegister.map { "\(words.number($0)) kWh" }),
            (words.energy, "\(words.number(charge.energy)) kWh"),
        ]
        return optional.compactMap { label, value in value.map { Document.Field(label: label, value: $0) } }
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
        let net = Document.Total(label: words.net, amount: words.money(receipt.net), isGrand: false)
        let taxes = receipt.taxes.map { tax in
            Document.Total(
                label: words.tax(tax.rate, of: tax.base), amount: words.money(tax.amount), isGrand: false)
        }
        let basis = receipt.includesTax ? words.pricesIncludeTax : words.pricesExcludeTax
        let gross = Document.Total(
            label: "\(words.total) (\(basis))", amount: words.money(receipt.gross), isGrand: true)
        return [net] + taxes + [gross]
    }

    func totals(_ invoice: Invoice) -> [Document.Total] {
        let net = Document.Total(label: words.net, amount: words.money(invoice.net), isGrand: false)
        let taxes = invoice.taxes.map { tax in
            Document.Total(
                label: words.tax(tax.rate, of: tax.base), amount: words.money(tax.amount), isGrand: false)
        }
        return [net] + taxes
            + [Document.Total(label: words.total, amount: words.money(invoice.gross), isGrand: true)]
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
            + optional.compactMap { label, value in value.map { Document.Field(label: label, value: $0) } }
    }

    func totals(_ note: CreditNote) -> [Document.Total] {
        let net = Document.Total(label: words.net, amount: words.money(note.net), isGrand: false)
        let taxes = note.taxes.map { tax in
            Document.Total(
                label: tax.rate.map { "\(words.decimal($0.percentText)) %" } ?? "",
                amount: words.money(tax.amount), isGrand: false)
        }
        return [net] + taxes
            + [Document.Total(label: words.total, amount: words.money(note.gross), isGrand: true)]
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
