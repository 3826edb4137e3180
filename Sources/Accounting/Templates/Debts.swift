// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T9: a remainder becomes a debt. Dr Debt, Cr Receivable.
    package static func debtOpened(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "DebtOpened",
            try Transaction(debit: [(.debtReceivable, amount)], credit: [(.sessionReceivable, amount)]),
            about: about)
    }

    /// T9p: a debt is paid. Dr Clearing, Cr Debt.
    package static func debtPaid(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "DebtPaid",
            try Transaction(
                debit: [(.clearing(gatewayAccount), amount)], credit: [(.debtReceivable, amount)]),
            about: about)
    }

    /// T10: a debt is given up. Dr BadDebt, Cr Debt.
    package static func debtWrittenOff(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "DebtWrittenOff",
            try Transaction(debit: [(.badDebt, amount)], credit: [(.debtReceivable, amount)]), about: about)
    }

    /// The reverse of T10: a debt that was given up is paid after all; T9p comes with it. Dr Debt, Cr BadDebt.
    package static func debtRestored(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "DebtRestored", try Transaction(debit: [(.debtReceivable, amount)], credit: [(.badDebt, amount)]),
            about: about)
    }

    /// T14: a remainder is given away. Dr Goodwill, Cr Receivable.
    package static func goodwillGranted(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "GoodwillGranted",
            try Transaction(debit: [(.goodwill, amount)], credit: [(.sessionReceivable, amount)]),
            about: about)
    }
}
