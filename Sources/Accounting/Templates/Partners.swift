// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Posting {
    /// T15: a session of a partner's driver; reverse charge, no tax of ours. Dr Partner, Cr Income:Roaming.
    package static func partnerSessionOwed(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "PartnerSessionOwed",
            try Transaction(debit: [(.partnerReceivable, amount)], credit: [(.income(.roaming), amount)]),
            about: about)
    }

    /// T15, a credit CDR: the reverse. Dr Income:Roaming, Cr Partner.
    package static func partnerSessionCredited(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "PartnerSessionCredited",
            try Transaction(debit: [(.income(.roaming), amount)], credit: [(.partnerReceivable, amount)]),
            about: about)
    }

    /// T15e: a partner's CDR for one of our drivers. Dr Roaming, Cr Payable:Partner.
    package static func partnerCostReceived(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "PartnerCostReceived",
            try Transaction(debit: [(.roamingCost, amount)], credit: [(.partnerPayable, amount)]),
            about: about)
    }

    /// T17: a foreign document differs by its rounding. Dr Rounding, Cr Partner.
    package static func roundingDifference(
        _ amount: Money, about: Dimensions
    ) throws(Transaction.Refusal) -> Posting {
        Posting(
            "RoundingDifference",
            try Transaction(debit: [(.rounding, amount)], credit: [(.partnerReceivable, amount)]),
            about: about)
    }
}
