// SPDX-License-Identifier: Apache-2.0

package import Quantities
package import Tariffs

/// A receipt in the words and times that people read: the one content behind text, HTML and PDF.
///
/// Nothing is computed here: every amount was rounded before, and is only written down.
package struct Document: Hashable, Sendable {
    /// A label and what it says.
    package struct Field: Hashable, Sendable {
        package var label: String
        package var value: String
    }

    /// Fields under a heading.
    package struct Section: Hashable, Sendable {
        package var title: String
        package var fields: [Field]
    }

    /// A line of the bill with everything that explains it.
    package struct Row: Hashable, Sendable {
        package var what: String
        package var notes: [String]
        package var quantity: String
        package var unitPrice: String
        package var amount: String
    }

    /// A sum below the lines.
    package struct Total: Hashable, Sendable {
        package var label: String
        package var amount: String
        /// Whether it is what was paid.
        package var isGrand: Bool
    }

    /// BCP 47 tag of the language.
    package let language: String
    /// E.g. `Receipt R-2026-000123`.
    package let title: String
    /// Who sold.
    package let seller: String
    /// Address, VAT number and how to reach the seller.
    package let sellerLines: [String]
    package let issuedAt: Instant
    /// Document, place, session and meter.
    package let sections: [Section]
    /// Headings of the table: what and why, quantity, price, amount.
    package let columns: [String]
    package let rows: [Row]
    package let totals: [Total]
    /// Reserved, charged, released.
    package let payment: Section
    /// Which price was promised, and how it was rounded; a credit note promises none.
    package let proof: Section?
    /// Where to ask; without a way to ask there is none.
    package let help: String?
    /// The receipt's own address, also as a QR code; nil if it has none.
    package let link: String?
    /// What stands beside the QR code.
    package let linkLabel: String

    /// A receipt in a language.
    ///
    /// - Parameters:
    ///   - zone: the clock of the site; each time is shown with its offset.
    ///   - link: the address under which the receipt can be read.
    package init(_ receipt: Receipt, in words: Words, zone: ZoneRules, link: String? = nil) {
        let writer = DocumentWriter(words: words, zone: zone)
        language = words.language
        title = "\(words.receipt) \(receipt.number)"
        seller = receipt.seller.legalName
        sellerLines = writer.lines(of: receipt.seller)
        issuedAt = receipt.issuedAt
        sections = [
            Section(
                title: words.document,
                fields: [
                    Field(label: words.number, value: receipt.number),
                    Field(label: words.issued, value: writer.stamp(receipt.issuedAt)),
                    Field(label: words.taxPoint, value: writer.stamp(receipt.charge.endedAt)),
                ]),
            Section(title: words.place, fields: writer.fields(of: receipt.place)),
            Section(title: words.session, fields: writer.fields(of: receipt.charge)),
            Section(title: words.meter, fields: writer.meter(receipt.charge)),
        ].filter { !$0.fields.isEmpty }
        columns = [words.what, words.quantity, words.unitPrice, words.amount]
        rows = receipt.lines.map { writer.row($0, in: receipt.gross.currency) }
        totals = writer.totals(receipt)
        payment = Section(title: words.payment, fields: writer.fields(of: receipt.paid))
        proof = Section(
            title: words.promisedPrice,
            fields: [
                Field(label: words.tariff, value: receipt.proof.tariff),
                Field(label: words.version, value: "\(receipt.proof.version)"),
                Field(label: words.hash, value: receipt.proof.hash),
                Field(label: words.rounding, value: receipt.roundingPolicy),
            ])
        help = receipt.seller.supportPhone.map { "\(words.questions) \($0)" }
        self.link = link
        linkLabel = words.readAgain
    }

    /// A credit note in a language; `link` is that of its receipt.
    package init(_ note: CreditNote, in words: Words, zone: ZoneRules, link: String? = nil) {
        let writer = DocumentWriter(words: words, zone: zone)
        language = words.language
        title = "\(words.creditNote) \(note.number)"
        seller = note.seller.legalName
        sellerLines = writer.lines(of: note.seller)
        issuedAt = note.issuedAt
        sections = [
            Section(
                title: words.document,
                fields: [
                    Field(label: words.number, value: note.number),
                    Field(label: words.issued, value: writer.stamp(note.issuedAt)),
                    Field(
                        label: words.original,
                        value: "\(note.original), \(writer.stamp(note.originalIssuedAt))"),
                    Field(label: words.reason, value: note.reason),
                    Field(label: words.sessionNumber, value: note.session.text),
                ]),
            Section(title: words.place, fields: writer.fields(of: note.place)),
        ]
        columns = [words.what, words.quantity, words.unitPrice, words.amount]
        rows = note.lines.map { line in
            Row(
                what: words.lineName(line.kind), notes: [], quantity: "", unitPrice: "",
                amount: words.money(line.net))
        }
        totals = writer.totals(note)
        payment = Section(
            title: words.payment, fields: [Field(label: words.refundedTo, value: note.method)])
        proof = nil
        help = note.seller.supportPhone.map { "\(words.questions) \($0)" }
        self.link = link
        linkLabel = words.readAgain
    }

    /// All sections in the order in which they are read after the lines.
    package var closing: [Section] { [payment] + [proof].compactMap { $0 } }
}

/// Puts the values of a receipt into words.
private struct DocumentWriter {
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
