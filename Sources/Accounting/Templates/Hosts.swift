// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T12: a host earned its share of a capture. Dr HostShare, Cr Payable:Host.
    package static func hostShareEarned(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "HostShareEarned",
            try Transaction(debit: [(.hostShare, amount)], credit: [(.hostPayable, amount)]), about: about)
    }

    /// T12r: the share of a refund is taken back. Dr Payable:Host, Cr HostShare.
    package static func hostShareReversed(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "HostShareReversed",
            try Transaction(debit: [(.hostPayable, amount)], credit: [(.hostShare, amount)]), about: about)
    }

    /// T12v: the statement adds tax. Dr Input tax, Cr Payable:Host.
    package static func statementTax(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "StatementTax", try Transaction(debit: [(.inputTax, amount)], credit: [(.hostPayable, amount)]),
            about: about)
    }

    /// T12p: a transfer to a host has left. Dr Payable:Host, Cr InTransit.
    package static func hostPaid(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "HostPaid", try Transaction(debit: [(.hostPayable, amount)], credit: [(.inTransit, amount)]),
            about: about)
    }

    /// T12p, seen on the bank statement. Dr InTransit, Cr Bank.
    package static func hostPaymentSeen(
        _ amount: Money, at bank: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "HostPaymentSeen",
            try Transaction(debit: [(.inTransit, amount)], credit: [(.bank(bank), amount)]), about: about)
    }

    /// T12p, returned by the bank: it is owed again. Dr Bank, Cr Payable:Host.
    package static func hostPaymentReturned(
        _ amount: Money, to bank: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "HostPaymentReturned",
            try Transaction(debit: [(.bank(bank), amount)], credit: [(.hostPayable, amount)]), about: about)
    }
}
