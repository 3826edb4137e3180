// SPDX-License-Identifier: Apache-2.0

import Quantities
package import Tariffs

extension Document {
    /// An invoice in a language: a row for each session, net, and the tax once per rate on their sum.
    ///
    /// - Parameter zone: the clock of the seller.
    package init(_ invoice: Invoice, in words: Words, zone: ZoneRules) {
        let writer = DocumentWriter(words: words, zone: zone)
        language = words.language
        title = "\(words.invoice) \(invoice.number)"
        seller = invoice.seller.legalName
        sellerLines = writer.lines(of: invoice.seller)
        issuedAt = invoice.issuedAt
        sections = [
            Section(
                title: words.document,
                fields: [
                    Field(label: words.number, value: invoice.number),
                    Field(label: words.issued, value: writer.stamp(invoice.issuedAt)),
                    Field(label: words.period, value: invoice.period),
                ]),
            Section(title: words.customer, fields: writer.fields(ofCustomerOn: invoice)),
        ]
        columns = [words.what, words.quantity, words.unitPrice, words.amount]
        rows = invoice.lines.map(writer.row)
        totals = writer.totals(invoice)
        payment = Section(
            title: words.payment,
            fields: [
                Field(label: words.payableBy, value: writer.stamp(invoice.dueAt)),
                Field(label: words.reference, value: invoice.number),
            ])
        proof = nil
        help = invoice.seller.supportPhone.map { "\(words.questions) \($0)" }
        link = nil
        linkLabel = words.readAgain
    }
}
