// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// The books: every account with its balance, the proof that they sum to nothing, and the latest transactions.
package struct LedgerScreen: Sendable {
    /// One account in one currency.
    package struct Balance: Hashable, Sendable {
        /// Its name.
        package var account: String
        /// What is booked, debit positive.
        package var posted: Money
        /// What is reserved and not booked.
        package var pending: Money

        /// One account.
        package init(account: String, posted: Money, pending: Money) {
            self.account = account
            self.posted = posted
            self.pending = pending
        }
    }

    /// All accounts of a currency.
    package struct Proof: Hashable, Sendable {
        /// The sum of all entries; zero, or the books are broken.
        package var sum: Money
        /// How many transactions were summed.
        package var transactions: Int64

        /// All accounts of a currency.
        package init(sum: Money, transactions: Int64) {
            self.sum = sum
            self.transactions = transactions
        }
    }

    /// One transaction.
    package struct Transaction: Hashable, Sendable {
        /// Which.
        package var id: TransactionID
        /// The business event, e.g. `CaptureReceived`.
        package var template: String
        /// When it was written down.
        package var recordedAt: Instant
        /// Account and amount, debit positive; they sum to zero.
        package var entries: [Entry]
        /// The session it is about.
        package var session: SessionID?

        /// A line of a transaction.
        package struct Entry: Hashable, Sendable {
            /// Its account.
            package var account: String
            /// Debit positive.
            package var amount: Money

            /// A line of a transaction.
            package init(account: String, amount: Money) {
                self.account = account
                self.amount = amount
            }
        }

        /// One transaction.
        package init(
            id: TransactionID, template: String, recordedAt: Instant, entries: [Entry], session: SessionID?
        ) {
            self.id = id
            self.template = template
            self.recordedAt = recordedAt
            self.entries = entries
            self.session = session
        }
    }

    /// What surrounds it.
    package var frame: ConsoleFrame
    /// By name.
    package var balances: [Balance]
    /// One for each currency.
    package var proofs: [Proof]
    /// Newest first.
    package var transactions: [Transaction]
    /// The account whose transactions are shown; nil for all.
    package var account: String?
    /// The query of the next page; nil on the last one.
    package var olderQuery: String?

    /// The books.
    package init(
        frame: ConsoleFrame, balances: [Balance], proofs: [Proof], transactions: [Transaction]
    ) {
        self.frame = frame
        self.balances = balances
        self.proofs = proofs
        self.transactions = transactions
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let gaps: Gaps = [
            "proofs": proofs.map { $0.gaps(shown) }, "balance": balance(shown).gaps,
            "account": account, "allURL": SiteURL.list(.ledger).path,
            "older": olderQuery.map { "\(SiteURL.list(.ledger).path)?\($0)#transactions" },
            "hasTransactions": !transactions.isEmpty, "transactions": transactions.map { $0.gaps(shown) },
        ]
        let head = PageHead(title: words(.ledger))
        return frame.page(head, .ledger, gaps, at: .list(.ledger), shown)
    }

    private func balance(_ shown: Shown) -> ConsoleTable {
        let words = shown.words
        return ConsoleTable(
            caption: words(.trialBalance),
            columns: [
                .init(words(.account)), .init(words(.debit), isNumber: true),
                .init(words(.credit), isNumber: true), .init(words(.pending), isNumber: true),
            ],
            rows: balances.map { row in
                [
                    .link(row.account, .account(row.account)),
                    .text(row.posted.isPositive ? shown.money(row.posted) : ""),
                    .text(row.posted.isNegative ? shown.money(-row.posted) : ""),
                    .text(row.pending.isZero ? "" : shown.money(row.pending)),
                ]
            }, empty: words(.noTransactions),
            totals: proofs.map { proof in
                let posted = balances.map(\.posted).filter { $0.currency == proof.sum.currency }
                let zero = Money.zero(proof.sum.currency)
                let debit = posted.filter(\.isPositive).sum(in: zero.currency)
                let credit = posted.filter(\.isNegative).sum(in: zero.currency)
                return [
                    .text(words(.ledgerSum)), .text(shown.money(debit)), .text(shown.money(zero - credit)),
                    .text(""),
                ]
            })
    }
}

extension LedgerScreen.Proof {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        let values: KeyValuePairs = ["count": String(transactions), "currency": sum.currency.code]
        return [
            "sentence": shown.words(.sumIs, ["sum": shown.money(sum)]),
            "tone": (sum.isZero ? Tone.good : .bad).rawValue,
            "detail": shown.words(sum.isZero ? .sumProof : .sumBroken, values),
        ]
    }
}

extension LedgerScreen.Transaction {
    fileprivate func gaps(_ shown: Shown) -> Gaps {
        [
            "name": template, "when": shown.dateAndClock(recordedAt), "id": id.text,
            "url": session.map { SiteURL.session($0).path } ?? false as Any,
            "about": session?.text ?? " ",
            "entries": entries.map { entry -> Gaps in
                [
                    "account": entry.account,
                    "debit": entry.amount.isPositive ? shown.money(entry.amount) : false as Any,
                    "credit": entry.amount.isNegative ? shown.money(-entry.amount) : false as Any,
                ]
            },
        ]
    }
}
