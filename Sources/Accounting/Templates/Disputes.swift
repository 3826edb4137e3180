// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T7a: a dispute withdraws the amount and costs a fee. Dr Disputed and DisputeFees, Cr Clearing.
    package static func disputeOpened(
        _ amount: Money, fee: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "DisputeOpened",
            try Transaction(
                debit: [(.disputed, amount), (.disputeFees, fee)],
                credit: [(.clearing(gatewayAccount), amount + fee)]),
            about: about)
    }

    /// T7b: a dispute was won; the fee stays lost. Dr Clearing, Cr Disputed.
    package static func disputeWon(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "DisputeWon",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.disputed, amount)]),
            about: about)
    }

    /// T7c: a dispute was lost. With tax relief (T7d) the tax of the sale is taken back, otherwise all of it is a cost.
    ///
    /// - Parameter relief: the tax to take back, per rate; empty where the operator claims none, which is the default.
    package static func disputeLost(
        _ amount: Money, relief: [SessionOwed.Tax] = [], about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        let taxes = relief.map { (LedgerAccount.tax(country: $0.country, rate: $0.rate), $0.amount) }
        let cost = amount - taxes.map(\.1).sum(in: amount.currency)
        return Posting(
            "DisputeLost",
            try Transaction(debit: [(.chargebacks, cost)] + taxes, credit: [(.disputed, amount)]),
            about: about)
    }

    /// T7e: a dispute that was lost is won after all; what was a cost comes back. Dr Clearing, Cr Chargebacks and VAT.
    package static func disputeReversed(
        _ amount: Money, relief: [SessionOwed.Tax] = [], at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        let taxes = relief.map { (LedgerAccount.tax(country: $0.country, rate: $0.rate), $0.amount) }
        let cost = amount - taxes.map(\.1).sum(in: amount.currency)
        return Posting(
            "DisputeReversed",
            try Transaction(
                debit: [(.clearing(gatewayAccount), amount)], credit: [(.chargebacks, cost)] + taxes),
            about: about)
    }
}
