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
