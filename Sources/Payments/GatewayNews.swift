// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Something a gateway told by itself: one item of one webhook.
package struct GatewayNews: Hashable, Sendable {
    /// The source's own name of the event; the same event has the same name in every delivery and posts once.
    package var id: String
    package var about: About

    /// What it is about.
    package enum About: Hashable, Sendable {
        case payment(GatewayFact)
        /// Something changed that must be read at the gateway: the event does not tell all of it (payments.md §3.4).
        case changed(PaymentID, reference: String?)
        case refund(RefundFact)
        case dispute(DisputeFact)
        case payout(PayoutFact)
        /// A settlement report can be fetched there.
        case report(String)
    }

    package init(id: String, about: About) {
        self.id = id
        self.about = about
    }

    /// The fact about a payment, if it is one.
    package var payment: GatewayFact? {
        if case .payment(let fact) = about { return fact }
        return nil
    }
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
    /// What may be charged later, if the driver agreed.
    package var saved: SavedMethod?
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

/// Something the gateway told about money on its way back.
package struct RefundFact: Hashable, Sendable, Codable {
    /// Our name, if the gateway kept it.
    package var refund: RefundID?
    /// Our reference of the payment, if the gateway tells.
    package var payment: PaymentID?
    /// The gateway's name for the payment.
    package var paymentReference: String?
    package var event: Refund.Event
    package var amount: Money?
    package var order: FactOrder?

    package init(
        refund: RefundID?, payment: PaymentID?, paymentReference: String? = nil, event: Refund.Event,
        amount: Money? = nil, order: FactOrder? = nil
    ) {
        self.refund = refund
        self.payment = payment
        self.paymentReference = paymentReference
        self.event = event
        self.amount = amount
        self.order = order
    }
}

/// Something the gateway told about money claimed back by the payer's bank.
package struct DisputeFact: Hashable, Sendable, Codable {
    /// The gateway's name for it.
    package var dispute: String
    /// Our reference of the payment, if the gateway tells.
    package var payment: PaymentID?
    /// The gateway's name for the payment.
    package var paymentReference: String?
    package var event: Dispute.Event
    package var amount: Money
    /// What the gateway takes for it, if it tells.
    package var fee: Money?
    /// The bank's reason, e.g. `fraudulent`.
    package var reason: String?
    /// Until when evidence is taken.
    package var dueBy: Instant?
    package var order: FactOrder?

    package init(
        dispute: String, payment: PaymentID?, paymentReference: String? = nil, event: Dispute.Event,
        amount: Money
    ) {
        self.dispute = dispute
        self.payment = payment
        self.paymentReference = paymentReference
        self.event = event
        self.amount = amount
    }
}

/// Money on its way from the gateway to the bank.
package struct PayoutFact: Hashable, Sendable, Codable {
    /// The gateway's name for it.
    package var payout: String
    package var amount: Money
    package var event: Event

    /// What happened to it.
    package enum Event: String, Hashable, Sendable, Codable, CaseIterable {
        case created, paid, failed
    }

    package init(payout: String, amount: Money, event: Event) {
        self.payout = payout
        self.amount = amount
        self.event = event
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

/// What a webhook's signature covers.
package enum SignedFields: Hashable, Sendable {
    /// Every byte of the body.
    case wholeBody
    /// These fields of each item, and no other.
    case only([String])
}

/// Why a webhook is not believed.
package enum Rejection: Error, Hashable, Sendable {
    case unsigned
    case badSignature
    /// More than 300 s away in either direction.
    case wrongTime
    case unreadable(String)
}
