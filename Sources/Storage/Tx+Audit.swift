// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Questions the audit asks of live data: each gives the objects that break a rule, so an empty answer is a good one.
extension Tx {
    /// I1: ledger transactions that do not sum to zero in a currency.
    package func unbalancedTransactions() throws -> [String] {
        try objects(
            """
            SELECT "transaction" AS object FROM ledger_entry
            GROUP BY "transaction", currency HAVING CAST(SUM(amount) AS BIGINT) <> 0 ORDER BY "transaction"
            """)
    }

    /// I4: transactions that touch two currencies without passing through Equity:Conversion.
    package func mixedTransactions() throws -> [String] {
        try objects(
            """
            SELECT "transaction" AS object FROM ledger_entry GROUP BY "transaction"
            HAVING COUNT(DISTINCT currency) > 1 AND SUM(CASE WHEN account = 'Equity:Conversion' THEN 1 ELSE 0 END) = 0
            ORDER BY "transaction"
            """)
    }

    /// I5, I6: wallets whose stored balance is not that of their ledger entries and open reservations.
    package func wrongWallets() throws -> [String] {
        try objects(
            """
            SELECT wallet.id AS object FROM wallet
            WHERE posted <> (SELECT COALESCE(-CAST(SUM(amount) AS BIGINT), 0) FROM ledger_entry
                    WHERE ledger_entry.wallet = wallet.id AND account = 'Liabilities:Wallet')
               OR pending <> (SELECT COALESCE(CAST(SUM(amount) AS BIGINT), 0) FROM ledger_pending
                    WHERE ledger_pending.wallet = wallet.id AND state = 'open')
               OR posted - pending < floor
            ORDER BY wallet.id
            """)
    }

    /// I7: reservations that are resolved without saying when, or open although their payment is over.
    package func danglingReservations() throws -> [String] {
        try objects(
            """
            SELECT ledger_pending.id AS object FROM ledger_pending
            LEFT JOIN payment ON payment.id = ledger_pending.payment
            WHERE (state <> 'open' AND resolved_at IS NULL)
               OR (state = 'open' AND payment.status IN ('captured', 'voided', 'expired', 'declined'))
            ORDER BY ledger_pending.id
            """)
    }

    /// I8: captures above what was reserved.
    package func overdrawnReservations() throws -> [String] {
        try objects(
            "SELECT id AS object FROM ledger_pending WHERE posted IS NOT NULL AND posted > amount ORDER BY id"
        )
    }

    /// I9: payments of which more was given back than was captured.
    package func overRefundedPayments() throws -> [String] {
        try objects(
            """
            SELECT payment.id AS object FROM payment JOIN refund ON refund.payment = payment.id
            WHERE refund.status NOT IN ('failed', 'reversed', 'cancelled')
            GROUP BY payment.id, payment.captured_minor
            HAVING CAST(SUM(refund.amount_minor) AS BIGINT) > payment.captured_minor ORDER BY payment.id
            """)
    }

    /// I15: bills from which more was captured, and not given back as undue, than they amount to with what a person charged
    /// on top.
    package func overcollectedBills() throws -> [String] {
        try objects(
            """
            SELECT bill.id AS object FROM bill JOIN payment ON payment.bill = bill.id
            GROUP BY bill.id, bill.total_minor
            HAVING CAST(SUM(payment.captured_minor) AS BIGINT) > COALESCE(bill.total_minor, 0)
                + (SELECT CAST(COALESCE(SUM(debt.amount_minor), 0) AS BIGINT) FROM debt
                    WHERE debt.bill = bill.id AND debt.cause LIKE 'wki_%')
                + (SELECT CAST(COALESCE(SUM(refund.amount_minor), 0) AS BIGINT) FROM refund
                    WHERE refund.bill = bill.id AND refund.kind = 'undue'
                        AND refund.status NOT IN ('failed', 'reversed', 'cancelled'))
            ORDER BY bill.id
            """)
    }

    /// I16: attempts that were sent without a stored request.
    package func unwrittenAttempts() throws -> [String] {
        try objects(
            "SELECT id AS object FROM attempt WHERE sent_at IS NOT NULL AND request_hash IS NULL ORDER BY id")
    }

