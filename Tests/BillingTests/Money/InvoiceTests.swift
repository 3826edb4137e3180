// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Payments
import Quantities
import Receipts
import Simulation
import Storage
import Testing

/// The month of a fleet: its sessions are owed, invoiced once when the month is over, mailed, and paid by transfer.
@Suite("Invoices of a month", .serialized, .timeLimit(.minutes(2)))
struct InvoiceTests {
    private func fleet(in shop: Shop) async throws -> AccountRecord {
        var wish = Accounts.Wish()
        wish.name = "Harbour Couriers GmbH"
        wish.kind = .fleet
        wish.funding = .invoice
        wish.email = "office@couriers.example"
        wish.creditLimit = .eur(200_00)
        wish.vatID = "DE136695976"
        wish.invoiceAddress = PostalAddress(
            street: "Kai 7", postalCode: "20457", city: "Hamburg", country: "DE")
        return try await Accounts(desk: shop.desk).create(wish, by: shop.author)
    }

    private func charge(_ wattHours: Int64, for fleet: AccountRecord, key: String, in shop: Shop) async throws
    {
        let (_, quote) = try await shop.scan()
        let wish = StartForAccount.Wish(
            evseCode: shop.seeded.stations[0].code, account: fleet.id, accepted: quote.hash)
        _ = try await StartForAccount(desk: shop.desk)(wish, clientKey: key, by: shop.author)
        try await shop.charge(wattHours, token: try #require(try await shop.takeStart()))
    }

    private func invoices(of fleet: AccountRecord, in shop: Shop) async throws -> [InvoiceRecord] {
        try await shop.desk.store.read { tx in try tx.invoices(of: fleet.id) }
    }

    private func bills(_ shop: Shop) async throws -> [String] {
        try await shop.desk.store.read { tx in
            try tx.all(BillRecord.self).filter { $0.source == .invoice }.map(\.status)
        }
    }

    @Test(
        "T11i, T11p: the month is invoiced once with the tax on its sum, and its transfer settles every session",
        arguments: ConcurrencyTests.places)
    func month(place: String) async throws {
        let shop = try await Shop.open(try ConcurrencyTests.place(place), mails: MailSink([]))
        let fleet = try await fleet(in: shop)
        try await charge(20_000, for: fleet, key: "1", in: shop)
        try await charge(20_000, for: fleet, key: "2", in: shop)
        // 9.80 with 19 % tax are 8.24 net, twice; the tax of 16.48 is 3.13, and twice 1.56 would be 3.12.
        #expect(try await shop.balance("Assets:Receivable:Unbilled") == 16_48)
        #expect(try await invoices(of: fleet, in: shop).isEmpty, "the month is not over")

        try await shop.pass(.hours(24 * 31))
        let invoice = try #require(try await invoices(of: fleet, in: shop).first)
        #expect(invoice.netMinor == 16_48 && invoice.taxMinor == 3_13)
        #expect(try await shop.balance("Assets:Receivable:Unbilled") == 0)
        #expect(try await shop.balance("Assets:Receivable:Customer") == 19_61)
        #expect(try await bills(shop) == ["settling", "settling"])
        #expect(try await IssueInvoice(desk: shop.desk)(fleet.id) == nil, "nothing is invoiced twice")
        try await charge(10_000, for: fleet, key: "3", in: shop)
        #expect(try await IssueInvoice(desk: shop.desk)(fleet.id) == nil, "that is the next month's")

        let pay = RecordInvoicePayment(desk: shop.desk)
        _ = try await pay(.eur(10_00), of: invoice.id, line: "b-1", by: shop.author)
        #expect(try await bills(shop) == ["settling", "settling", "settling"])
        let paid = try await pay(.eur(9_61), of: invoice.id, line: "b-2", by: shop.author)
        #expect(paid.status == "paid")
        #expect(try await bills(shop).sorted() == ["settled", "settled", "settling"])
        #expect(try await shop.balance("Assets:Receivable:Customer") == 0)
        try await shop.pass(.hours(24 * 31))
        let all = try await invoices(of: fleet, in: shop)
        #expect(all.map(\.netMinor).sorted() == [4_12, 16_48])
        #expect(Set(all.map(\.label)).count == 2)
        try await shop.isSound()
    }

    @Test("an invoice says who owes what for which session, as page, PDF and mail: always the same bytes")
    func document() async throws {
        let sink = MailSink([])
        let shop = try await Shop.open(mails: sink)
        let fleet = try await fleet(in: shop)
        try await charge(20_000, for: fleet, key: "1", in: shop)
        try await shop.pass(.hours(24 * 31))
        let invoice = try #require(try await invoices(of: fleet, in: shop).first)
        let document = try #require(
            try await shop.desk.store.read { tx in try tx.find(DocumentRecord.self, invoice.document) })

        let render = RenderReceipt(desk: shop.desk)
        let page = String(decoding: try await render(document, as: .html), as: UTF8.self)
        for words in [
            "Rechnung \(invoice.label)", "Harbour Couriers GmbH", "Kai 7, 20457 Hamburg, DE", "DE136695976",
            "20,000 kWh", "8,24 EUR", "1,57 EUR", "9,81 EUR", "Zahlbar bis",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        let pdf = try await render(document, as: .pdf)
        #expect(pdf.starts(with: Array("%PDF-".utf8)))
        #expect(try await render(document, as: .pdf) == pdf)
        let mail = try #require(sink.messages.first)
        #expect(sink.messages.count == 1 && mail.to == MailAddress("office@couriers.example"))
        #expect(mail.attachments.map(\.bytes) == [pdf] && mail.subject.contains(invoice.label))
        #expect(mail.text.contains("9,81 EUR"))
        let site = try await shop.siteName
        #expect(try document.invoice.lines.map(\.site) == [site])
    }
}

extension Shop {
    /// Where its first station stands.
    fileprivate var siteName: String {
        get async throws {
            try #require(try await desk.store.read { tx in try tx.all(SiteRecord.self).first?.name })
        }
    }
}
