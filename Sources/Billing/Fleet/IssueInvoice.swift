// SPDX-License-Identifier: Apache-2.0

import Accounting
import Digests
import Foundation
import Payments
package import Quantities
package import Receipts
package import Storage
import Tariffs

/// The month of an invoiced account: its sessions net, the tax once per rate on their sum (T11i, payments.md §7).
///
/// A session that was rated after the month's invoice comes on the next one, with its own date.
package struct IssueInvoice: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Invoices every account whose month is over; returns how many invoices that were. Safe to repeat.
    package func whatIsDue() async throws -> Int {
        let accounts = try await desk.store.read { tx in try tx.invoicedAccounts() }
        var issued = 0
        for account in accounts where try await self(account.id) != nil { issued += 1 }
        return issued
    }

    /// The invoice of what was rated before this month began in the seller's zone; nil if that is nothing.
    package func callAsFunction(_ id: AccountID) async throws -> InvoiceRecord? {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let account = try tx.lock(AccountRecord.self, id: id),
                let organisation = try tx.find(OrganisationRecord.self, account.organisation)
            else { return nil }
            let zone = try desk.zones.rules(of: organisation.timeZone, from: now - .hours(24 * 62), to: now)
            let today = zone.local(now).date.parts
            let bills = try tx.unbilled(of: id, ratedBefore: now).filter { bill in
                let rated = zone.local(bill.ratedAt ?? now).date.parts
                return (rated.year, rated.month) < (today.year, today.month)
            }
            guard !bills.isEmpty else { return nil }
            let month = today.month == 1 ? (today.year - 1, 12) : (today.year, today.month - 1)
            let period = "\(month.0)-" + (month.1 < 10 ? "0\(month.1)" : "\(month.1)")
            return try issue(bills, to: account, by: organisation, period: period, in: tx, at: now)
        }
    }

    private func issue(
        _ bills: [BillRecord], to account: AccountRecord, by organisation: OrganisationRecord, period: String,
        in tx: Tx, at now: Instant
    ) throws -> InvoiceRecord {
        let currency = organisation.currency
        let zone = try desk.zones.rules(of: organisation.timeZone, from: now, to: now)
        let series = Numbering.invoiceSeries(year: zone.local(now).date.parts.year)
        let (number, previous) = try tx.nextDocument(of: series, for: organisation.id)
        let days = account.paymentTermDays ?? organisation.policy.collection.paymentTermDays
        let due = now + .hours(24 * days)
        let (lines, bases) = try contents(of: bills, in: currency, tx: tx)
        let invoice = try Invoice(
            lines, bases: bases, in: currency,
            Invoice.Parts(
                number: Numbering.label(series, number), issuedAt: now, dueAt: due, period: period,
                seller: organisation.seller, customer: account.customer))
        let content = try CanonicalJSON.bytes(of: invoice)
        let id = InvoiceID(at: now, random: UInt128(desk.ids.word()))
        let document = DocumentRecord(
            id: id.text, organisation: organisation.id, kind: "invoice", series: series, number: number,
            label: invoice.number, account: account.id, currency: currency,
            grossMinor: invoice.gross.minorUnits,
            content: content,
            hash: ChainLink.hash(previous: previous.isEmpty ? ChainLink.genesis : previous, record: content),
            previousHash: previous, issuedAt: now)
        try tx.file(document)
        let row = InvoiceRecord(
            id: id, account: account, period: period, document: document, net: invoice.net,
            tax: invoice.gross - invoice.net, dueAt: due)
        try tx.insert(row)
        for bill in bills {
            guard var bill = try tx.lock(BillRecord.self, id: bill.id) else { continue }
            bill.invoice = id
            try tx.update(&bill)
        }
        try post(invoice, row, of: bills, in: tx, at: now)
        try SendMail(desk: desk).invoice(document, to: account, in: tx, at: now)
        tx.note(.document, invoice.number)
        return row
    }

    private func contents(
        of bills: [BillRecord], in currency: Currency, tx: Tx
    ) throws -> (lines: [Invoice.Line], bases: [(rate: TaxRate?, base: Money)]) {
        var lines: [Invoice.Line] = []
        var bases: [TaxRate?: Money] = [:]
        for bill in bills {
            guard let rated = try bill.ratedBill else { continue }
            let session = try bill.session.flatMap { try tx.find(SessionRecord.self, $0) }
            let site = try session.flatMap { try tx.find(SiteRecord.self, $0.site) }
            lines.append(
                Invoice.Line(
                    session: bill.session, startedAt: session?.startedAt ?? bill.createdAt,
                    energy: session?.energy ?? .zero, net: rated.net, site: site?.name,
                    token: session?.tokenMasked))
            for tax in rated.taxes { bases[tax.rate, default: .zero(currency)] += tax.base }
            let untaxed = rated.net - rated.taxes.map(\.base).sum(in: currency)
            if !untaxed.isZero { bases[nil, default: .zero(currency)] += untaxed }
        }
        let sorted = bases.sorted { left, right in
            (left.key?.tenThousandthsOfPercent ?? -1) < (right.key?.tenThousandthsOfPercent ?? -1)
        }
        return (lines, sorted.map { (rate: $0.key, base: $0.value) })
    }

    /// T11i.
    private func post(
        _ invoice: Invoice, _ row: InvoiceRecord, of bills: [BillRecord], in tx: Tx, at now: Instant
    ) throws {
        let session = try bills.first?.session.flatMap { try tx.find(SessionRecord.self, $0) }
        let country = try session.flatMap { try tx.find(SiteRecord.self, $0.site) }?.taxProfile.country ?? ""
        let taxes = invoice.taxes.compactMap { tax in
            tax.rate.map { SessionOwed.Tax(country: country, rate: $0, amount: tax.amount) }
        }
        try Books(desk: desk).post(
            try .invoiceIssued(net: invoice.net, taxes: taxes, about: Dimensions()),
            Books.Entry(organisation: row.organisation, cause: row.id.text, occurredAt: now, now: now), in: tx
        )
    }
}

