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

    /// T13u: money nobody can identify. Dr Clearing, Cr Suspense; the other way round for money that went.
    ///
    /// - Parameter amount: what the gateway added to our balance; negative for what it took.
    package static func moneyUnmatched(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        let clearing = LedgerAccount.clearing(gatewayAccount)
        return Posting(
            "MoneyUnmatched",
            amount.isNegative
                ? try Transaction(debit: [(.suspense, -amount)], credit: [(clearing, -amount)])
                : try Transaction(debit: [(clearing, amount)], credit: [(.suspense, amount)]),
            about: about)
    }

    /// T13b: a fee that was restated lower comes back. Dr Clearing, Cr GatewayFees.
    package static func gatewayFeeReturned(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "GatewayFeeReturned",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.gatewayFees, amount)]),
            about: about)
    }

    /// T13q: a payout came back from the bank. Dr Clearing, Cr InTransit.
    package static func payoutReturned(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "PayoutReturned",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.inTransit, amount)]),
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
