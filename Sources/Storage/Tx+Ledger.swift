// SPDX-License-Identifier: Apache-2.0

package import Accounting
package import Quantities

/// A ledger transaction as it is stored; written once (I2).
package struct TransactionRow: Record, Hashable {
    package static let table = "ledger_transaction"

    package let id: TransactionID
    package let organisation: OrganisationID
    package let seq: Int64
    package let template: String
    package let cause: String
    package let actor: String
    package let session: SessionID?
    package let payment: PaymentID?
    package let occurredAt: Instant
    package let bookedOn: CivilDate
    package let recordedAt: Instant
    package let reverses: TransactionID?
    /// Canonical JSON: what the hash covers.
    package let record: [UInt8]
    package let hash: String
    package let previousHash: String
}

/// One entry of a transaction; a debit is positive.
package struct EntryRow: Record, Hashable {
    package static let table = "ledger_entry"

    package let transaction: TransactionID
    package let line: Int64
    package let organisation: OrganisationID
    package let account: String
    package let currency: Currency
    package let amount: Int64
    package let session: SessionID?
    package let payment: PaymentID?
    package let wallet: WalletID?
}

/// The sum of an account in a currency; debit positive.
package struct AccountBalance: Hashable, Sendable {
    package let account: String
    package let posted: Money
    package let pending: Money

    package init(account: String, posted: Money, pending: Money) {
        self.account = account
        self.posted = posted
        self.pending = pending
    }
}

/// All accounts of an organisation, and what they add up to: zero in every currency.
package struct TrialBalance: Hashable, Sendable {
    package let accounts: [AccountBalance]
    package let totals: [Money]

    package init(accounts: [AccountBalance], totals: [Money]) {
        self.accounts = accounts
        self.totals = totals
    }
}

extension Tx {
    /// Whether a template was posted for a cause before: then nothing is posted again (payments.md §8.2).
    package func isPosted(_ template: String, cause: String, of organisation: OrganisationID) throws -> Bool {
        try exists(
            TransactionRow.self, where: "organisation = $1 AND template = $2 AND cause = $3",
            [.text(organisation.text), .text(template), .text(cause)])
    }

    /// The end of an organisation's chain, locked: the next record follows it.
    package func lockChain(of organisation: OrganisationID) throws -> (seq: Int64, hash: String) {
        _ = try run(
            "INSERT INTO ledger_chain (organisation, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (organisation) DO NOTHING",
            [.text(organisation.text), .text(ChainLink.genesis)])
        let row = try rows(
            "SELECT seq, hash FROM ledger_chain WHERE organisation = $1 {{for update}}",
            [.text(organisation.text)])
        return (try row[0].int("seq"), try row[0].text("hash"))
    }

    /// Appends a record to the journal and moves the end of the chain.
    package func append(_ record: LedgerRecord, of organisation: OrganisationID, previous: String) throws {
        let bytes = record.canonicalJSON
        let hash = ChainLink.hash(previous: previous, record: bytes)
        let about = record.posting.about
        try insert(
            TransactionRow(
                id: record.id, organisation: organisation, seq: record.seq, template: record.posting.template,
                cause: record.cause, actor: record.actor, session: about.session, payment: about.payment,
                occurredAt: record.occurredAt, bookedOn: record.bookedOn, recordedAt: record.recordedAt,
                reverses: record.reverses, record: bytes, hash: hash, previousHash: previous))
        for (line, entry) in record.posting.transaction.entries.enumerated() {
            try insert(
                EntryRow(
                    transaction: record.id, line: Int64(line), organisation: organisation,
                    account: entry.account.name,
                    currency: entry.amount.currency, amount: entry.amount.minorUnits, session: about.session,
                    payment: about.payment, wallet: about.wallet))
        }
        later(
            "UPDATE ledger_chain SET seq = $2, hash = $3 WHERE organisation = $1",
            [.text(organisation.text), .int(record.seq), .text(hash)])
    }

    /// The open reservation of a payment, locked; what its refunds reserved is theirs.
    package func lockReservation(of payment: PaymentID) throws -> PendingRecord? {
        try all(
            PendingRecord.self,
            where: """
                payment = $1 AND template NOT IN ('RefundAsked', 'WalletPayoutAsked') AND state = 'open' {{for update}}
                """,
            [.text(payment.text)]
        ).first
    }

    /// The open reservation that a cause made, held until the transaction ends.
    package func lockReservation(
        cause: String, of organisation: OrganisationID
    ) throws -> PendingRecord? {
        try all(
            PendingRecord.self, where: "organisation = $1 AND cause = $2 AND state = 'open' {{for update}}",
            [.text(organisation.text), .text(cause)]
        ).first
    }

    /// The entries of a transaction, in order.
    package func entries(of transaction: TransactionID) throws -> [EntryRow] {
        try all(EntryRow.self, where: "\"transaction\" = $1", [.text(transaction.text)], orderBy: "line")
    }

