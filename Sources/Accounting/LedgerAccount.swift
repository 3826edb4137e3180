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
    /// Prepaid balances.
    package static let wallet = LedgerAccount("Liabilities:Wallet")
    /// Refunds owed but not confirmed.
    package static let refunds = LedgerAccount("Liabilities:Refunds")
    /// Money given away.
    package static let goodwill = LedgerAccount("Expenses:Goodwill")
    /// Debts given up.
    package static let badDebt = LedgerAccount("Expenses:BadDebt")
    /// Opening balances.
    package static let opening = LedgerAccount("Equity:Opening")

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
