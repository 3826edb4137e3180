// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A journal in memory, by the rules of payments.md §8.2: for tests, and for an audit that adds up again by itself.
///
/// Transactions are only ever added. What is pending is kept beside them and never enters a balance.
package struct Journal: Hashable, Sendable {
    /// A transaction that counts.
    package struct Posted: Hashable, Sendable {
        package let posting: Posting
        /// The event it stands for.
        package let cause: String
    }

    /// What became of a reservation.
    package enum Resolution: Hashable, Sendable {
        case open
        case posted(Money)
        case voided
    }

    /// Something reserved.
    package struct Pending: Hashable, Sendable {
        package let reservation: Reservation
        package fileprivate(set) var resolution: Resolution
    }

    /// Why something was not written.
    package enum Refusal: Error, Hashable, Sendable {
        /// There is no such reservation.
        case nothingReserved(cause: String)
        /// A reservation is resolved exactly once (I7).
        case resolvedBefore(cause: String, Resolution)
        /// More than was reserved (I8).
        case exceedsReservation(reserved: Money, requested: Money)
        /// The posting would be of nothing.
        case unbalanced(Transaction.Refusal)
    }

    /// Oldest first.
    package private(set) var posted: [Posted] = []
    /// By cause; a hold has one open reservation at most.
    package private(set) var pending: [String: Pending] = [:]

    package init() {}

    /// Appends a posting, unless this template and cause stand there already.
    ///
    /// - Returns: whether it is new.
    @discardableResult
    package mutating func post(_ posting: Posting, cause: String) -> Bool {
        let isKnown = posted.contains { $0.posting.template == posting.template && $0.cause == cause }
        guard !isKnown else { return false }
        posted.append(Posted(posting: posting, cause: cause))
        return true
    }

    /// Reserves. The same cause again with another amount replaces an open reservation (T1b).
    package mutating func reserve(_ reservation: Reservation, cause: String) throws(Refusal) {
        if let before = pending[cause], before.resolution != .open {
            throw .resolvedBefore(cause: cause, before.resolution)
        }
        pending[cause] = Pending(reservation: reservation, resolution: .open)
    }

    /// Posts what was really taken of a reservation; the rest is released.
    package mutating func postReserved(_ taken: Money, cause: String) throws(Refusal) {
        let reservation = try open(cause)
        guard taken <= reservation.amount else {
            throw .exceedsReservation(reserved: reservation.amount, requested: taken)
        }
        let posting: Posting
        do {
            posting = try reservation.posting(of: taken)
        } catch {
            throw .unbalanced(.empty)
        }
        pending[cause]?.resolution = .posted(taken)
        post(posting, cause: cause)
    }

    /// Gives a reservation back: nothing is posted (T4).
    package mutating func void(cause: String) throws(Refusal) {
        _ = try open(cause)
        pending[cause]?.resolution = .voided
    }

    private func open(_ cause: String) throws(Refusal) -> Reservation {
        guard let pending = pending[cause] else { throw .nothingReserved(cause: cause) }
        guard pending.resolution == .open else {
            throw .resolvedBefore(cause: cause, pending.resolution)
        }
        return pending.reservation
    }

    /// Debits less credits of what is posted.
    package func balance(of account: LedgerAccount, in currency: Currency) -> Money {
        entries.filter { $0.account == account && $0.amount.currency == currency }.map(\.amount)
            .sum(in: currency)
    }

    /// Debits less credits of what is open and not posted.
    package func pendingBalance(of account: LedgerAccount, in currency: Currency) -> Money {
        pending.values.filter { $0.resolution == .open }.map(\.reservation)
            .filter { $0.amount.currency == currency }
            .reduce(.zero(currency)) { sum, reservation in
                var sum = sum
                if reservation.debit == account { sum += reservation.amount }
                if reservation.credit == account { sum -= reservation.amount }
                return sum
            }
    }

    /// One line of the trial balance.
    package struct Balance: Hashable, Sendable {
        package let account: LedgerAccount
        package let amount: Money
    }

    /// Every account and currency with a balance other than zero; they sum to zero in each currency (I11).
    package var trialBalance: [Balance] {
        let keys = Set(entries.map { [$0.account.name, $0.amount.currency.code] })
        return keys.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { key in
            guard let currency = Currency(code: key[1]) else { return nil }
            let account = LedgerAccount(stored: key[0])
            let amount = balance(of: account, in: currency)
            return amount.isZero ? nil : Balance(account: account, amount: amount)
        }
    }

    private var entries: [Transaction.Entry] { posted.flatMap(\.posting.transaction.entries) }
}
