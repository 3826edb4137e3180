// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T6: a credit note was issued; what it gives back is owed. The money leg is `Reservation.refundAsked`.
    ///
    /// - Parameters:
    ///   - incomes: net given back, per kind of line, each zero or more.
    ///   - taxes: tax given back, per rate, each zero or more.
    package static func refundOwed(
        incomes: [SessionOwed.Income], taxes: [SessionOwed.Tax], about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        let debit =
            incomes.map { (LedgerAccount.income($0.kind), $0.net) }
            + taxes.map { (LedgerAccount.tax(country: $0.country, rate: $0.rate), $0.amount) }
        guard let currency = debit.first?.1.currency else { throw .empty }
        let total = debit.map(\.1).sum(in: currency)
        return Posting(
            "RefundOwed", try Transaction(debit: debit, credit: [(.refunds, total)]), about: about)
    }

    /// T6b: a refund came back days later; it is owed again. Dr Clearing, Cr Refunds.
    package static func refundReturned(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "RefundReturned",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.refunds, amount)]),
            about: about)
    }
}
