// SPDX-License-Identifier: Apache-2.0

import Accounting
package import Quantities
package import Storage

/// A person writes into the books: a whole balanced transaction with a reason, or the reversal of one (payments.md §8).
package struct PostManually: Sendable {
    let desk: Desk
    /// What stands in the journal.
    package static let template = "Manual"

    package init(desk: Desk) { self.desk = desk }

    /// One side: a debit is positive.
    package struct Side: Sendable, Hashable {
        package let account: String
        package let amount: Money

        package init(account: String, amount: Money) {
            self.account = account
            self.amount = amount
        }
    }

    /// Why nothing was booked.
    package enum Refusal: Error, Hashable {
        case unbalanced(Money)
        case empty
        /// The entry with this index names an account that is none, or that moves only with its own verbs.
        case account(Int, String)
        case periodClosed(String)
        /// The day has not come.
        case future
        /// Only what a person booked can be taken back by hand, and only once.
        case notReversible(String)
    }

    /// What was booked, as it stands in the journal.
    package struct Booked: Sendable {
        package let row: TransactionRow
        package let entries: [EntryRow]
    }

    /// Books it. The same cause books once.
    package func callAsFunction(
        _ sides: [Side], on day: CivilDate?, because reason: String, cause: String, by author: Author
    ) async throws -> Booked {
        for (index, side) in sides.enumerated() { try Self.check(side.account, at: index) }
        let transaction = try Self.transaction(sides.map { ($0.account, $0.amount) })
        return try await book(
            Posting(Self.template, transaction, about: Dimensions()), reversing: nil, on: day,
            because: reason, cause: cause, by: author)
    }

    /// The same entries with the other sign.
    package func reverse(
        _ id: TransactionID, because reason: String, cause: String, by author: Author
    ) async throws -> Booked {
        let (entries, reversed) = try await desk.store.read { tx in
            guard let row = try tx.find(TransactionRow.self, id), row.organisation == author.organisation
            else { throw AdministrationRefusal.notFound("transaction") }
            guard row.template == Self.template else { throw Refusal.notReversible(row.template) }
            return (try tx.entries(of: id), try tx.reversal(of: id))
        }
        if let reversed, reversed.cause != cause { throw Refusal.notReversible("reversed") }
        let transaction = try Self.transaction(
            entries.map { ($0.account, -Money(minorUnits: $0.amount, currency: $0.currency)) })
        return try await book(
            Posting(Self.template, transaction, about: Dimensions()), reversing: id, on: nil,
            because: reason, cause: cause, by: author)
    }

    private func book(
        _ posting: Posting, reversing: TransactionID?, on day: CivilDate?, because reason: String,
        cause: String, by author: Author
    ) async throws -> Booked {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let today = try Books(desk: desk).today(of: author.organisation, in: tx, at: now)
            if let day, day > today { throw Refusal.future }
            let month = (day ?? today).month
            if try tx.closedPeriod(month, of: author.organisation) != nil {
                throw Refusal.periodClosed(month)
            }
            var entry = Books.Entry(
                organisation: author.organisation, cause: cause, actor: author.name, occurredAt: now, now: now
            )
            (entry.bookedOn, entry.reverses) = (day, reversing)
            try Books(desk: desk).post(posting, entry, in: tx)
            guard let row = try tx.transaction(posting.template, cause: cause, of: author.organisation) else {
                throw StoreError.foreignKeyViolation
            }
            try author.note("ledger.posted", row.id, because: reason, with: desk, in: tx, at: now)
            return Booked(row: row, entries: try tx.entries(of: row.id))
        }
    }

    private static func transaction(_ sides: [(String, Money)]) throws -> Transaction {
        do throws(Transaction.Refusal) {
            return try Transaction(
                debit: sides.filter { !$0.1.isNegative }.map { (LedgerAccount(stored: $0.0), $0.1) },
                credit: sides.filter { $0.1.isNegative }.map { (LedgerAccount(stored: $0.0), -$0.1) })
        } catch {
            switch error {
            case .unbalanced(let difference): throw Refusal.unbalanced(difference)
            case .empty: throw Refusal.empty
            }
        }
    }

    /// What a person may not touch by hand: rows outside of the journal must stay equal to these accounts.
    private static let guarded = [
        LedgerAccount.wallet, .refunds, .sessionReceivable, .debtReceivable, .disputed,
    ].map(\.name)

    private static func check(_ name: String, at index: Int) throws(Refusal) {
        let steps = name.split(separator: ":", omittingEmptySubsequences: false)
        let isName =
            steps.count >= 2 && ["Assets", "Liabilities", "Income", "Expenses", "Equity"].contains(steps[0])
            && steps.allSatisfy { step in
                step.first.map { ("A"..."Z").contains($0) } == true
                    && step.utf8.allSatisfy {
                        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                            || $0 == 45
                    }
            }
        guard isName else { throw .account(index, "This is no name of an account.") }
        guard !guarded.contains(name) else { throw .account(index, "\(name) moves with its own verbs only.") }
    }
}

/// Closes a month of the books: nothing is booked into it any more.
package struct ClosePeriod: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why it stays open; in words.
    package struct NotReady: Error, Hashable {
        package let reasons: [String]
    }

    /// Closing it again is no second effect.
    package func callAsFunction(
        year: Int, month: Int, by author: Author
    ) async throws -> PeriodRecord {
        let now = desk.clock.now
        let first = CivilDate(year: year, month: month, day: 1)
        let next =
            month == 12
            ? CivilDate(year: year + 1, month: 1, day: 1) : CivilDate(year: year, month: month + 1, day: 1)
        guard let first, let next else { throw AdministrationRefusal.notFound("period") }
        return try await desk.store.transaction { tx in
            if let closed = try tx.closedPeriod(first.month, of: author.organisation) { return closed }
            let reasons = try obstacles(first, next, of: author.organisation, in: tx, at: now)
            guard reasons.isEmpty else { throw NotReady(reasons: reasons) }
            let period = PeriodRecord(
                organisation: author.organisation, month: first.month, closedBy: author.name, closedAt: now)
            try tx.insert(period)
            try author.note("period.closed", period.month, with: desk, in: tx, at: now)
            return period
        }
    }

    private func obstacles(
        _ first: CivilDate, _ next: CivilDate, of organisation: OrganisationID, in tx: Tx, at now: Instant
    ) throws -> [String] {
        guard try Books(desk: desk).today(of: organisation, in: tx, at: now) >= next else {
            return ["the month is not over"]
        }
        var reasons: [String] = []
        let sessions = try tx.unfinishedSessions(of: organisation, from: first.start, to: next.start)
        if sessions > 0 { reasons.append("\(sessions) sessions are not final") }
        let doubts = try tx.doubts(of: organisation)
        if doubts.count > 0, let since = doubts.since, since < next.start {
            reasons.append("\(doubts.count) gateway calls are in doubt")
        }
        return reasons
    }
}

extension CivilDate {
    /// `2027-03`.
    package var month: String { String(description.prefix(7)) }
    /// Midnight UTC.
    fileprivate var start: Instant { Instant(seconds: daysSinceEpoch * 86_400) }
}
