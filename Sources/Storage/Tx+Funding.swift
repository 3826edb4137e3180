// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Questions about debts, saved cards, disputes and invoices.
extension Tx {
    /// The debts of a bill, oldest first.
    package func debts(of bill: BillID) throws -> [DebtRecord] {
        try all(DebtRecord.self, where: "bill = $1", [.text(bill.text)], orderBy: "opened_at, id")
    }

    /// What an account has not paid, oldest first: it blocks new starts (I26).
    package func openDebts(of account: AccountID) throws -> [DebtRecord] {
        try all(
            DebtRecord.self, where: "account = $1 AND status = 'open'", [.text(account.text)],
            orderBy: "opened_at, id")
    }

    /// What was not paid with a guest's card, oldest first.
    package func openDebts(
        fingerprint: String, of organisation: OrganisationID
    ) throws -> [DebtRecord] {
        try all(
            DebtRecord.self, where: "organisation = $1 AND fingerprint = $2 AND status = 'open'",
            [.text(organisation.text), .text(fingerprint)], orderBy: "opened_at, id")
    }

    /// Debts whose owner should hear of them, that may be tried again, or that are given up by now.
    package func debtsDue(
        at now: Instant, openedBefore old: Instant, limit: Int
    ) throws -> [DebtRecord] {
        try all(
            DebtRecord.self,
            where: """
                status = 'open' AND (next_reminder_at <= $1 OR next_retry_at <= $1 OR opened_at <= $2)
                """,
            [.int(now.nanoseconds), .int(old.nanoseconds)], orderBy: "opened_at, id", limit: limit)
    }

    /// The saved cards of an account, oldest first; detached ones are left out.
    package func methods(of account: AccountID) throws -> [PaymentMethodRecord] {
        try all(
            PaymentMethodRecord.self, where: "account = $1 AND status = 'usable'", [.text(account.text)],
            orderBy: "created_at, id")
    }

    /// The card that a guest agreed to be charged again for one visit.
    package func method(of checkout: CheckoutID) throws -> PaymentMethodRecord? {
        try all(
            PaymentMethodRecord.self, where: "checkout = $1 AND status = 'usable'", [.text(checkout.text)],
            orderBy: "created_at DESC, id DESC", limit: 1
        ).first
    }

    /// The card an account is charged on, unless it says otherwise: the default, else the newest.
    package func defaultMethod(of account: AccountID) throws -> PaymentMethodRecord? {
        let methods = try methods(of: account)
        return methods.last { $0.isDefault } ?? methods.last
    }

    /// The disputes of a payment, oldest first.
    package func disputes(of payment: PaymentID) throws -> [DisputeRecord] {
        try all(DisputeRecord.self, where: "payment = $1", [.text(payment.text)], orderBy: "opened_at, id")
    }

    /// A dispute by the gateway's name for it.
    package func dispute(_ reference: String, of payment: PaymentID) throws -> DisputeRecord? {
        try all(
            DisputeRecord.self, where: "payment = $1 AND reference = $2",
            [.text(payment.text), .text(reference)]
        ).first
    }

    /// Disputes with something to do: papers to gather, or an answer that is due before an instant. Those that only wait
    /// are left out, so that many of them keep no other one waiting.
    package func disputesToAnswer(dueBefore instant: Instant, limit: Int) throws -> [DisputeRecord] {
        try all(
            DisputeRecord.self,
            where: """
                status IN ('inquiry', 'needs_response') AND (assembled_at IS NULL
                    OR (status = 'needs_response' AND submitted_at IS NULL AND due_at <= $1
                        AND CAST(missing AS TEXT) = '[]'))
                """,
            [.int(instant.nanoseconds)], orderBy: "opened_at, id", limit: limit)
    }

