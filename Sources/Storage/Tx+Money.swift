// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Tx {
    /// Locks a payment after the checkout and the bill it belongs to. Whoever changes more than the payment itself takes the
    /// rows in this order, so that no two wait for each other.
    package func lockPayment(_ id: PaymentID) throws -> PaymentRecord? {
        guard let seen = try find(PaymentRecord.self, id) else { return nil }
        if let bill = try seen.bill.flatMap({ try find(BillRecord.self, $0) }) {
            _ = try bill.checkout.flatMap { try lock(CheckoutRecord.self, id: $0) }
            _ = try lock(BillRecord.self, id: bill.id)
        }
        return try lock(PaymentRecord.self, id: id)
    }

    /// The bill of a session.
    package func bill(of session: SessionID) throws -> BillRecord? {
        try all(BillRecord.self, where: "session = $1", [.text(session.text)]).first
    }

    /// The payments of a bill, oldest first.
    package func payments(of bill: BillID) throws -> [PaymentRecord] {
        try all(PaymentRecord.self, where: "bill = $1", [.text(bill.text)], orderBy: "created_at, id")
    }

    /// The attempts of a payment, oldest first.
    package func attempts(of payment: PaymentID) throws -> [AttemptRecord] {
        try all(AttemptRecord.self, where: "payment = $1", [.text(payment.text)], orderBy: "created_at, id")
    }

    /// Whether anything was ever paid at a gateway account.
    package func hasPayments(at account: GatewayAccountID) throws -> Bool {
        try !all(
            PaymentRecord.self, where: "gateway_account = $1", [.text(account.text)], limit: 1
        ).isEmpty
    }

    /// The refunds of a payment, oldest first.
    package func refunds(of payment: PaymentID) throws -> [RefundRecord] {
        try all(RefundRecord.self, where: "payment = $1", [.text(payment.text)], orderBy: "created_at, id")
    }

    /// The guest's visit behind a secret link.
    package func checkout(secret: String) throws -> CheckoutRecord? {
        try all(CheckoutRecord.self, where: "secret = $1", [.text(secret)]).first
    }

    /// Checkouts of an EVSE that hold money or wait for it, newest first.
    package func liveCheckouts(of evse: EVSEID, since instant: Instant) throws -> [CheckoutRecord] {
        try all(
            CheckoutRecord.self,
            where: """
                evse = $1 AND created_at >= $2 AND bill IN (
                    SELECT id FROM bill WHERE status IN ('funding', 'funded', 'starting', 'running'))
                """,
            [.text(evse.text), .int(instant.nanoseconds)], orderBy: "created_at DESC, id DESC")
    }

    /// Checkouts whose start failed before `instant` and whose hold still stands.
    package func checkoutsToRelease(failedBefore instant: Instant, limit: Int) throws -> [CheckoutID] {
        try rows(
            """
            SELECT checkout.id AS id FROM checkout JOIN bill ON bill.id = checkout.bill
            WHERE bill.status = 'funded' AND checkout.start_failed_at IS NOT NULL AND checkout.start_failed_at <= $1
            ORDER BY checkout.start_failed_at, checkout.id LIMIT $2
            """,
            [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { CheckoutID(try $0.text("id")) }
    }

    /// Checkouts that were never paid, or paid and never started, since before `instant`.
    package func checkoutsLeftBehind(before instant: Instant, limit: Int) throws -> [CheckoutID] {
        try rows(
            """
            SELECT checkout.id AS id FROM checkout JOIN bill ON bill.id = checkout.bill
            WHERE bill.status IN ('quoted', 'funding', 'funded') AND checkout.created_at <= $1
            ORDER BY checkout.created_at, checkout.id LIMIT $2
            """,
            [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { CheckoutID(try $0.text("id")) }
    }

    /// Attempts whose outcome should be looked up by now.
    package func attemptsToCheck(at instant: Instant, limit: Int) throws -> [AttemptID] {
        try rows(
            """
            SELECT id FROM attempt WHERE next_check_at IS NOT NULL AND next_check_at <= $1
            ORDER BY next_check_at, id LIMIT $2
            """,
            [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { AttemptID(try $0.text("id")) }
    }

    /// The wallet of an account in a currency, locked.
    package func lockWallet(of account: AccountID, in currency: Currency) throws -> WalletRecord? {
        try all(
            WalletRecord.self, where: "account = $1 AND currency = $2 {{for update}}",
            [.text(account.text), .text(currency.code)]
        ).first
    }

    /// The gateway account of an organisation that takes cards: the first one made.
    package func gatewayAccount(of organisation: OrganisationID) throws -> GatewayAccountRecord? {
        try all(
            GatewayAccountRecord.self, where: "organisation = $1", [.text(organisation.text)],
            orderBy: "coalesce(preferred_at, 0) DESC, created_at, id", limit: 1
        ).first
    }
}
