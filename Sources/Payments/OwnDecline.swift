// SPDX-License-Identifier: Apache-2.0

/// Why a payment comes to nothing although no bank said no: words of our own, beside those of gateways. What was held is
/// given back, and nothing is charged.
package enum OwnDecline: String, CaseIterable, Sendable {
    /// The driver turned back on the gateway's page.
    case cancelled
    /// The bank approved less than the smallest hold.
    case holdTooSmall = "hold_too_small"
    /// Somebody else's hold at the same EVSE was approved first.
    case evseTaken = "evse_taken"
    /// The card, by its fingerprint, has an open debt.
    case outstandingDebt = "outstanding_debt"

    /// What helps.
    package var advice: Decline.Advice {
        switch self {
        case .cancelled, .holdTooSmall, .outstandingDebt: .needsNewMethod
        case .evseTaken: .retryLater
        }
    }

    /// As it is kept with the payment.
    package var decline: Decline { Decline(code: rawValue, advice: advice) }

    /// What the driver reads, in English.
    var sentence: String {
        switch self {
        case .cancelled: "You cancelled the payment."
        case .holdTooSmall: "Your bank approved less than is needed to start here."
        case .evseTaken: "Somebody else was faster at this charging point."
        case .outstandingDebt:
            "An earlier session with this card is unpaid. Please pay it, or use another card."
        }
    }
}
