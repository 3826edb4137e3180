// SPDX-License-Identifier: Apache-2.0

import Accounting
import Charging
import Payments
import Quantities
import Storage

/// A card of a prepaid account was tapped: freezes the tariff valid now and reserves part of the wallet.
///
/// The reservation is checked and written in one transaction, so two sessions cannot spend the same money (I6).
struct FundFromAccount {
    let visit: StationVisit

    func callAsFunction(
        _ session: SessionRecord, answer: TokenAnswer, in tx: Tx
    ) throws -> (session: SessionRecord, token: TokenAnswer) {
        var session = session
        guard let account = session.account,
            let evse = try session.evse.flatMap({ try tx.find(EVSERecord.self, $0) })
        else { return (session, answer) }
        let quote: QuoteRecord
        do {
            quote = try QuoteSession(desk: visit.desk)(evse: evse, at: visit.now, in: tx)
        } catch QuoteRefusal.noTariff {
            // Without a price nothing may be sold (C74): the energy goes to a person.
            try tx.update(&session)
            return (session, TokenAnswer(status: .blocked))
        }
        if try AccountStanding(of: account, in: tx, at: visit.now).isBlocked {
            try tx.update(&session)
            return (session, TokenAnswer(status: .blocked))
        }
        if try tx.find(AccountRecord.self, account)?.funding == .invoice {
            session.bill = try FundByInvoice(desk: visit.desk)(
                session, of: account, under: quote, in: tx, at: visit.now)?.id
            try tx.update(&session)
            return (session, session.bill == nil ? TokenAnswer(status: .noCredit) : answer)
        }
        guard var wallet = try tx.lockWallet(of: account, in: quote.currency),
            let hold = try reservation(in: wallet, for: quote, in: tx)
        else {
            try tx.update(&session)
            return (session, TokenAnswer(status: .noCredit))
        }
        let bill = try openBill(quote, for: session, in: tx)
        wallet.pending += hold.minorUnits
        try tx.update(&wallet)
        try reserve(hold, from: wallet, for: bill, session: session.id, in: tx)
        session.bill = bill.id
        try tx.update(&session)
        return (session, answer)
    }

    /// As much as the quote's hold, or what is there if that is at least the smallest hold (payments.md §7).
    private func reservation(in wallet: WalletRecord, for quote: QuoteRecord, in tx: Tx) throws -> Money? {
        let available = wallet.posted - wallet.pending - wallet.floor
        let policy = try tx.find(OrganisationRecord.self, wallet.organisation)?.policy ?? OrganisationPolicy()
        let amount = min(available, quote.holdMinor)
        guard amount >= min(policy.holdMinimum, quote.holdMinor), amount > 0 else { return nil }
        return Money(minorUnits: amount, currency: wallet.currency)
    }

    private func openBill(_ quote: QuoteRecord, for session: SessionRecord, in tx: Tx) throws -> BillRecord {
        var bill = BillRecord(
            id: visit.desk.ids.new(at: visit.now), organisation: session.organisation, quote: quote.id,
            session: session.id, account: session.account, currency: quote.currency, status: "quoted",
            machine: Bill(), createdAt: visit.now)
        try tx.insert(bill)
        for event: Bill.Event in [.fund, .funded, .start, .on] {
            try bill.apply(event, with: visit.desk, in: tx, at: visit.now)
        }
        try tx.update(&bill)
        return bill
    }

    private func reserve(
        _ hold: Money, from wallet: WalletRecord, for bill: BillRecord, session: SessionID, in tx: Tx
    ) throws {
        var payment = PaymentRecord(
            id: visit.desk.ids.new(at: visit.now), organisation: bill.organisation, bill: bill.id,
            wallet: wallet.id,
            purpose: .session, source: .wallet, status: "created", machine: Payment(),
            currency: hold.currency,
            amountMinor: hold.minorUnits, capturedMinor: 0, createdAt: visit.now, authorizedAt: visit.now)
        try payment.apply(.authorize)
        try payment.apply(.approved(Payment.Authorization(amount: hold)))
        try tx.insert(payment)
        try Books(desk: visit.desk).reserve(
            .walletReserved(
                hold, about: Dimensions(session: session, payment: payment.id, wallet: wallet.id)),
            Books.Entry(
                organisation: bill.organisation, cause: payment.id.text, occurredAt: visit.now, now: visit.now
            ),
            in: tx)
    }
}
