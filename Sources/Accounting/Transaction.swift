// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A double-entry transaction. It can only be built balanced in every currency it touches; a single entry cannot be
/// made (I1).
package struct Transaction: Hashable, Sendable {
    /// One side of it: positive is a debit, negative a credit.
    package struct Entry: Hashable, Sendable {
        package let account: LedgerAccount
        package let amount: Money

        fileprivate init(account: LedgerAccount, amount: Money) {
            self.account = account
            self.amount = amount
        }
    }

    /// At least two, none of zero.
    package let entries: [Entry]

    /// Why entries make no transaction.
    package enum Refusal: Error, Hashable, Sendable {
        /// Debits and credits differ by this much.
        case unbalanced(Money)
        case empty
    }

    /// Debits and credits, each amount zero or more; zeros are left out.
    package init(
        debit: [(LedgerAccount, Money)], credit: [(LedgerAccount, Money)]
    ) throws(Refusal) {
        precondition(
            (debit + credit).allSatisfy { !$0.1.isNegative }, "a side is never negative; use the other one")
        let all =
            debit.map { Entry(account: $0.0, amount: $0.1) }
            + credit.map { Entry(account: $0.0, amount: -$0.1) }
        try self.init(checking: all)
    }

    /// Pairs of one debit and one credit of the same amount, in their order; for more than one currency.
    package init(
        pairs: [(debit: LedgerAccount, credit: LedgerAccount, amount: Money)]
    ) throws(Refusal) {
        precondition(
            pairs.allSatisfy { !$0.amount.isNegative }, "a side is never negative; use the other one")
        try self.init(
            checking: pairs.flatMap {
                [Entry(account: $0.debit, amount: $0.amount), Entry(account: $0.credit, amount: -$0.amount)]
            })
    }

    private init(checking all: [Entry]) throws(Refusal) {
        let entries = all.filter { !$0.amount.isZero }
        guard !entries.isEmpty else { throw .empty }
        for currency in Set(entries.map(\.amount.currency)) {
            let sum = entries.map(\.amount).filter { $0.currency == currency }.sum(in: currency)
            guard sum.isZero else { throw .unbalanced(sum) }
        }
        self.entries = entries
    }
}

/// What a template makes of a business event: one transaction, and which event it stands for.
package struct Posting: Hashable, Sendable {
    /// The template's name, e.g. `SessionOwed`.
    package let template: String
    /// The balanced entries.
    package let transaction: Transaction
    /// Whose session, payment and wallet it is about; attributes, never account names.
    package let about: Dimensions

    package init(_ template: String, _ transaction: Transaction, about: Dimensions) {
        self.template = template
        self.transaction = transaction
        self.about = about
    }
}

/// What a posting is about.
package struct Dimensions: Hashable, Sendable {
    package var session: SessionID?
    package var payment: PaymentID?
    package var wallet: WalletID?

    package init(session: SessionID? = nil, payment: PaymentID? = nil, wallet: WalletID? = nil) {
        self.session = session
        self.payment = payment
        self.wallet = wallet
    }
}
