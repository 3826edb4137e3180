// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T3 without a reservation: money came that nothing was reserved for, e.g. authorised and captured in one call.
    package static func captureReceived(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "CaptureReceived",
            try Transaction(
                debit: [(.clearing(gatewayAccount), amount)], credit: [(.sessionReceivable, amount)]),
            about: about)
    }

    /// T8: a capture failed afterwards. Dr Receivable, Cr Clearing.
    package static func captureReversed(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "CaptureReversed",
            try Transaction(
                debit: [(.sessionReceivable, amount)], credit: [(.clearing(gatewayAccount), amount)]),
            about: about)
    }

    /// T3u: money was taken after it was given up: it is owed back. Dr Clearing, Cr Refunds.
    package static func undueReceived(
        _ amount: Money, at gatewayAccount: String, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "UndueReceived",
            try Transaction(debit: [(.clearing(gatewayAccount), amount)], credit: [(.refunds, amount)]),
            about: about)
    }

    /// T3o: more was taken for a session than it came to: the rest is owed back. Dr Receivable, Cr Refunds.
    package static func overpaymentOwed(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "OverpaymentOwed",
            try Transaction(debit: [(.sessionReceivable, amount)], credit: [(.refunds, amount)]), about: about
        )
    }
}
