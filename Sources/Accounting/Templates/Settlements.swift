// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T13f: what a gateway kept. Dr GatewayFees, Cr Clearing.
    package static func gatewayFee(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "GatewayFee",
            try Transaction(debit: [(.gatewayFees, amount)], credit: [(.clearing(gatewayAccount), amount)]),
            about: about)
    }

    /// T13p: a gateway pays out. Dr InTransit, Cr Clearing.
    package static func gatewayPayout(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "GatewayPayout",
            try Transaction(debit: [(.inTransit, amount)], credit: [(.clearing(gatewayAccount), amount)]),
            about: about)
    }

    /// T13p, seen on the bank statement. Dr Bank, Cr InTransit.
    package static func payoutSeen(
        _ amount: Money, at bank: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "PayoutSeen", try Transaction(debit: [(.bank(bank), amount)], credit: [(.inTransit, amount)]),
            about: about)
    }

    /// T13u: money nobody can identify. Dr Clearing, Cr Suspense.
    package static func moneyUnmatched(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "MoneyUnmatched",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.suspense, amount)]),
            about: about)
    }

    /// T13x: settled in another currency, at the rate that is kept with it; each currency is balanced on its own (I4).
    ///
    /// - Parameters:
    ///   - arrived: what came, in the gateway account's currency.
    ///   - gone: what it was before.
    package static func currencyExchanged(
        arrived: Money, gone: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        precondition(arrived.currency != gone.currency, "an exchange is between two currencies")
        return Posting(
            "CurrencyExchanged",
            try Transaction(
                pairs: [
                    (debit: .clearing(gatewayAccount), credit: .conversion, amount: arrived),
                    (debit: .conversion, credit: .clearing(gatewayAccount), amount: gone),
                ]),
            about: about)
    }
}
