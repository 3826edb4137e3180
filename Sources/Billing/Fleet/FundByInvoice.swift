// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
import Quantities
import Storage

/// A card of an invoiced account was tapped: nothing is reserved, the credit limit is checked (payments.md §2).
struct FundByInvoice {
    let desk: Desk

    /// The bill, saved and running; nil if the credit does not cover the quote. The account's row is held, so that two
    /// starts see each other.
    func callAsFunction(
        _ session: SessionRecord, of id: AccountID, under quote: QuoteRecord, in tx: Tx, at now: Instant
    ) throws -> BillRecord? {
        guard let account = try tx.lock(AccountRecord.self, id: id),
            try CreditLine(of: account, in: quote.currency, tx: tx).covers(quote.hold)
        else { return nil }
        var bill = BillRecord(
            id: desk.ids.new(at: now), organisation: session.organisation, quote: quote.id,
            session: session.id,
            account: id, currency: quote.currency, status: "quoted", machine: Bill(), createdAt: now)
        bill.source = .invoice
        try tx.insert(bill)
        for event: Bill.Event in [.fund, .funded, .start, .on] {
            try bill.apply(event, with: desk, in: tx, at: now)
        }
        try tx.update(&bill)
        return bill
    }
}
