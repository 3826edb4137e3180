// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
package import Quantities
package import Storage

/// A driver puts money into a prepaid balance. It is credited when it is captured, never on approval, and once (T5).
package struct TopUpWallet: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why nothing was begun.
    package enum Refusal: Error, Hashable {
        case unknownWallet
        case notPositive
        case currencyMismatch(Currency, Currency)
        /// A saved card that is not there any more, or is somebody else's.
        case unknownMethod
        /// Its owner agreed to no more than this at once.
        case exceedsConsent(Money)
        /// The wallet's caps leave only this for today or this month.
        case capReached(left: Money)
    }

    /// The payment; the driver goes to its `nextAction`.
    ///
    /// - Parameters:
    ///   - method: a saved card of the wallet's account; nil sends the driver to the gateway's page.
    ///   - address: where that page sends them back to, on the organisation's list; nil for our own front page.
    ///   - clientKey: the same key again gives the same payment.
    ///   - metadata: words of the client's own.
    package func callAsFunction(
        _ amount: Money, to id: WalletID, on method: PaymentMethodID? = nil,
        returningTo address: String? = nil, clientKey: String, metadata: [String: String]? = nil
    ) async throws -> PaymentRecord {
        let now = desk.clock.now
        let words = PaymentWords(clientKey: clientKey, returnURL: address, metadata: metadata)
        return try await desk.store.transaction { tx in
            guard let wallet = try tx.lock(WalletRecord.self, id: id) else { throw Refusal.unknownWallet }
            if let same = try tx.topUps(of: id, since: .epoch).first(where: { $0.clientKey == clientKey }) {
                return same
            }
            guard amount.isPositive else { throw Refusal.notPositive }
            guard amount.currency == wallet.currency else {
                throw Refusal.currencyMismatch(amount.currency, wallet.currency)
            }
            try desk.check(returnURL: address, of: wallet.organisation, in: tx)
            if let method { return try charge(method, amount, for: wallet, words, in: tx, at: now) }
            let payment = try row(amount, for: wallet, words, in: tx, at: now)
            try tx.insert(payment)
            try PlanAttempt(desk: desk)(.authorize(amount), of: payment, in: tx, at: now)
            return payment
        }
    }

    private func charge(
        _ id: PaymentMethodID, _ amount: Money, for wallet: WalletRecord, _ words: PaymentWords, in tx: Tx,
        at now: Instant
    ) throws -> PaymentRecord {
        guard let method = try tx.find(PaymentMethodRecord.self, id), method.status == "usable",
            method.account == wallet.account
        else { throw Refusal.unknownMethod }
        guard amount.minorUnits <= method.consent.maximumMinor else {
            throw Refusal.exceedsConsent(
                Money(minorUnits: method.consent.maximumMinor, currency: amount.currency))
        }
        if let left = try ReloadWallet(desk: desk).left(for: wallet, in: tx, at: now), amount > left {
            throw Refusal.capReached(left: left)
        }
        return try ChargeMethod(desk: desk).topUp(amount, of: wallet, on: method, words, in: tx, at: now)
    }

    func row(
        _ amount: Money, for wallet: WalletRecord, _ words: PaymentWords, in tx: Tx, at now: Instant
    ) throws -> PaymentRecord {
        guard let account = try tx.gatewayAccount(of: wallet.organisation) else {
            throw CheckoutRefusal.noGateway
        }
        var payment = PaymentRecord(
            id: desk.ids.new(at: now), organisation: wallet.organisation, wallet: wallet.id,
            gatewayAccount: account.id, purpose: .topUp, source: .card, status: "created", machine: Payment(),
            currency: amount.currency, amountMinor: amount.minorUnits, capturedMinor: 0, createdAt: now)
        payment.take(words)
        try payment.apply(.authorize)
        return payment
    }

    /// It was captured: the wallet has it from this commit on.
    func received(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.wallet, var wallet = try tx.lock(WalletRecord.self, id: id) else { return }
        wallet.posted += payment.capturedMinor
        try tx.update(&wallet)
        let books = Books(desk: desk)
        let first = payment.id.text
        let again = try tx.isPosted("TopUpReceived", cause: first, of: payment.organisation)
        try books.post(
            try .topUpReceived(
                payment.captured, at: try books.clearingName(of: payment, in: tx),
                about: Dimensions(payment: payment.id, wallet: id)),
            Books.Entry(
                organisation: payment.organisation, cause: again ? "\(first):\(payment.version)" : first,
                occurredAt: now, now: now), in: tx)
        tx.note(.wallet, id.text)
    }

    /// The gateway took it back: so does the wallet, as far as it is still there; the rest a person must ask for.
    func reversed(
        _ amount: Money, _ payment: PaymentRecord, _ entry: Books.Entry, in tx: Tx, at now: Instant
    ) throws {
        guard let id = payment.wallet, var wallet = try tx.lock(WalletRecord.self, id: id) else { return }
        let there = max(0, min(amount.minorUnits, wallet.posted - wallet.pending - wallet.floor))
        let back = Money(minorUnits: there, currency: amount.currency)
        wallet.posted -= there
        try tx.update(&wallet)
        let books = Books(desk: desk)
        try books.post(
            try .topUpReversed(
                amount, ofWhich: back, at: try books.clearingName(of: payment, in: tx),
                about: Dimensions(payment: payment.id, wallet: id)), entry, in: tx)
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: payment.organisation, reason: "top_up_reversed",
                object: payment.id.text, detail: "\(amount - back) of it was spent already",
                currency: amount.currency, amountMinor: amount.minorUnits, state: "open", openedAt: now))
        tx.note(.wallet, id.text)
    }
}

