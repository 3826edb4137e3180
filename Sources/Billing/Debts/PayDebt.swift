// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
package import Quantities
package import Storage

/// A driver pays what is open of a session, by self-service: on the gateway's page, whole (payments.md §6.5).
///
/// One collector at a time: the pay link and an automatic try take the same lock, the debt's row (F62). The commit that
/// books the money closes the debt, and with it the block, once (I26).
package struct PayDebt: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why nothing was begun.
    package enum Refusal: Error, Hashable {
        case unknownBill
        /// Nothing is open; the bill's state.
        case nothingIsOwed(String)
        /// Another try is with the gateway, and nobody knows how it ended.
        case isBeingCollected(PaymentID)
        /// A saved card that is not there any more, or is somebody else's.
        case unknownMethod
        /// Its owner agreed to no more than this at once.
        case exceedsConsent(Money)
        /// A debt is paid whole; this much is open of the bill's oldest.
        case isNotWhole(Money)
    }

    /// The payment that collects the oldest open debt of a bill; the driver goes to its `nextAction`.
    ///
    /// - Parameters:
    ///   - method: a saved card of the bill's account; nil sends the driver to the gateway's page.
    ///   - address: where that page sends them back to, on the organisation's list; nil for the session's page, or ours.
    ///   - amount: what the payer thinks is open; nil for whatever is.
    ///   - clientKey: the same key again gives the same payment.
    ///   - metadata: words of the client's own.
    package func callAsFunction(
        _ id: BillID, on method: PaymentMethodID? = nil, returningTo address: String? = nil,
        expecting amount: Money? = nil, clientKey: String, metadata: [String: String]? = nil
    ) async throws -> PaymentRecord {
        let now = desk.clock.now
        let words = PaymentWords(clientKey: clientKey, returnURL: address, metadata: metadata)
        return try await desk.store.transaction { tx in
            guard let bill = try tx.lock(BillRecord.self, id: id) else { throw Refusal.unknownBill }
            if let same = try tx.payments(of: id).first(where: { $0.clientKey == clientKey }) { return same }
            let isUnpaid = ["in_debt", "written_off"].contains(bill.status)
            let owed = try tx.debts(of: id).filter { $0.status != "paid" && (isUnpaid || $0.isLateCharge) }
            guard let open = owed.first,
                var debt = try tx.lock(DebtRecord.self, id: open.id)
            else { throw Refusal.nothingIsOwed(bill.status) }
            if let amount, amount != debt.amount { throw Refusal.isNotWhole(debt.amount) }
            try desk.check(returnURL: address, of: bill.organisation, in: tx)
            try makeRoom(for: &debt, in: tx, at: now)
            let payment =
                try method.map { try charge($0, debt, of: bill, words, in: tx, at: now) }
                ?? begin(debt, of: bill, words, in: tx, at: now)
            debt.collector = payment.id
            try tx.update(&debt)
            return payment
        }
    }

    /// The page that was left open is given up; what may have been paid is waited for.
    private func makeRoom(for debt: inout DebtRecord, in tx: Tx, at now: Instant) throws {
        guard let id = debt.collector, let earlier = try tx.find(PaymentRecord.self, id), !earlier.isOver
        else {
            return
        }
        guard earlier.machine.state == .actionRequired else { throw Refusal.isBeingCollected(id) }
        try ReleaseHold(desk: desk).release(id, in: tx, at: now)
    }

    private func charge(
        _ id: PaymentMethodID, _ debt: DebtRecord, of bill: BillRecord, _ words: PaymentWords, in tx: Tx,
        at now: Instant
    ) throws -> PaymentRecord {
        guard let account = bill.account, let method = try tx.find(PaymentMethodRecord.self, id),
            method.status == "usable", method.account == account
        else { throw Refusal.unknownMethod }
        guard debt.amountMinor <= method.consent.maximumMinor else {
            throw Refusal.exceedsConsent(
                Money(minorUnits: method.consent.maximumMinor, currency: debt.currency))
        }
        return try ChargeMethod(desk: desk).debt(debt, on: method, words, in: tx, at: now)
    }

    private func begin(
        _ debt: DebtRecord, of bill: BillRecord, _ words: PaymentWords, in tx: Tx, at now: Instant
    ) throws -> PaymentRecord {
        guard let account = try tx.gatewayAccount(of: bill.organisation) else {
            throw CheckoutRefusal.noGateway
        }
        var payment = PaymentRecord(
            id: desk.ids.new(at: now), organisation: bill.organisation, bill: bill.id,
            gatewayAccount: account.id,
            purpose: .debt, source: .card, status: "created", machine: Payment(), currency: debt.currency,
            amountMinor: debt.amountMinor, capturedMinor: 0, createdAt: now)
        payment.take(words)
        payment.debt = debt.id
        try payment.apply(.authorize)
        try tx.insert(payment)
        try PlanAttempt(desk: desk)(.authorize(debt.amount), of: payment, in: tx, at: now)
        if let checkout = bill.checkout { tx.note(.checkout, checkout.text) }
        return payment
    }

    /// The money is there: T9p, and the debt is closed in the same commit.
    func paid(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.debt, var debt = try tx.lock(DebtRecord.self, id: id),
            let billID = payment.bill,
            let bill = try tx.find(BillRecord.self, billID)
        else { return }
        guard debt.status != "paid" else {
            // Somebody else was faster: nobody pays twice.
            return try RefundUndue(desk: desk).received(payment, in: tx, at: now)
        }
        let books = Books(desk: desk)
        let about = Dimensions(session: bill.session, payment: payment.id)
        let entry = Books.Entry(
            organisation: payment.organisation, cause: payment.id.text, occurredAt: now, now: now)
        if debt.status == "written_off" {
            try books.post(try .debtRestored(debt.amount, about: about), entry, in: tx)
        }
        try books.post(
            try .debtPaid(debt.amount, at: try books.clearingName(of: payment, in: tx), about: about), entry,
            in: tx)
        debt.status = "paid"
        debt.closedAt = now
        debt.collector = nil
        debt.nextReminderAt = nil
        debt.nextRetryAt = nil
        try tx.update(&debt)
        tx.note(.bill, billID.text)
        try CollectBill(desk: desk).again(billID, in: tx, at: now)
    }

    /// The try came to nothing: the next one may begin.
    func gaveUp(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.debt, var debt = try tx.lock(DebtRecord.self, id: id),
            debt.collector == payment.id
        else { return }
        debt.collector = nil
        let mayRetry = payment.decline?.advice == Decline.Advice.retryLater.rawValue && debt.retries < 3
        debt.nextRetryAt = mayRetry && payment.method != nil ? now + .hours(24) : nil
        try tx.update(&debt)
    }
}