extension AccountRecord {
    /// As it stands on its invoices.
    fileprivate var customer: Invoice.Customer {
        Invoice.Customer(name: name, address: invoiceAddress?.oneLine, vatID: vatId)
    }
}

extension DocumentRecord {
    /// The invoice that is stored here.
    package var invoice: Invoice {
        get throws { try JSONDecoder().decode(Invoice.self, from: Data(content)) }
    }
}

/// A customer paid an invoice by transfer, as a bank statement says (T11p). Each statement line counts once.
package struct RecordInvoicePayment: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why it is not booked.
    package enum Refusal: Error, Hashable {
        case currencyMismatch(Currency, Currency)
        case notPositive
        /// More than is open; the rest must be somebody else's.
        case exceedsOpen(Money)
    }

    /// - Parameter line: the bank's name of the statement line; the same line is booked once.
    package func callAsFunction(
        _ amount: Money, of id: InvoiceID, line: String, to bank: String = "Main", by author: Author
    ) async throws -> InvoiceRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var invoice = try author.lock(InvoiceRecord.self, id, "invoice", in: tx)
            guard amount.currency == invoice.currency else {
                throw Refusal.currencyMismatch(amount.currency, invoice.currency)
            }
            guard amount.isPositive else { throw Refusal.notPositive }
            let cause = "\(id):\(line)"
            guard try !tx.isPosted("InvoicePaid", cause: cause, of: invoice.organisation) else {
                return invoice
            }
            let open = invoice.gross - Money(minorUnits: invoice.paidMinor, currency: invoice.currency)
            guard amount <= open else { throw Refusal.exceedsOpen(open) }
            try Books(desk: desk).post(
                try .invoicePaid(amount, to: bank, about: Dimensions()),
                Books.Entry(
                    organisation: invoice.organisation, cause: cause, actor: author.name, occurredAt: now,
                    now: now), in: tx)
            invoice.paidMinor += amount.minorUnits
            if amount == open {
                invoice.status = "paid"
                invoice.paidAt = now
            }
            try tx.update(&invoice)
            if invoice.status == "paid" { try settle(invoice, in: tx, at: now) }
            try author.note("invoice.paid", id, because: line, with: desk, in: tx, at: now)
            return invoice
        }
    }

    private func settle(_ invoice: InvoiceRecord, in tx: Tx, at now: Instant) throws {
        for bill in try tx.bills(on: invoice.id) {
            guard var bill = try tx.lock(BillRecord.self, id: bill.id) else { continue }
            try bill.apply(.paid, with: desk, in: tx, at: now)
            bill.settledAt = now
            try tx.update(&bill)
            if let session = bill.session { tx.note(.session, session.text) }
        }
    }
}
