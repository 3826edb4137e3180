// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T11: a session of an invoiced account, net only; its tax comes with the invoice. Dr Unbilled, Cr Income.
    package static func fleetSessionOwed(
        incomes: [SessionOwed.Income], session: SessionID
    ) throws(Transaction.Refusal) -> Posting {
        let credit = incomes.map { (LedgerAccount.income($0.kind), $0.net) }
        guard let currency = credit.first?.1.currency else { throw .empty }
        return Posting(
            "FleetSessionOwed",
            try Transaction(debit: [(.unbilled, credit.map(\.1).sum(in: currency))], credit: credit),
            about: Dimensions(session: session))
    }

    /// T11i: the month's invoice; tax once per rate on its net. Dr Customer, Cr Unbilled, Cr VAT.
    package static func invoiceIssued(
        net: Money, taxes: [SessionOwed.Tax], about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        let tax = taxes.map { (LedgerAccount.tax(country: $0.country, rate: $0.rate), $0.amount) }
        return Posting(
            "InvoiceIssued",
            try Transaction(
                debit: [(.customerReceivable, net + tax.map(\.1).sum(in: net.currency))],
                credit: [(.unbilled, net)] + tax),
            about: about)
    }

    /// T11p: an invoice was paid by transfer. Dr Bank, Cr Customer.
    package static func invoicePaid(
        _ amount: Money, to bank: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "InvoicePaid",
            try Transaction(debit: [(.bank(bank), amount)], credit: [(.customerReceivable, amount)]),
            about: about)
    }
}
