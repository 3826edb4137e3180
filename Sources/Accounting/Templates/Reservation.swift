// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A pending transaction: it reserves, and is resolved exactly once by a posting of at most its amount, or by a void
/// (payments.md §8.2, I7, I8). Pending amounts never enter balances.
package struct Reservation: Hashable, Sendable {
    /// `HoldPlaced` (T1) or `WalletReserved` (T1w).
    package let template: String
    /// The template that posts it: `CaptureReceived` (T3) or `WalletDebited` (T3w).
    package let postedAs: String
    package let debit: LedgerAccount
    package let credit: LedgerAccount
    /// Above zero.
    package let amount: Money
    package let about: Dimensions

    private init(
        _ template: String, postedAs: String, debit: LedgerAccount, amount: Money, about: Dimensions
    ) {
        precondition(amount.isPositive, "a reservation is of something")
        self.template = template
        self.postedAs = postedAs
        self.debit = debit
        self.credit = .sessionReceivable
        self.amount = amount
        self.about = about
    }

    /// A reservation read back from its row.
    package init(
        stored template: String, debit: LedgerAccount, credit: LedgerAccount, amount: Money, about: Dimensions
    ) {
        self.template = template
        self.postedAs = template == "WalletReserved" ? "WalletDebited" : "CaptureReceived"
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.about = about
    }

    /// T1: a hold was approved at a gateway account.
    package static func holdPlaced(_ amount: Money, at gatewayAccount: String, about: Dimensions)
        -> Reservation
    {
        Reservation(
            "HoldPlaced", postedAs: "CaptureReceived", debit: .clearing(gatewayAccount), amount: amount,
            about: about)
    }

    /// T1w: part of a prepaid wallet is reserved.
    package static func walletReserved(_ amount: Money, about: Dimensions) -> Reservation {
        Reservation("WalletReserved", postedAs: "WalletDebited", debit: .wallet, amount: amount, about: about)
    }

    /// A posting exceeds what was reserved.
    package struct Exceeded: Error, Hashable, Sendable {
        package let reserved: Money
        package let requested: Money
    }

    /// T3 or T3w: what was really taken; the rest is released. Never above the reserved amount (I8).
    package func posting(of taken: Money) throws -> Posting {
        guard taken <= amount else { throw Exceeded(reserved: amount, requested: taken) }
        return Posting(
            postedAs, try Transaction(debit: [(debit, taken)], credit: [(credit, taken)]), about: about)
    }
}
