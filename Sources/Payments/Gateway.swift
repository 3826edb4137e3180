// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A payment service provider, as a pure codec: what to ask becomes an HTTP value, an HTTP answer becomes an outcome.
/// Nothing here sends anything.
package protocol Gateway: Sendable {
    /// The kind of gateway account it speaks for, e.g. `sandbox`.
    var kind: String { get }
    /// The request of an operation. The same attempt gives the same bytes, always (I16).
    func request(for operation: Operation, of order: PaymentOrder, in context: AccountContext)
        -> GatewayRequest
    /// What an answer means. Total: what is unheard of becomes a doubt, never a guess.
    func outcome(of operation: Operation, answer: GatewayAnswer, currency: Currency) -> Outcome
    /// The facts of a webhook, after its signature was checked over the raw bytes.
    func facts(in delivery: WebhookDelivery, secrets: [WebhookSecret], at now: Instant) throws(Rejection)
        -> [GatewayFact]
}

/// What can be asked of a gateway.
package enum Operation: Hashable, Sendable, Codable {
    /// A hosted page on which the driver approves a hold.
    case authorize(Money)
    case capture(Money)
    case void
    /// Give back part of a capture, once per name of the refund.
    case refund(RefundID, Money)
    /// Tell what became of a refund.
    case lookUpRefund(RefundID)
    /// Tell what you know about this payment, by our reference.
    case lookUp

    /// The word in keys and rows.
    package var name: String {
        switch self {
        case .authorize: "authorize"
        case .capture: "capture"
        case .void: "void"
        case .refund: "refund"
        case .lookUpRefund: "look_up_refund"
        case .lookUp: "look_up"
        }
    }
}

/// What a request needs to know of a payment.
package struct PaymentOrder: Hashable, Sendable {
    package var payment: PaymentID
    package var idempotencyKey: String
    /// The gateway's name for it, once known.
    package var reference: String?
    /// Where the driver comes back to.
    package var returnURL: String
    /// What the driver's statement says, e.g. the site's name.
    package var description: String

    package init(
        payment: PaymentID, idempotencyKey: String, reference: String?, returnURL: String, description: String
    ) {
        self.payment = payment
        self.idempotencyKey = idempotencyKey
        self.reference = reference
        self.returnURL = returnURL
        self.description = description
    }
}

/// Which account at the gateway, and how to speak to it. Fixed when a payment is made (I28).
package struct AccountContext: Hashable, Sendable {
    package var account: GatewayAccountID
    package var baseURL: String
    package var secret: String

    package init(account: GatewayAccountID, baseURL: String, secret: String) {
        self.account = account
        self.baseURL = baseURL
        self.secret = secret
    }
}

/// A request that is ready to leave.
package struct GatewayRequest: Hashable, Sendable, Codable {
    package var method: String
    package var url: String
    package var headers: [String: String]
    package var body: [UInt8]
    /// The whole call, seconds.
    package var timeoutSeconds: Int64

    package init(
        method: String, url: String, headers: [String: String], body: [UInt8], timeoutSeconds: Int64 = 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutSeconds = timeoutSeconds
    }
}

/// What came back.
package struct GatewayAnswer: Hashable, Sendable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// What an answer means. There is no Boolean twin of this anywhere.
package enum Outcome: Hashable, Sendable {
    /// It is done, and this is now so.
    case succeeded(GatewayFact)
    /// What became of a refund; never about the payment itself.
    case refunded(Refund.Event)
    /// No.
    case declined(Decline)
    /// Taken; the fact comes later.
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

/// Something the gateway told about a payment.
package struct GatewayFact: Hashable, Sendable, Codable {
    /// Our reference.
    package var payment: PaymentID
    /// What is now so.
    package var event: Payment.Event
    /// The page on which the driver must do something, for `.action`.
    package var actionURL: String?
    /// The gateway's name for the payment.
    package var reference: String?
    /// What was used to pay; never a card number.
    package var instrument: Instrument?
    /// Why it was declined, for `.declined`.
    package var decline: Decline?
    /// When it happened by the gateway's own order, if the gateway tells.
    package var order: FactOrder?

    package init(
        payment: PaymentID, event: Payment.Event, actionURL: String? = nil, reference: String? = nil,
        instrument: Instrument? = nil, decline: Decline? = nil
    ) {
        self.payment = payment
        self.event = event
        self.actionURL = actionURL
        self.reference = reference
        self.instrument = instrument
        self.decline = decline
    }
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
    /// The same for the same card, and of no use for anything else; debts of guests belong to it.
    package var fingerprint: String?

    package init(kind: String, brand: String? = nil, last4: String? = nil, wallet: String? = nil) {
        self.kind = kind
        self.brand = brand
        self.last4 = last4
        self.wallet = wallet
    }
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

    /// What the driver reads: never the code. Who turned back by themselves is not told that a bank said no.
    package var sentence: String {
        code == "cancelled" ? "You cancelled the payment. Nothing was charged." : advice.sentence
    }
}

/// A webhook as it was received; the signature covers exactly these bytes.
package struct WebhookDelivery: Hashable, Sendable {
    package var headers: [String: String]
    package var body: [UInt8]

    package init(headers: [String: String], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    /// A header, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.key.lowercased() == name.lowercased() }?.value
    }
}

/// What a gateway signs its webhooks with.
package struct WebhookSecret: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    /// Never the secret.
    package var description: String { "‹redacted›" }
}

/// Why a webhook is not believed.
package enum Rejection: Error, Hashable, Sendable {
    case unsigned
    case badSignature
    /// More than 300 s away in either direction.
    case wrongTime
    case unreadable(String)
}