    /// Payments that were paid with the same card before and never disputed, newest first.
    package func undisputedPayments(
        fingerprint: String, of organisation: OrganisationID, before instant: Instant, limit: Int
    ) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self,
            where: """
                organisation = $1 AND status = 'captured' AND created_at < $2 AND fingerprint = $3
                    AND NOT EXISTS (SELECT 1 FROM dispute WHERE dispute.payment = payment.id)
                """,
            [.text(organisation.text), .int(instant.nanoseconds), .text(fingerprint)],
            orderBy: "created_at DESC, id DESC", limit: limit)
    }

    /// The bills of an invoiced account that are on no invoice and were rated before an instant, oldest first.
    package func unbilled(of account: AccountID, ratedBefore instant: Instant) throws -> [BillRecord] {
        try all(
            BillRecord.self,
            where: """
                account = $1 AND source = 'invoice' AND invoice IS NULL AND rated_at < $2
                    AND status = 'settling'
                """,
            [.text(account.text), .int(instant.nanoseconds)], orderBy: "rated_at, id")
    }

    /// The bills on an invoice, oldest first.
    package func bills(on invoice: InvoiceID) throws -> [BillRecord] {
        try all(BillRecord.self, where: "invoice = $1", [.text(invoice.text)], orderBy: "rated_at, id")
    }

    /// The invoices of an account, newest first.
    package func invoices(of account: AccountID) throws -> [InvoiceRecord] {
        try all(
            InvoiceRecord.self, where: "account = $1", [.text(account.text)],
            orderBy: "issued_at DESC, id DESC")
    }

    /// An invoice by the number that is printed on it.
    package func invoice(label: String, of organisation: OrganisationID) throws -> InvoiceRecord? {
        try all(
            InvoiceRecord.self, where: "organisation = $1 AND label = $2",
            [.text(organisation.text), .text(label)]
        ).first
    }

    /// Accounts that are invoiced.
    package func invoicedAccounts() throws -> [AccountRecord] {
        try all(AccountRecord.self, where: "funding = 'invoice'", [], orderBy: "created_at, id")
    }

    /// What an invoiced account owes that no invoice shows yet: rated sessions, and the quotes of those under way.
    package func unbilledMinor(of account: AccountID, in currency: Currency) throws -> Int64 {
        let row = try rows(
            """
            SELECT CAST(COALESCE(SUM(COALESCE(bill.total_minor, quote.hold_minor)), 0) AS BIGINT) AS amount
            FROM bill JOIN quote ON quote.id = bill.quote
            WHERE bill.account = $1 AND bill.currency = $2 AND bill.source = 'invoice' AND bill.invoice IS NULL
                AND bill.status NOT IN ('cancelled', 'zero_rated', 'settled', 'written_off')
            """,
            [.text(account.text), .text(currency.code)])
        return try row[0].int("amount")
    }

    /// What an account was invoiced and has not paid.
    package func unpaidMinor(of account: AccountID, in currency: Currency) throws -> Int64 {
        let row = try rows(
            """
            SELECT CAST(COALESCE(SUM(net_minor + tax_minor - paid_minor), 0) AS BIGINT) AS amount FROM invoice
            WHERE account = $1 AND currency = $2 AND status = 'open'
            """,
            [.text(account.text), .text(currency.code)])
        return try row[0].int("amount")
    }

    /// Whether an invoice of the account has been due since before an instant.
    package func isOverdue(_ account: AccountID, since instant: Instant) throws -> Bool {
        try exists(
            InvoiceRecord.self, where: "account = $1 AND status = 'open' AND due_at < $2",
            [.text(account.text), .int(instant.nanoseconds)])
    }

    /// The visits to a gateway's page on which a card of an account was to be left, oldest first.
    package func setUps(of account: AccountID) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self, where: "account = $1 AND purpose = 'set_up'", [.text(account.text)],
            orderBy: "created_at, id")
    }

    /// All gateway accounts, oldest first.
    package func gatewayAccountsToRead() throws -> [GatewayAccountRecord] {
        try all(GatewayAccountRecord.self, where: "", [], orderBy: "created_at, id")
    }

    /// How far a list of a gateway account was read, held until the transaction ends.
    package func lockCursor(_ list: String, of account: GatewayAccountID) throws -> GatewayCursorRecord? {
        try lock(GatewayCursorRecord.self, id: "\(account) \(list)")
    }

    /// The top-ups of a wallet that were captured, newest first.
    package func topUps(of wallet: WalletID) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self, where: "wallet = $1 AND purpose = 'top_up' AND captured_at IS NOT NULL",
            [.text(wallet.text)], orderBy: "captured_at DESC, id DESC")
    }

    /// The top-ups of a wallet since an instant that were not declined or given up, by whatever way.
    package func topUps(of wallet: WalletID, since instant: Instant) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self,
            where: """
                wallet = $1 AND purpose = 'top_up' AND created_at >= $2
                    AND status NOT IN ('declined', 'voided', 'expired')
                """,
            [.text(wallet.text), .int(instant.nanoseconds)], orderBy: "created_at, id")
    }
}

