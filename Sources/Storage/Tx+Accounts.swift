// SPDX-License-Identifier: Apache-2.0
package import Quantities

extension Tx {
    /// The reservations and postings of a wallet, newest first: what its statement is made of. Of those after a place in
    /// the ledger the oldest are taken, so that a reader who goes on upwards misses none.
    package func walletEntries(
        of wallet: WalletID, before: Int64? = nil, after: Int64? = nil, limit: Int
    ) throws -> [(entry: EntryRow, transaction: TransactionRow)] {
        let found = try all(
            EntryRow.self,
            where: """
                wallet = $1 AND account = 'Liabilities:Wallet' AND "transaction" IN (
                    SELECT id FROM ledger_transaction WHERE seq < $2 AND seq > $3)
                """,
            [.text(wallet.text), .int(before ?? .max), .int(after ?? -1)],
            orderBy: after == nil ? "\"transaction\" DESC, line" : "\"transaction\", line DESC", limit: limit)
        let entries = after == nil ? found : found.reversed()
        return try entries.map { entry in
            guard let transaction = try find(TransactionRow.self, entry.transaction) else {
                throw StoreError.foreignKeyViolation
            }
            return (entry, transaction)
        }
    }

    /// The ledger transaction of a template and cause, if it was posted.
    package func transaction(
        _ template: String, cause: String, of organisation: OrganisationID
    ) throws -> TransactionRow? {
        try all(
            TransactionRow.self, where: "organisation = $1 AND template = $2 AND cause = $3",
            [.text(organisation.text), .text(template), .text(cause)]
        ).first
    }

    /// The start for an account that a request began.
    package func checkout(clientKey: String, of organisation: OrganisationID) throws -> CheckoutRecord? {
        try all(
            CheckoutRecord.self, where: "client_key = $1 AND organisation = $2",
            [.text(clientKey), .text(organisation.text)]
        ).first
    }

    /// The people of an account, oldest first.
    package func drivers(of account: AccountID) throws -> [DriverRecord] {
        try all(DriverRecord.self, where: "account = $1", [.text(account.text)], orderBy: "created_at, id")
    }

    /// The cards and app tokens of an account, oldest first.
    package func tokens(of account: AccountID) throws -> [TokenRecord] {
        try all(TokenRecord.self, where: "account = $1", [.text(account.text)], orderBy: "created_at, id")
    }

    /// The sessions that an account paid for or is to pay for, oldest first.
    package func sessions(paidBy account: AccountID) throws -> [SessionRecord] {
        try all(SessionRecord.self, where: "account = $1", [.text(account.text)], orderBy: "created_at, id")
    }

    /// The documents of an account, oldest first.
    package func documents(for account: AccountID) throws -> [DocumentRecord] {
        try all(DocumentRecord.self, where: "account = $1", [.text(account.text)], orderBy: "issued_at, id")
    }

    /// Everything by which a token is known besides its own text is forgotten.
    package func forgetAliases(of token: TokenID) throws {
        _ = try delete(TokenAliasRecord.self, where: "token = $1", [.text(token.text)])
    }

    /// Nobody speaks for an account any more.
    package func forgetDriverTokens(of account: AccountID) throws {
        _ = try delete(DriverTokenRecord.self, where: "account = $1", [.text(account.text)])
    }

    /// Holds that run out before an instant and of which nobody was told yet.
    package func holdsToAnnounce(captureBefore instant: Instant, limit: Int) throws -> [PaymentRecord] {
        try all(
            PaymentRecord.self,
            where: """
                status IN ('authorized', 'adjusting', 'adjust_unknown', 'capture_failed') AND capture_before <= $1
                    AND NOT EXISTS (SELECT 1 FROM event WHERE event.object = payment.id
                        AND event.type = 'hold.expiring')
                """,
            [.int(instant.nanoseconds)], orderBy: "capture_before, id", limit: limit)
    }

    /// Invoices that were due before an instant, are open, and of which nobody was told yet.
    package func invoicesToAnnounce(dueBefore instant: Instant, limit: Int) throws -> [InvoiceRecord] {
        try all(
            InvoiceRecord.self,
            where: """
                status = 'open' AND due_at < $1 AND NOT EXISTS (SELECT 1 FROM event
                    WHERE event.object = invoice.id AND event.type = 'invoice.overdue')
                """,
            [.int(instant.nanoseconds)], orderBy: "due_at, id", limit: limit)
    }
}
