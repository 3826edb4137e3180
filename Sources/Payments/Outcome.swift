// SPDX-License-Identifier: Apache-2.0

/// What an answer means. There is no Boolean twin of this anywhere.
package enum Outcome: Hashable, Sendable {
    /// It is done, and this is now so.
    case succeeded(GatewayFact)
    /// What became of a refund; never about the payment itself.
    case refunded(Refund.Event)
    /// It is done, and there is nothing more to know: evidence was submitted.
    case done
    /// No.
    case declined(Decline)
    /// Taken; the fact comes later, within the gateway's promise.
    case accepted
    /// Nobody knows; ask.
    case unknown(String)
    /// Definitely not executed: try again later (429).
    case busy
    /// Our fault; trying again will not help.
    case rejected(String)
    /// A look-up that found nothing under our reference.
    case notFound
}

/// What was used to pay, as far as it may be known.
package struct Instrument: Codable, Sendable, Hashable {
    /// `card`.
    package var kind: String
    package var brand: String?
    /// The last four digits.
    package var last4: String?
    /// `apple_pay` or `google_pay`.
    package var wallet: String?
    /// The last month in which it is valid, e.g. `2029-04`.
    package var expires: String?
    /// The same for the same card, and of no use for anything else; debts of guests belong to it.
    package var fingerprint: String?

    package init(
        kind: String, brand: String? = nil, last4: String? = nil, wallet: String? = nil,
        expires: String? = nil, fingerprint: String? = nil
    ) {
        self.kind = kind
        self.brand = brand
        self.last4 = last4
        self.wallet = wallet
        self.expires = expires
        self.fingerprint = fingerprint
    }
}

/// A stored way to pay, by the gateway's names only.
package struct SavedMethod: Codable, Sendable, Hashable, CustomStringConvertible {
    /// What is charged.
    package var token: String
    /// Whom it belongs to at the gateway.
    package var customer: String?

    package init(token: String, customer: String? = nil) {
        self.token = token
        self.customer = customer
    }

    /// Never the token.
    package var description: String { "‹redacted›" }
}

/// A refusal of the bank or the gateway. Code and text are kept; the driver sees the sentence of the advice.
package struct Decline: Hashable, Sendable, Codable {
    package var code: String
    package var advice: Advice

    /// What helps (payments.md §5.1).
    package enum Advice: String, Hashable, Sendable, Codable, CaseIterable {
        case neverRetry = "never_retry"
        case retryLater = "retry_later"
        case needsAuthentication = "needs_authentication"
        case needsNewMethod = "needs_new_method"
        case stopRecurring = "stop_recurring"
        case fixConfiguration = "fix_configuration"

        /// What the driver reads.
        package var sentence: String {
            switch self {
            case .neverRetry, .needsNewMethod, .stopRecurring: "Your bank declined. Please use another card."
            case .retryLater: "Your bank declined for now. Please try again later, or use another card."
            case .needsAuthentication: "Your bank wants you to confirm the payment. Please try again."
            case .fixConfiguration: "Payments do not work at the moment. Nothing was charged."
            }
        }
    }

    package init(code: String, advice: Advice) {
        self.code = code
        self.advice = advice
    }

    /// What the driver reads, in English: never the code. Where we gave it back ourselves, nobody is told that a bank said
    /// no.
    package var sentence: String { OwnDecline(rawValue: code)?.sentence ?? advice.sentence }
}

/// What is said against a dispute, in words; the pack's files go with the operator's own letter (payments.md §4).
package struct Evidence: Hashable, Sendable, Codable {
    /// What was sold, e.g. `37.490 kWh at Harbour, EVSE 2`.
    package var product: String
    /// The day of the charge, `2026-11-27`.
    package var serviceDate: String
    /// Readings, price shown, consent, start and stop, one line each.
    package var account: String
    /// What the driver agreed to about refunds.
    package var refundPolicy: String

    package init(product: String, serviceDate: String, account: String, refundPolicy: String) {
        self.product = product
        self.serviceDate = serviceDate
        self.account = account
        self.refundPolicy = refundPolicy
    }
}