/// Questions of the sweeps (payments.md §5.3).
extension Tx {
    /// Holds that must be used or given up before an instant.
    package func holds(captureBefore instant: Instant, limit: Int) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self,
            where: """
                status IN ('authorized', 'adjusting', 'adjust_unknown', 'capture_failed') AND capture_before <= $1
                """,
            [.int(instant.nanoseconds)], orderBy: "capture_before, id", limit: limit)
    }

    /// Holds without a bill that could still use them, older than an instant: an alarm (payments.md §6.4).
    package func strandedHolds(before instant: Instant, limit: Int) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self,
            where: """
                source = 'card' AND status IN ('authorized', 'adjusting', 'adjust_unknown', 'capture_failed')
                    AND purpose = 'session' AND authorized_at <= $1 AND bill IN (
                    SELECT id FROM bill WHERE status IN ('cancelled', 'zero_rated', 'settled', 'written_off'))
                """,
            [.int(instant.nanoseconds)], orderBy: "created_at, id", limit: limit)
    }

    /// Payments of a gateway that nobody has asked about since an instant: made after `created`, not in doubt, and not
    /// given up before anything left.
    package func paymentsToList(
        createdAfter created: Instant, lookedBefore looked: Instant, limit: Int
    ) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self,
            where: """
                gateway_account IS NOT NULL AND created_at >= $1 AND COALESCE(looked_at, created_at) <= $2
                    AND status IN ('action_required', 'authorizing', 'authorized', 'adjusting', 'capturing',
                        'captured', 'voiding', 'voided', 'declined', 'expired')
                    AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.payment = payment.id
                        AND attempt.status IN ('planned', 'sent', 'unknown'))
                    AND EXISTS (SELECT 1 FROM attempt WHERE attempt.payment = payment.id AND sent_at IS NOT NULL)
                """,
            [.int(created.nanoseconds), .int(looked.nanoseconds)], orderBy: "created_at, id", limit: limit)
    }

    /// Attempts in doubt since before an instant.
    package func doubts(sentBefore instant: Instant, limit: Int) throws -> [AttemptRecord] {
        try all(
            AttemptRecord.self, where: "status IN ('sent', 'unknown', 'accepted') AND sent_at <= $1",
            [.int(instant.nanoseconds)], orderBy: "sent_at, id", limit: limit)
    }

    /// Bills that have been starting or ended since before an instant: nothing should take that long.
    package func stuckBills(since instant: Instant, limit: Int) throws -> [BillRecord] {
        try all(
            BillRecord.self,
            where: """
                (status = 'starting' AND checkout IN (SELECT id FROM checkout WHERE created_at <= $1))
                    OR (status IN ('rated', 'settling') AND source IS NULL AND rated_at <= $1)
                """,
            [.int(instant.nanoseconds)], orderBy: "created_at, id", limit: limit)
    }

    /// Payments captured before an instant that no settlement line mentions, at accounts that have settled anything.
    package func unsettled(capturedBefore instant: Instant, limit: Int) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self,
            where: """
                status = 'captured' AND captured_at <= $1 AND gateway_account IN (
                    SELECT gateway_account FROM settlement_line)
                    AND NOT EXISTS (SELECT 1 FROM settlement_line WHERE settlement_line.payment = payment.id
                        AND settlement_line.kind = 'capture')
                """,
            [.int(instant.nanoseconds)], orderBy: "captured_at, id", limit: limit)
    }

    /// A settlement line by the gateway's name for it.
    package func settlementLine(
        _ line: String, of account: GatewayAccountID
    ) throws -> SettlementLineRecord? {
        try all(
            SettlementLineRecord.self, where: "gateway_account = $1 AND line_id = $2 {{for update}}",
            [.text(account.text), .text(line)]
        ).first
    }

    /// A payment by the gateway's name for it.
    package func payment(reference: String, at account: GatewayAccountID) throws -> PaymentRecord? {
        try all(
            PaymentRecord.self, where: "gateway_account = $1 AND gateway_reference = $2",
            [.text(account.text), .text(reference)], orderBy: "created_at, id", limit: 1
        ).first
    }

    /// The posted balance of one account, minor units; debit positive.
    package func balance(
        of account: String, in currency: Currency, of organisation: OrganisationID
    ) throws -> Int64 {
        let row = try rows(
            """
            SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS amount FROM ledger_entry
            WHERE organisation = $1 AND account = $2 AND currency = $3
            """,
            [.text(organisation.text), .text(account), .text(currency.code)])
        return try row[0].int("amount")
    }

    /// Settlement lines that fit nothing of ours yet, oldest first.
    package func unmatchedLines(of account: GatewayAccountID, limit: Int) throws -> [SettlementLineRecord] {
        try all(
            SettlementLineRecord.self,
            where: "gateway_account = $1 AND state = 'unmatched' AND payment IS NOT NULL",
            [.text(account.text)], orderBy: "imported_at, id", limit: limit)
    }

    /// What payments, refunds and disputes say that happened at a gateway account and its settlement lines do not say yet,
    /// minor units; negative where the lines are ahead.
    package func unlistedMinor(
        of account: GatewayAccountID, in currency: Currency
    ) throws -> Int64 {
        let row = try rows(
            """
            SELECT CAST(
                COALESCE((SELECT SUM(captured_minor) FROM payment
                    WHERE gateway_account = $1 AND currency = $2 AND captured_at IS NOT NULL), 0)
                - COALESCE((SELECT SUM(refund.amount_minor) FROM refund JOIN payment ON payment.id = refund.payment
                    WHERE payment.gateway_account = $1 AND refund.currency = $2 AND refund.status = 'succeeded'), 0)
                - COALESCE((SELECT SUM(CASE WHEN withdrawn OR dispute.status = 'lost' THEN dispute.amount_minor ELSE 0 END
                        + CASE WHEN withdrawn OR dispute.status IN ('won', 'lost') THEN dispute.fee_minor ELSE 0 END)
                    FROM dispute JOIN payment ON payment.id = dispute.payment
                    WHERE payment.gateway_account = $1 AND dispute.currency = $2), 0)
                - COALESCE((SELECT SUM(gross_minor - CASE WHEN kind = 'dispute' THEN fee_minor ELSE 0 END)
                    FROM settlement_line WHERE gateway_account = $1 AND currency = $2 AND payment IS NOT NULL
                      AND kind IN ('capture', 'adjustment', 'refund', 'dispute', 'dispute_reversal')), 0)
                AS BIGINT) AS amount
            """,
            [.text(account.text), .text(currency.code)])
        return try row[0].int("amount")
    }

    /// The newest import of each gateway account and currency.
    package func newestImports() throws -> [SettlementImportRecord] {
        try all(
            SettlementImportRecord.self,
            where: """
                NOT EXISTS (SELECT 1 FROM settlement_import AS later
                    WHERE later.gateway_account = settlement_import.gateway_account
                      AND later.currency = settlement_import.currency
                      AND (later.imported_at > settlement_import.imported_at
                        OR (later.imported_at = settlement_import.imported_at AND later.id > settlement_import.id)))
                """, [], orderBy: "gateway_account, currency")
    }
}