    /// Every account with its posted and pending sums, by name.
    package func trialBalance(
        of organisation: OrganisationID, on date: CivilDate? = nil
    ) throws -> TrialBalance {
        let until = date?.description ?? "9999-12-31"
        let posted = try rows(
            """
            SELECT ledger_entry.account AS account, ledger_entry.currency AS currency,
                CAST(SUM(ledger_entry.amount) AS BIGINT) AS amount
            FROM ledger_entry JOIN ledger_transaction ON ledger_transaction.id = ledger_entry."transaction"
            WHERE ledger_entry.organisation = $1 AND ledger_transaction.booked_on <= $2
            GROUP BY ledger_entry.account, ledger_entry.currency ORDER BY ledger_entry.account, ledger_entry.currency
            """,
            [.text(organisation.text), .text(until)]
        ).compactMap { row in try Self.money(row).map { (try row.text("account"), $0) } }
        let pending = try pendingSums(of: organisation)
        var accounts = posted.map { account, amount in
            AccountBalance(
                account: account, posted: amount,
                pending: pending[account]?.first { $0.currency == amount.currency } ?? .zero(amount.currency))
        }
        for (account, sums) in pending {
            for sum in sums
            where !accounts.contains(where: { $0.account == account && $0.posted.currency == sum.currency }) {
                accounts.append(AccountBalance(account: account, posted: .zero(sum.currency), pending: sum))
            }
        }
        accounts.sort { ($0.account, $0.posted.currency.code) < ($1.account, $1.posted.currency.code) }
        let currencies = Set(accounts.map(\.posted.currency)).sorted { $0.code < $1.code }
        let totals = currencies.map { currency in
            accounts.map(\.posted).filter { $0.currency == currency }.sum(in: currency)
        }
        return TrialBalance(accounts: accounts, totals: totals)
    }

    private func pendingSums(of organisation: OrganisationID) throws -> [String: [Money]] {
        var sums: [String: [Money]] = [:]
        let open = try all(
            PendingRecord.self, where: "organisation = $1 AND state = 'open'", [.text(organisation.text)])
        for row in open {
            for (account, sign) in [(row.debit, Int64(1)), (row.credit, -1)] {
                let amount = Money(minorUnits: sign * row.amount, currency: row.currency)
                if let index = sums[account]?.firstIndex(where: { $0.currency == row.currency }) {
                    sums[account]?[index] += amount
                } else {
                    sums[account, default: []].append(amount)
                }
            }
        }
        return sums
    }

    private static func money(_ row: Row) throws -> Money? {
        let amount = try row.int("amount")
        return Currency(code: try row.text("currency")).map { Money(minorUnits: amount, currency: $0) }
    }

    /// What may narrow a list of transactions.
    package struct LedgerFilter: Sendable, Hashable {
        package var account: String?
        package var template: String?
        package var session: SessionID?
        package var payment: PaymentID?
        package var from: CivilDate?
        /// Exclusive.
        package var to: CivilDate?

        package init() {}
    }

    /// Transactions, newest first, before a sequence number.
    package func transactions(
        of organisation: OrganisationID, filter: LedgerFilter = LedgerFilter(), before seq: Int64? = nil,
        limit: Int
    ) throws -> [TransactionRow] {
        var condition = "organisation = $1 AND seq < $2"
        var values: [SQLValue] = [.text(organisation.text), .int(seq ?? .max)]
        func narrow(_ text: String, _ value: String?) {
            guard let value else { return }
            values.append(.text(value))
            condition += " AND " + text + " $\(values.count)"
        }
        narrow("template =", filter.template)
        narrow("session =", filter.session?.text)
        narrow("payment =", filter.payment?.text)
        narrow("booked_on >=", filter.from?.description)
        narrow("booked_on <", filter.to?.description)
        if let account = filter.account {
            values.append(.text(account))
            condition +=
                " AND id IN (SELECT \"transaction\" FROM ledger_entry WHERE account = $\(values.count))"
        }
        return try all(
            TransactionRow.self, where: SQL(raw: condition), values, orderBy: "seq DESC", limit: limit)
    }

    /// What was debited by some templates on one day, per currency: the gross of what they booked.
    package func debited(
        by templates: [String], on date: CivilDate, of organisation: OrganisationID
    ) throws -> [Money] {
        let names = templates.indices.map { "$\($0 + 3)" }.joined(separator: ", ")
        let text = """
            SELECT ledger_entry.currency AS currency, CAST(SUM(ledger_entry.amount) AS BIGINT) AS amount
            FROM ledger_entry JOIN ledger_transaction ON ledger_transaction.id = ledger_entry."transaction"
            WHERE ledger_transaction.organisation = $1 AND ledger_transaction.booked_on = $2
                AND ledger_entry.amount > 0 AND ledger_transaction.template IN (\(names))
            GROUP BY ledger_entry.currency ORDER BY ledger_entry.currency
            """
        let values = [organisation.text, date.description] + templates
        return try rows(SQL(raw: text), values.map(SQLValue.text)).compactMap { try Self.money($0) }
    }

    /// How many transactions there are in each currency.
    package func transactionCounts(of organisation: OrganisationID) throws -> [Currency: Int64] {
        let counted = try rows(
            """
            SELECT currency, COUNT(DISTINCT "transaction") AS count FROM ledger_entry WHERE organisation = $1
            GROUP BY currency
            """,
            [.text(organisation.text)])
        var counts: [Currency: Int64] = [:]
        for row in counted {
            if let currency = Currency(code: try row.text("currency")) {
                counts[currency] = try row.int("count")
            }
        }
        return counts
    }

    /// Walks an organisation's journal from its first record, a few at a time.
    package func forEachLedgerRecord(
        of organisation: OrganisationID, _ body: (TransactionRow) throws -> Void
    ) throws {
        var last: Int64 = 0
        while true {
            let batch = try all(
                TransactionRow.self, where: "organisation = $1 AND seq > $2",
                [.text(organisation.text), .int(last)], orderBy: "seq", limit: 500)
            for record in batch { try body(record) }
            guard let end = batch.last else { return }
            last = end.seq
        }
    }

    /// Organisations, oldest first.
    package func organisations() throws -> [OrganisationRecord] {
        try all(OrganisationRecord.self, where: "", [], orderBy: "created_at, id")
    }

    /// Bills that were rated, for the audit.
    package func ratedBills() throws -> [BillRecord] {
        try all(BillRecord.self, where: "rated_at IS NOT NULL", [], orderBy: "id")
    }
}
