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

    /// T5x: a gateway took a top-up back. What was spent of it meanwhile is owed. Dr Wallet and Debt, Cr Clearing.
    ///
    /// - Parameter back: what the wallet still had of it.
    package static func topUpReversed(
        _ amount: Money, ofWhich back: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "TopUpReversed",
            try Transaction(
                debit: [(.wallet, back), (.debtReceivable, amount - back)],
                credit: [(.clearing(gatewayAccount), amount)]),
            about: about)
    }

    /// T6a for a prepaid wallet: what is owed back is there at once. Dr Refunds, Cr Wallet.
    package static func refundPaidToWallet(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "RefundPaid", try Transaction(debit: [(.refunds, amount)], credit: [(.wallet, amount)]),
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
}
