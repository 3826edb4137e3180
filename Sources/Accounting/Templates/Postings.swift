// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T5: a wallet top-up was captured. Dr Clearing, Cr Wallet.
    package static func topUpReceived(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "TopUpReceived",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.wallet, amount)]),
            about: about)
    }

    /// T14 as wallet credit: the operator gives a driver money. Dr Goodwill, Cr Wallet.
    package static func goodwillCredited(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "GoodwillGranted", try Transaction(debit: [(.goodwill, amount)], credit: [(.wallet, amount)]),
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

    /// T9: a remainder becomes a debt. Dr Debt, Cr Receivable.
    package static func debtOpened(_ amount: Money, about: Dimensions) throws(Transaction.Refusal) -> Posting
    {
        Posting(
            "DebtOpened",
            try Transaction(debit: [(.debtReceivable, amount)], credit: [(.sessionReceivable, amount)]),
            about: about)
    }

    /// T8: a capture failed afterwards. Dr Receivable, Cr Clearing.
    package static func captureReversed(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "CaptureReversed",
            try Transaction(
                debit: [(.sessionReceivable, amount)], credit: [(.clearing(gatewayAccount), amount)]),
            about: about)
    }

    /// Money was taken that nobody owes: it is owed back. Dr Clearing, Cr Refunds.
    package static func undueReceived(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "UndueReceived",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.refunds, amount)]),
            about: about)
    }
}
