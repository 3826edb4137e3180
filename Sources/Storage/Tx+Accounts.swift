// SPDX-License-Identifier: Apache-2.0
package import Quantities

extension Tx {
    /// The reservations and postings of a wallet, newest first: what its statement is made of.
    package func walletEntries(
        of wallet: WalletID, before seq: Int64? = nil, limit: Int
    ) throws -> [(entry: EntryRow, transaction: TransactionRow)] {
        let entries = try all(
            EntryRow.self,
            where: """
                wallet = $1 AND account = 'Liabilities:Wallet' AND "transaction" IN (
                    SELECT id FROM ledger_transaction WHERE seq < $2)
                """,
            [.text(wallet.text), .int(seq ?? .max)], orderBy: "\"transaction\" DESC, line", limit: limit)
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
}
