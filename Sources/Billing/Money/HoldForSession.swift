// SPDX-License-Identifier: Apache-2.0

import Payments
package import Quantities
package import Storage

/// A session that is under way, and behind which no money stands, gets a hold of its account (api.md §3.7).
///
/// It is for what the usual way left open: a bank that refused the hold of a tapped card, a hold that ran out, a start
/// that nobody could refuse. Two holds never stand beside each other (payments.md §3.1, footnote 2); once the session is
/// priced, what is open is a remainder or a debt, and has ways of its own.
package struct HoldForSession: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What is to be held.
    package struct Wish: Sendable, Hashable {
        package var session: SessionID
        package var account: AccountID
        package var amount: Money
        /// A saved card of the account; nil sends the driver to the gateway's page.
        package var method: PaymentMethodID?
        /// Where that page sends them back to.
        package var returnURL: String?
        /// Words of the client's own.
        package var metadata: [String: String]?

        package init(_ amount: Money, for session: SessionID, of account: AccountID) {
            self.session = session
            self.account = account
            self.amount = amount
        }
    }

    /// Why nothing is asked of the gateway.
    package enum Refusal: Error, Hashable {
        /// The account has no such session, or nobody pays for it.
        case unknownSession
        /// The state of the session's bill, and those in which a hold makes sense.
        case invalidState(String, allowed: [String])
        /// This payment stands behind it, or is about to.
        case isFunded(PaymentID)
        /// It goes on the account's invoice.
        case isInvoiced
        case currencyMismatch(Currency, Currency)
        /// The smallest hold.
        case tooSmall(minimum: Money)
        /// Neither the policy nor the driver's own limit allows more than this.
        case tooLarge(maximum: Money)
        /// A saved card that is not there any more, or is somebody else's.
        case unknownMethod
        /// Its owner agreed to no more than this at once.
        case exceedsConsent(Money)
    }

    private static let states = ["running", "ended", "in_review"]

    /// The payment that asks for the hold.
    ///
    /// - Parameter clientKey: the same key again gives the same payment.
    package func callAsFunction(
        _ wish: Wish, clientKey: String, by author: Author
    ) async throws -> PaymentRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let session = try tx.find(SessionRecord.self, wish.session),
                session.organisation == author.organisation, session.account == wish.account,
                let seen = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) })
            else { throw Refusal.unknownSession }
            let checkout = try seen.checkout.flatMap { try tx.lock(CheckoutRecord.self, id: $0) }
            guard var bill = try tx.lock(BillRecord.self, id: seen.id) else { throw Refusal.unknownSession }
            let earlier = try tx.payments(of: bill.id)
            if let same = earlier.first(where: { $0.clientKey == clientKey }) { return same }
            try refuse(wish, bill, earlier, in: tx)
            try desk.check(returnURL: wish.returnURL, of: bill.organisation, in: tx)
            let method = try wish.method.map { try self.method($0, wish, in: tx, at: now) }
            for page in earlier where page.machine.state == .actionRequired {
                try ReleaseHold(desk: desk).release(page.id, in: tx, at: now)
            }
            try bill.apply(.fund, with: desk, in: tx, at: now)
            try tx.update(&bill)
            let words = PaymentWords(
                clientKey: clientKey, returnURL: wish.returnURL, metadata: wish.metadata)
            let payment =
                try method.map {
                    try ChargeMethod(desk: desk).hold(
                        wish.amount, on: $0, for: bill, words, in: tx, at: now)
                }
                ?? RequestHold(desk: desk).begin(
                    wish.amount, for: bill, checkout: checkout, words, in: tx, at: now)
            try author.note(
                "payment.asked", payment.id, because: "\(wish.amount)", with: desk, in: tx, at: now)
            return payment
        }
    }

    private func refuse(
        _ wish: Wish, _ bill: BillRecord, _ earlier: [PaymentRecord], in tx: Tx
    ) throws {
        guard Self.states.contains(bill.status) else {
            throw Refusal.invalidState(bill.status, allowed: Self.states)
        }
        guard bill.fundedBy != .invoice else { throw Refusal.isInvoiced }
        // A page that was left open is given up for the new one, a hold is not.
        if let other = earlier.first(where: { !$0.isOver && $0.machine.state != .actionRequired }) {
            throw Refusal.isFunded(other.id)
        }
        guard wish.amount.currency == bill.currency else {
            throw Refusal.currencyMismatch(wish.amount.currency, bill.currency)
        }
        let policy = try tx.policy(of: bill.organisation)
        guard wish.amount.minorUnits >= policy.holdMinimum else {
            throw Refusal.tooSmall(
                minimum: Money(minorUnits: policy.holdMinimum, currency: bill.currency))
        }
        let ceiling = try bill.holdCeiling(in: tx)
        guard wish.amount <= ceiling else { throw Refusal.tooLarge(maximum: ceiling) }
    }

    private func method(
        _ id: PaymentMethodID, _ wish: Wish, in tx: Tx, at now: Instant
    ) throws -> PaymentMethodRecord {
        guard let method = try tx.find(PaymentMethodRecord.self, id), method.status == "usable",
            method.account == wish.account
        else { throw Refusal.unknownMethod }
        guard wish.amount.minorUnits <= method.consent.maximumMinor else {
            throw Refusal.exceedsConsent(
                Money(minorUnits: method.consent.maximumMinor, currency: wish.amount.currency))
        }
        // While a gateway does not answer, nothing new is asked of it (payments.md §5.1).
        guard desk.breakers.isOpen(method.gatewayAccount, at: now) == nil else {
            throw CheckoutRefusal.noGateway
        }
        return method
    }
}

extension BillRecord {
    /// What no hold of it is raised above: the policy's ceiling, or the driver's own limit if that is less.
    func holdCeiling(in tx: Tx) throws -> Money {
        let policy = try tx.find(OrganisationRecord.self, organisation)?.policy.collection
        let limit = try checkout.flatMap { try tx.find(CheckoutRecord.self, $0) }?.limitMinor
        let most = (policy ?? CollectingPolicy()).raiseMaximum
        return Money(minorUnits: min(most, limit ?? most), currency: currency)
    }
}

/// What whoever asks for a payment says of it, besides how much and for what.
struct PaymentWords: Hashable, Sendable {
    /// The same key again is the same payment.
    var clientKey: String?
    /// Where the gateway's page sends the driver back to; nil for a page of ours.
    var returnURL: String?
    /// Words of the client's own.
    var metadata: [String: String]?
}

extension PaymentRecord {
    /// Keeps what was said of it.
    mutating func take(_ words: PaymentWords) {
        clientKey = words.clientKey
        returnUrl = words.returnURL
        metadata = words.metadata
    }
}
