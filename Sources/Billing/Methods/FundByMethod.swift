// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Storage

/// A card was tapped that stands for a saved card: the session runs, its hold is asked for meanwhile, and if the bank says
/// no it is stopped (payments.md §2, §3.1 footnotes 1 and 7).
struct FundByMethod {
    let desk: Desk

    /// The bill, saved and running.
    func callAsFunction(
        _ session: SessionRecord, of account: AccountID, on method: PaymentMethodRecord,
        under quote: QuoteRecord,
        in tx: Tx, at now: Instant
    ) throws -> BillRecord {
        var bill = BillRecord(
            id: desk.ids.new(at: now), organisation: session.organisation, quote: quote.id,
            session: session.id,
            account: account, currency: quote.currency, status: "quoted", machine: Bill(), createdAt: now)
        bill.source = .paymentMethod
        try tx.insert(bill)
        try bill.apply(.fund, with: desk, in: tx, at: now)
        try bill.apply(.on, with: desk, in: tx, at: now)
        try tx.update(&bill)
        let amount = Money(
            minorUnits: min(quote.holdMinor, method.consent.maximumMinor), currency: quote.currency)
        try ChargeMethod(desk: desk).hold(amount, on: method, for: bill, in: tx, at: now)
        return bill
    }
}
