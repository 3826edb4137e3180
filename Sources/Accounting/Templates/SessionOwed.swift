// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// T2: a session was rated. Dr Receivable 18.37, Cr Income:Energy 15.44, Cr VAT 2.93.
package struct SessionOwed: Hashable, Sendable {
    /// Net income per kind; a discount above its line's amount may make one negative.
    package var incomes: [Income]
    /// Tax per rate.
    package var taxes: [Tax]
    package var session: SessionID

    /// Net income of one kind.
    package struct Income: Hashable, Sendable {
        package var kind: IncomeKind
        package var net: Money

        package init(_ kind: IncomeKind, _ net: Money) {
            self.kind = kind
            self.net = net
        }
    }

    /// Tax of one rate in one country.
    package struct Tax: Hashable, Sendable {
        package var country: String
        package var rate: TaxRate
        package var amount: Money

        package init(country: String, rate: TaxRate, amount: Money) {
            self.country = country
            self.rate = rate
            self.amount = amount
        }
    }

    package init(incomes: [Income], taxes: [Tax], session: SessionID) {
        self.incomes = incomes
        self.taxes = taxes
        self.session = session
    }

    /// Refused only if there is nothing to owe.
    package func posting() throws(Transaction.Refusal) -> Posting {
        var debit: [(LedgerAccount, Money)] = []
        var credit: [(LedgerAccount, Money)] = []
        for (account, amount) in incomes.map({ (LedgerAccount.income($0.kind), $0.net) })
            + taxes.map({ (LedgerAccount.tax(country: $0.country, rate: $0.rate), $0.amount) })
        {
            if amount.isNegative {
                debit.append((account, -amount))
            } else {
                credit.append((account, amount))
            }
        }
        guard let currency = (incomes.map(\.net) + taxes.map(\.amount)).first?.currency else { throw .empty }
        let owed = credit.map(\.1).sum(in: currency) - debit.map(\.1).sum(in: currency)
        if owed.isNegative {
            credit.append((.sessionReceivable, -owed))
        } else {
            debit.insert((.sessionReceivable, owed), at: 0)
        }
        return Posting(
            "SessionOwed", try Transaction(debit: debit, credit: credit), about: Dimensions(session: session))
    }
}