/// Unused balance goes back to the instruments that topped it up, newest first, up to what each paid (T5r).
package struct PayOutWallet: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why nothing is paid out.
    package enum Refusal: Error, Hashable {
        case notPositive
        /// The wallet has not that much unused.
        case insufficientBalance(available: Money)
        /// No instrument paid in that much; the rest needs another way.
        case noInstrument(refundable: Money)
        case currencyMismatch(Currency, Currency)
    }

    /// The refunds that pay it, one per instrument.
    package func callAsFunction(
        _ amount: Money, of id: WalletID, by author: Author
    ) async throws -> [RefundRecord] {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var wallet = try author.lock(WalletRecord.self, id, "wallet", in: tx)
            guard amount.currency == wallet.currency else {
                throw Refusal.currencyMismatch(amount.currency, wallet.currency)
            }
            guard amount.isPositive else { throw Refusal.notPositive }
            let available = Money(
                minorUnits: max(0, wallet.posted - wallet.pending - wallet.floor), currency: wallet.currency)
            guard amount <= available else { throw Refusal.insufficientBalance(available: available) }
            let parts = try split(amount, over: try tx.topUps(of: id), in: tx)
            wallet.pending += amount.minorUnits
            try tx.update(&wallet)
            let refunds = try parts.map { payment, machine in
                try send(machine, to: payment, by: author, in: tx, at: now)
            }
            try author.note("wallet.paid_out", id, because: "\(amount)", with: desk, in: tx, at: now)
            tx.note(.wallet, id.text)
            return refunds
        }
    }

    private func split(
        _ amount: Money, over topUps: [PaymentRecord], in tx: Tx
    ) throws -> [(PaymentRecord, Refund)] {
        var left = amount
        var parts: [(PaymentRecord, Refund)] = []
        for topUp in topUps where left.isPositive && topUp.isCollected {
            guard let payment = try tx.lock(PaymentRecord.self, id: topUp.id) else { continue }
            let taken = try tx.taken(by: payment)
            let part = min(left, taken.available)
            guard part.isPositive, !taken.hasOpenDispute else { continue }
            parts.append((payment, try Refund(of: part, from: taken)))
            left -= part
        }
        guard left.isZero else { throw Refusal.noInstrument(refundable: amount - left) }
        return parts
    }

    private func send(
        _ machine: Refund, to payment: PaymentRecord, by author: Author, in tx: Tx, at now: Instant
    ) throws -> RefundRecord {
        let refund = RefundRecord(
            id: desk.ids.new(at: now), of: payment, session: nil, kind: .payout, creditNote: nil,
            machine: machine, reason: "unused balance", askedBy: author.name, at: now)
        try tx.insert(refund)
        try SendRefund(desk: desk)(refund, of: payment, in: tx, at: now)
        return refund
    }

    /// It is confirmed, or refused: then the driver has the balance again.
    func decided(_ refund: RefundRecord, isPaid: Bool, in tx: Tx) throws {
        guard let id = refund.wallet, var wallet = try tx.lock(WalletRecord.self, id: id) else { return }
        wallet.pending -= refund.amountMinor
        if isPaid { wallet.posted -= refund.amountMinor }
        try tx.update(&wallet)
        tx.note(.wallet, id.text)
    }
}
