// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A ledger account by its name (payments.md §8.1); the names work unchanged in hledger and Beancount.
package struct LedgerAccount: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// E.g. `Assets:Receivable:Session`.
    package let name: String

    private init(_ name: String) { self.name = name }

    /// An account read back from the journal.
    package init(stored name: String) { self.name = name }

    /// Captured, still at the gateway; one per gateway account.
    package static func clearing(_ gatewayAccount: String) -> LedgerAccount {
        LedgerAccount("Assets:Clearing:" + segment(gatewayAccount))
    }
    /// Rated, being collected; returns to zero per session.
    package static let sessionReceivable = LedgerAccount("Assets:Receivable:Session")
    /// An unpaid remainder, with an owner.
    package static let debtReceivable = LedgerAccount("Assets:Receivable:Debt")
    /// Net not yet invoiced.
    package static let unbilled = LedgerAccount("Assets:Receivable:Unbilled")
    /// Invoiced gross.
    package static let customerReceivable = LedgerAccount("Assets:Receivable:Customer")
    /// Owed by roaming partners.
    package static let partnerReceivable = LedgerAccount("Assets:Receivable:Partner")
    /// Withdrawn by a dispute that is not decided.
    package static let disputed = LedgerAccount("Assets:Disputed")
    /// Deductible tax.
    package static let inputTax = LedgerAccount("Assets:Tax:Input")
    /// A bank account of ours.
    package static func bank(_ name: String) -> LedgerAccount {
        LedgerAccount("Assets:Bank:" + segment(name))
    }
    /// Payouts announced but not yet seen in a bank statement.
    package static let inTransit = LedgerAccount("Assets:Bank:InTransit")
    /// Prepaid balances.
    package static let wallet = LedgerAccount("Liabilities:Wallet")
    /// Refunds owed but not confirmed.
    package static let refunds = LedgerAccount("Liabilities:Refunds")
    /// Money nobody can identify yet.
    package static let suspense = LedgerAccount("Liabilities:Suspense")
    /// Owed to hosts of sites.
    package static let hostPayable = LedgerAccount("Liabilities:Payable:Host")
    /// Owed to roaming partners.
    package static let partnerPayable = LedgerAccount("Liabilities:Payable:Partner")
    /// What gateways keep.
    package static let gatewayFees = LedgerAccount("Expenses:GatewayFees")
    /// What a dispute costs, won or lost.
    package static let disputeFees = LedgerAccount("Expenses:DisputeFees")
    /// Disputes lost.
    package static let chargebacks = LedgerAccount("Expenses:Chargebacks")
    /// The hosts' part.
    package static let hostShare = LedgerAccount("Expenses:HostShare")
    /// What partners ask for our drivers.
    package static let roamingCost = LedgerAccount("Expenses:Roaming")
    /// Debts given up.
    package static let badDebt = LedgerAccount("Expenses:BadDebt")
    /// Money given away.
    package static let goodwill = LedgerAccount("Expenses:Goodwill")
    /// Differences of foreign documents.
    package static let rounding = LedgerAccount("Expenses:Rounding")
    /// Opening balances.
    package static let opening = LedgerAccount("Equity:Opening")
    /// The only bridge between two currencies.
    package static let conversion = LedgerAccount("Equity:Conversion")

    /// Tax collected, e.g. `VAT-DE-19`; fractions as `VAT-US-8p875`.
    package static func tax(country: String, rate: TaxRate) -> LedgerAccount {
        let digits = rate.percentText.split(separator: ".").joined(separator: "p")
        return LedgerAccount("Liabilities:Tax:VAT-\(segment(country))-\(digits)")
    }

    /// Income of one kind of bill line.
    package static func income(_ kind: IncomeKind) -> LedgerAccount {
        LedgerAccount("Income:" + kind.rawValue)
    }

    /// Compares names.
    package static func < (left: LedgerAccount, right: LedgerAccount) -> Bool { left.name < right.name }
    /// The name.
    package var description: String { name }

    /// Letters, digits and dashes only, beginning with a capital: what both tools accept.
    private static func segment(_ text: String) -> String {
        let kept = text.unicodeScalars.map { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                ? String(scalar) : "-"
        }.joined()
        return kept.isEmpty ? "None" : kept.prefix(1).uppercased() + kept.dropFirst()
    }
}

/// The kinds of income, one per kind of bill line.
package enum IncomeKind: String, Hashable, Sendable, CaseIterable {
    case energy = "Energy"
    case time = "Time"
    case session = "Session"
    case idle = "Idle"
    case reservation = "Reservation"
    case roaming = "Roaming"
}
