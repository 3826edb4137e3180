// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
import Quantities
import Storage
import Tariffs

/// A card of a prepaid account was tapped: freezes the tariff valid now and reserves part of the wallet.
///
/// The reservation is checked and written in one transaction, so two sessions cannot spend the same money (I6).
struct FundFromAccount {
    let visit: StationVisit

    /// `mayOwe` lets an account without enough money owe the whole: its offline start cannot be refused any more (F49).
    func callAsFunction(
        _ session: SessionRecord, answer: TokenAnswer, mayOwe: Bool, in tx: Tx
    ) throws -> (session: SessionRecord, token: TokenAnswer) {
        var session = session
        guard let account = session.account else {
            try tx.update(&session)
            return (session, answer)
        }
        guard let quote = try quote(session, in: tx) else {
            // Without a place or a price nothing may be sold (C74): the energy goes to a person, unless the place is told
            // later.
            try tx.update(&session)
            return (session, session.evse == nil ? answer : TokenAnswer(status: .blocked))
        }
        if try AccountStanding(of: account, in: tx, at: visit.now).isBlocked {
            if mayOwe { session.bill = try openBill(quote, for: session, in: tx).id }
            try tx.update(&session)
            return (session, TokenAnswer(status: .blocked))
        }
        if try tx.find(AccountRecord.self, account)?.funding == .invoice {
            let bill = try FundByInvoice(desk: visit.desk)(
                session, of: account, under: quote, in: tx, at: visit.now)
            session.bill = try bill?.id ?? (mayOwe ? openBill(quote, for: session, in: tx).id : nil)
            try tx.update(&session)
            return (session, bill == nil ? TokenAnswer(status: .noCredit) : answer)
        }
        if let method = try methodToCharge(for: account, in: quote.currency, tx: tx) {
            session.bill = try FundByMethod(desk: visit.desk)(
                session, of: account, on: method, under: quote, in: tx, at: visit.now
            ).id
            try tx.update(&session)
            return (session, answer)
        }
        guard let wallet = try tx.lockWallet(of: account, in: quote.currency),
            let hold = try reservation(in: wallet, for: quote, session, in: tx)
        else {
            if mayOwe { session.bill = try openBill(quote, for: session, in: tx).id }
            try tx.update(&session)
            return (session, TokenAnswer(status: .noCredit))
        }
        let bill = try openBill(quote, for: session, in: tx)
        try ReserveWallet(desk: visit.desk)(
            hold, from: wallet, for: bill, session: session.id, in: tx, at: visit.now)
        session.bill = bill.id
        try tx.update(&session)
        return (session, answer)
    }

    /// The saved card of an account that is charged on one: because it says so, or because it has nothing else.
    private func methodToCharge(
        for id: AccountID, in currency: Currency, tx: Tx
    ) throws -> PaymentMethodRecord? {
        guard let account = try tx.find(AccountRecord.self, id) else { return nil }
        switch account.funding {
        case .paymentMethod: return try tx.defaultMethod(of: id)
        case .wallet, .invoice: return nil
        case nil: return try tx.lockWallet(of: id, in: currency) == nil ? tx.defaultMethod(of: id) : nil
        }
    }

    /// The session billed to its account without any reservation: what it comes to is owed (F49).
    func withoutReservation(_ session: SessionRecord, in tx: Tx) throws -> SessionRecord {
        var session = session
        guard let quote = try quote(session, in: tx) else { return session }
        session.bill = try openBill(quote, for: session, in: tx).id
        return session
    }

    /// The tariff version that was valid when the session began, frozen; however late its start is told. A limit of the
    /// token is the hold (charging.md §10).
    private func quote(_ session: SessionRecord, in tx: Tx) throws -> QuoteRecord? {
        guard let evse = try session.evse.flatMap({ try tx.find(EVSERecord.self, $0) }) else { return nil }
        let limit = try TokenBudget(desk: visit.desk)
            .left(
                of: session.token.flatMap { try tx.find(TokenRecord.self, $0) }, besides: session.id, in: tx,
                at: visit.now)
        do {
            return try QuoteSession(desk: visit.desk)(
                evse: evse, limit: limit, at: visit.now, pricedAt: min(session.startedAt, visit.now), in: tx)
        } catch is QuoteRefusal {
            // No price, or a limit of the card that nothing can be held to here.
            return nil
        }
    }

    /// As much as the quote's hold, or what is there if that is at least the smallest hold (payments.md §7). What a
    /// session costs that has ended already is known: that much, or nothing.
    private func reservation(
        in wallet: WalletRecord, for quote: QuoteRecord, _ session: SessionRecord, in tx: Tx
    ) throws -> Money? {
        let available = wallet.posted - wallet.pending - wallet.floor
        if session.folded.endedAt != nil {
            let needed = try RateSession(zones: visit.desk.zones)(session.folded, under: quote).gross
            if needed.isPositive { return available >= needed.minorUnits ? needed : nil }
        }
        let policy = try tx.policy(of: wallet.organisation)
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
}
