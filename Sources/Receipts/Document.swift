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
