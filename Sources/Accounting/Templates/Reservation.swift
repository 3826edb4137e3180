// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A pending transaction: it reserves, and is resolved exactly once by a posting of at most its amount, or by a void
/// (payments.md §8.2, I7, I8). Pending amounts never enter balances.
package struct Reservation: Hashable, Sendable {
    /// Why something is reserved; the raw value is the template's name.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// T1: a hold was approved.
        case holdPlaced = "HoldPlaced"
        /// T1b: it was raised.
        case holdAdjusted = "HoldAdjusted"
        /// T1w: part of a prepaid wallet.
        case walletReserved = "WalletReserved"
        /// T5r: unused balance on its way back.
        case walletPayoutAsked = "WalletPayoutAsked"
        /// T6: money on its way back.
        case refundAsked = "RefundAsked"
        /// T16: approved at a terminal.
        case terminalApproved = "TerminalApproved"

        /// The template that posts it.
        package var postedAs: String {
            switch self {
            case .holdPlaced, .holdAdjusted: "CaptureReceived"
            case .walletReserved: "WalletDebited"
            case .walletPayoutAsked: "WalletPaidOut"
            case .refundAsked: "RefundPaid"
            case .terminalApproved: "TerminalSettled"
            }
        }
    }

    /// The template's name, e.g. `HoldPlaced` (T1) or `WalletReserved` (T1w).
    package let template: String
    /// The template that posts it: `CaptureReceived` (T3) or `WalletDebited` (T3w).
    package let postedAs: String
    package let debit: LedgerAccount
    package let credit: LedgerAccount
    /// Above zero.
    package let amount: Money
    package let about: Dimensions

    private init(
        _ reason: Reason, debit: LedgerAccount, credit: LedgerAccount = .sessionReceivable, amount: Money,
        about: Dimensions
    ) {
        precondition(amount.isPositive, "a reservation is of something")
        template = reason.rawValue
        postedAs = reason.postedAs
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.about = about
    }

    /// A reservation read back from its row.
    package init(
        stored template: String, debit: LedgerAccount, credit: LedgerAccount, amount: Money, about: Dimensions
    ) {
        self.template = template
        postedAs = (Reason(rawValue: template) ?? .holdPlaced).postedAs
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.about = about
    }

    /// T1: a hold was approved at a gateway account.
    package static func holdPlaced(_ amount: Money, at gatewayAccount: String, about: Dimensions)
        -> Reservation
    {
        Reservation(.holdPlaced, debit: .clearing(gatewayAccount), amount: amount, about: about)
    }

    /// T1b: a hold was raised; it takes the place of the reservation before it, which is voided.
    package static func holdAdjusted(_ total: Money, at gatewayAccount: String, about: Dimensions)
        -> Reservation
    {
        Reservation(.holdAdjusted, debit: .clearing(gatewayAccount), amount: total, about: about)
    }

    /// T1w: part of a prepaid wallet is reserved.
    package static func walletReserved(_ amount: Money, about: Dimensions) -> Reservation {
        Reservation(.walletReserved, debit: .wallet, amount: amount, about: about)
    }

    /// T5r: unused wallet balance is being paid back.
    package static func walletPayoutAsked(_ amount: Money, at gatewayAccount: String, about: Dimensions)
        -> Reservation
    {
        Reservation(
            .walletPayoutAsked, debit: .wallet, credit: .clearing(gatewayAccount), amount: amount,
            about: about)
    }

    /// T6, the money leg: what is owed back is on its way.
    package static func refundAsked(_ amount: Money, at gatewayAccount: String, about: Dimensions)
        -> Reservation
    {
        Reservation(
            .refundAsked, debit: .refunds, credit: .clearing(gatewayAccount), amount: amount, about: about)
    }

    /// T16: approved at a terminal, which is a gateway account of its own.
    package static func terminalApproved(_ amount: Money, at terminal: String, about: Dimensions)
        -> Reservation
    {
        Reservation(.terminalApproved, debit: .clearing(terminal), amount: amount, about: about)
    }

    /// A posting exceeds what was reserved.
    package struct Exceeded: Error, Hashable, Sendable {
        package let reserved: Money
        package let requested: Money
    }

    /// T3, T3w and their like: what was really taken; the rest is released. Never above the reserved amount (I8).
    package func posting(of taken: Money) throws -> Posting {
        guard taken <= amount else { throw Exceeded(reserved: amount, requested: taken) }
        return Posting(
            postedAs, try Transaction(debit: [(debit, taken)], credit: [(credit, taken)]), about: about)
    }
}
