// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
package import Quantities
package import Storage

/// Whether an account may start something new. Derived, never stored: the commit that pays a debt is the one that lifts
/// its block, and it lifts it once (I26).
package struct AccountStanding: Sendable {
    /// What it has not paid.
    package let debts: [DebtRecord]
    /// Whether an invoice is overdue by more than 30 days.
    package let isOverdue: Bool

    package init(of account: AccountID, in tx: Tx, at now: Instant) throws {
        debts = try tx.openDebts(of: account)
        isOverdue = try tx.isOverdue(account, since: now - .hours(30 * 24))
    }

    /// Whether new starts are refused; sessions that run are never cut for it.
    package var isBlocked: Bool { !debts.isEmpty || isOverdue }
}

/// What an invoiced account may still charge (payments.md §2): unbilled + unpaid + this quote ≤ credit limit.
package struct CreditLine: Sendable {
    /// Nil without a limit.
    package let left: Money?

    package init(of account: AccountRecord, in currency: Currency, tx: Tx) throws {
        guard let limit = account.creditLimitMinor else {
            left = nil
            return
        }
        let used =
            try tx.unbilledMinor(of: account.id, in: currency) + tx.unpaidMinor(of: account.id, in: currency)
        left = Money(minorUnits: limit - used, currency: currency)
    }

    /// Whether a session that may cost this much fits.
    package func covers(_ quoted: Money) -> Bool { left.map { quoted <= $0 } ?? true }
}