    /// I20: attempts in doubt that nobody will look at again.
    package func forgottenDoubts() throws -> [String] {
        try objects(
            """
            SELECT id AS object FROM attempt WHERE status IN ('unknown', 'accepted') AND next_check_at IS NULL
            UNION ALL
            SELECT id AS object FROM payment
            WHERE status IN ('auth_unknown', 'adjust_unknown', 'capture_unknown', 'void_unknown')
              AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.payment = payment.id
                AND (attempt.next_check_at IS NOT NULL OR attempt.status IN ('planned', 'sent')))
            """)
    }

    /// I26: debts without an unpaid bill, and unpaid bills without a debt that blocks. What a person charged on top of a
    /// settled bill is a debt beside it.
    package func ownerlessDebts() throws -> [String] {
        try objects(
            """
            SELECT bill.id AS object FROM bill WHERE bill.status = 'in_debt'
                AND NOT EXISTS (SELECT 1 FROM debt WHERE debt.bill = bill.id AND debt.status = 'open')
            UNION ALL
            SELECT debt.id AS object FROM debt JOIN bill ON bill.id = debt.bill
            WHERE debt.status = 'open' AND bill.status <> 'in_debt' AND debt.cause NOT LIKE 'wki_%'
            """)
    }

    /// I21: holds that outlive their session by more than two minutes, counted from when it became final.
    package func lingeringHolds(at now: Instant) throws -> [String] {
        try objects(
            """
            SELECT payment.id AS object FROM payment JOIN bill ON bill.id = payment.bill
            LEFT JOIN session ON session.id = bill.session
            WHERE payment.status = 'authorized'
              AND ((session.final_at IS NOT NULL AND session.final_at < $1 AND bill.status <> 'in_review')
                OR payment.capture_before < $2 OR bill.status IN ('cancelled', 'zero_rated', 'settled'))
            ORDER BY payment.id
            """, [.int((now - .minutes(2)).nanoseconds), .int(now.nanoseconds)])
    }

    /// I22: bills without energy or without a start from which money was taken.
    package func chargedForNothing() throws -> [String] {
        try objects(
            """
            SELECT bill.id AS object FROM bill JOIN payment ON payment.bill = bill.id
            LEFT JOIN session ON session.id = bill.session
            WHERE payment.captured_minor > COALESCE((
                SELECT CAST(SUM(refund.amount_minor) AS BIGINT) FROM refund WHERE refund.payment = payment.id
                    AND refund.status NOT IN ('failed', 'reversed', 'cancelled')), 0)
              AND (session.id IS NULL OR session.energy <= 0) ORDER BY bill.id
            """)
    }

    /// I24: sessions with a bill of another session, or with negative energy.
    package func impossibleSessions() throws -> [String] {
        try objects(
            """
            SELECT session.id AS object FROM session LEFT JOIN bill ON bill.id = session.bill
            WHERE session.energy < 0 OR (session.bill IS NOT NULL AND (bill.session IS NULL OR bill.session <> session.id))
            ORDER BY session.id
            """)
    }

    /// I31: series with a gap or a number used twice; settled bills without their receipt, or the invoice that shows them.
    package func brokenSeries() throws -> [String] {
        try objects(
            """
            SELECT series AS object FROM document GROUP BY organisation, series
            HAVING COUNT(*) <> MAX(number) OR MIN(number) <> 1
            UNION ALL
            SELECT bill.id AS object FROM bill WHERE bill.status = 'settled' AND bill.total_minor > 0
                AND bill.invoice IS NULL
                AND NOT EXISTS (SELECT 1 FROM document WHERE document.bill = bill.id AND document.kind = 'receipt')
            """)
    }

    /// I18: sessions that became final in a span of time, in the order of their identifiers.
    package func finalSessions(
        from first: Instant?, to last: Instant?, after id: SessionID?, limit: Int
    ) throws -> [SessionRecord] {
        try all(
            SessionRecord.self, where: "final_at >= $1 AND final_at < $2 AND id > $3",
            [
                .int(first?.nanoseconds ?? .min), .int(last?.nanoseconds ?? .max),
                .text(id?.text ?? ""),
            ], orderBy: "id", limit: limit)
    }

    /// I28: rows that name an object of another organisation.
    package func strayObjects() throws -> [String] {
        try objects(
            """
            SELECT payment.id AS object FROM payment JOIN bill ON bill.id = payment.bill
            WHERE bill.organisation <> payment.organisation
            UNION ALL
            SELECT session.id AS object FROM session JOIN station ON station.id = session.station
            WHERE station.organisation <> session.organisation
            """)
    }

    private func objects(_ sql: SQL, _ values: [SQLValue] = []) throws -> [String] {
        try rows(sql, values).map { try $0.text("object") }
    }
}
