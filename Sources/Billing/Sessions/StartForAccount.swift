// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
package import Quantities
package import Storage

/// A program starts a session for an account, without a card at the reader (api.md §3.6): the price is frozen, the money
/// reserved from the account's own source, and the charger asked.
///
/// It is a checkout whose payer is known: the same hold serves a retry, and a start that finds no charge is released by
/// the same rules as a guest's (payments.md §6.4).
package struct StartForAccount: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What is to be started.
    package struct Wish: Sendable, Hashable {
        /// The code on the EVSE.
        package var evseCode: String
        package var account: AccountID
        /// The hash of the quote that the driver accepted.
        package var accepted: String
        /// A saved card instead of the account's usual source.
        package var method: PaymentMethodID?
        /// At most this much; it becomes the hold.
        package var limit: Money?
        /// What else it shall end at.
        package var limits = SessionLimits()
        package var language = "en"
        /// Words of the client's own.
        package var metadata: [String: String]?

        package init(evseCode: String, account: AccountID, accepted: String) {
            self.evseCode = evseCode
            self.account = account
            self.accepted = accepted
        }
    }

    /// Why nothing is started; nothing was reserved.
    package enum Refusal: Error, Hashable {
        /// An operator blocked the account.
        case accountBlocked
        /// What it has not paid; nil for an invoice that is overdue.
        case outstandingDebt(Money?, BillID?)
        /// Nobody can be invoiced without a name and an address.
        case billingDataRequired
        case creditLimitReached(left: Money)
        /// Its wallet has less than the smallest hold.
        case insufficientBalance(available: Money)
        /// It has a wallet, but in another currency (F63).
        case currencyMismatch(Currency, Currency)
        /// It has neither wallet, nor credit, nor a saved card.
        case noFunding
        /// A saved card that is not there any more, or is somebody else's.
        case unknownMethod
        /// It charges here, or as often as it may.
        case alreadyCharging(SessionID?)
    }

    /// The start, saved. A saved card is asked for its hold first; everything else is with the charger already.
    ///
    /// - Parameter clientKey: the same key again gives the same start.
    package func callAsFunction(_ wish: Wish, clientKey: String, by author: Author) async throws
        -> CheckoutRecord
    {
        let now = desk.clock.now
        let secret = desk.ids.secret()
        return try await desk.store.transaction { tx in
            let account = try author.lock(AccountRecord.self, wish.account, "account", in: tx)
            if let same = try tx.checkout(clientKey: clientKey, of: author.organisation) { return same }
            guard let evse = try tx.evse(code: wish.evseCode.uppercased()),
                evse.organisation == account.organisation
            else { throw CheckoutRefusal.unknownEVSE(wish.evseCode) }
            try refuse(account, at: evse, in: tx, at: now)
            let quote = try quote(wish, at: evse, in: tx, now: now)
            var bill = BillRecord(
                id: desk.ids.new(at: now), organisation: evse.organisation, quote: quote.id,
                account: account.id, currency: quote.currency, status: "quoted", machine: Bill(),
                createdAt: now)
            var checkout = CheckoutRecord(
                id: desk.ids.new(at: now), organisation: evse.organisation, evse: evse.id, quote: quote.id,
                bill: bill.id, secret: secret, limitMinor: wish.limit?.minorUnits, language: wish.language,
                autoStart: true, failedStarts: 0, createdAt: now)
            checkout.clientKey = clientKey
            checkout.metadata = wish.metadata
            checkout.limits = wish.limits.ifAny
            bill.checkout = checkout.id
            let source = try source(of: account, wish, quote, in: tx)
            bill.source = source.word
            try tx.insert(bill)
            try tx.insert(checkout)
            try fund(&bill, from: source, under: quote, in: tx, at: now)
            return checkout
        }
    }

    /// What the account or the place says against it, the account first: it must pay before anything else.
    private func refuse(_ account: AccountRecord, at evse: EVSERecord, in tx: Tx, at now: Instant) throws {
        guard account.status == .active else { throw Refusal.accountBlocked }
        let standing = try AccountStanding(of: account.id, in: tx, at: now)
        if standing.isBlocked {
            throw Refusal.outstandingDebt(standing.debts.first?.amount, standing.debts.first?.bill)
        }
        if let open = try tx.openSessions(of: evse.id).first {
            let session = try tx.find(SessionRecord.self, open.id)
            guard session?.account != account.id else { throw Refusal.alreadyCharging(open.id) }
            throw CheckoutRefusal.evseOccupied(since: open.startedAt)
        }
        for other in try tx.liveCheckouts(of: evse.id, since: now - .hours(24)) {
            guard let bill = try tx.find(BillRecord.self, other.bill), bill.status != "funding" else {
                continue
            }
            guard bill.account != account.id else { throw Refusal.alreadyCharging(bill.session) }
            throw CheckoutRefusal.evseOccupied(since: other.createdAt)
        }
        if let most = account.sessionsAtOnce, try tx.openSessions(of: account.id, besides: nil) >= most {
            throw Refusal.alreadyCharging(nil)
        }
        if [.unavailable, .faulted].contains(evse.status) {
            throw CheckoutRefusal.evseUnavailable(evse.status)
        }
        guard try tx.find(StationRecord.self, evse.station)?.connectedAt != nil else {
            throw CheckoutRefusal.stationOffline
        }
    }

    /// Frozen now; what the driver accepted must be this, or the same without their own limit.
    private func quote(_ wish: Wish, at evse: EVSERecord, in tx: Tx, now: Instant) throws -> QuoteRecord {
        let quoting = QuoteSession(desk: desk)
        let quote = try quoting(evse: evse, limit: wish.limit, at: now, in: tx)
        if quote.hash == wish.accepted { return quote }
        guard wish.limit != nil, try quoting(evse: evse, at: now, in: tx).hash == wish.accepted else {
            throw CheckoutRefusal.priceChanged(hash: quote.hash)
        }
        return quote
    }

    /// Where its money comes from.
    private enum Source {
        case wallet(WalletRecord, Money)
        case invoice
        case method(PaymentMethodRecord)

        var word: BillSource {
            switch self {
            case .wallet: .wallet
            case .invoice: .invoice
            case .method: .paymentMethod
            }
        }
    }

    /// The order of decided.md (Tokens): what the account says, else wallet, else saved card; a card that was named wins.
    private func source(
        of account: AccountRecord, _ wish: Wish, _ quote: QuoteRecord, in tx: Tx
    ) throws -> Source {
        if let id = wish.method {
            guard let method = try tx.find(PaymentMethodRecord.self, id), method.status == "usable",
                method.account == account.id
            else { throw Refusal.unknownMethod }
            return .method(method)
        }
        switch account.funding {
        case .invoice:
            guard account.invoiceAddress != nil else { throw Refusal.billingDataRequired }
            let line = try CreditLine(of: account, in: quote.currency, tx: tx)
            guard line.covers(quote.hold) else {
                throw Refusal.creditLimitReached(left: max(.zero(quote.currency), line.left ?? quote.hold))
            }
            return .invoice
        case .wallet: return try wallet(of: account, under: quote, in: tx)
        case .paymentMethod: return try card(of: account, in: tx)
        case nil:
            return try tx.wallets(of: account.id).isEmpty
                ? card(of: account, in: tx) : wallet(of: account, under: quote, in: tx)
        }
    }

    private func card(of account: AccountRecord, in tx: Tx) throws -> Source {
        guard let method = try tx.defaultMethod(of: account.id) else { throw Refusal.noFunding }
        return .method(method)
    }

    private func wallet(of account: AccountRecord, under quote: QuoteRecord, in tx: Tx) throws -> Source {
        guard let wallet = try tx.lockWallet(of: account.id, in: quote.currency) else {
            guard let other = try tx.wallets(of: account.id).first else { throw Refusal.noFunding }
            throw Refusal.currencyMismatch(other.currency, quote.currency)
        }
        let policy = try tx.policy(of: wallet.organisation)
        let available = max(0, wallet.posted - wallet.pending - wallet.floor)
        let amount = min(available, quote.holdMinor)
        guard amount >= min(policy.holdMinimum, quote.holdMinor), amount > 0 else {
            throw Refusal.insufficientBalance(
                available: Money(minorUnits: available, currency: wallet.currency))
        }
        return .wallet(wallet, Money(minorUnits: amount, currency: wallet.currency))
    }

    private func fund(
        _ bill: inout BillRecord, from source: Source, under quote: QuoteRecord, in tx: Tx, at now: Instant
    ) throws {
        try bill.apply(.fund, with: desk, in: tx, at: now)
        if case .method(let method) = source {
            guard desk.breakers.isOpen(method.gatewayAccount, at: now) == nil else {
                throw CheckoutRefusal.noGateway
            }
            try tx.update(&bill)
            let amount = min(quote.holdMinor, method.consent.maximumMinor)
            try ChargeMethod(desk: desk).hold(
                Money(minorUnits: amount, currency: quote.currency), on: method, for: bill, in: tx, at: now)
            return
        }
        if case .wallet(let wallet, let hold) = source {
            try ReserveWallet(desk: desk)(hold, from: wallet, for: bill, session: nil, in: tx, at: now)
        }
        try bill.apply(.funded, with: desk, in: tx, at: now)
        try tx.update(&bill)
        if let checkout = bill.checkout { try StartSession(desk: desk).start(checkout, in: tx, at: now) }
    }
}
