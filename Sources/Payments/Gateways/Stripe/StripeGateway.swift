// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

/// Stripe (payments.md §5.2): hosted Checkout Sessions by redirect, PaymentIntents with manual capture and increments,
/// refunds, disputes, balance transactions; connected accounts by header.
///
/// Stripe names a payment by its Checkout Session until the driver has paid, then by its PaymentIntent. Ours stands in
/// the metadata of both.
package struct StripeGateway: Gateway {
    package init() {}

    package var kind: String { "stripe" }
    package var usualBaseURL: String { "https://api.stripe.com" }
    package var signedFields: SignedFields { .wholeBody }

    /// The dialect that is spoken; a new one is a decision, not an accident.
    static let version = "2024-06-20"
    /// Where our names stand.
    static let paymentField = "amptill_payment"
    static let refundField = "amptill_refund"
    /// Marks a payment whose driver is absent: its decline is final, that on a hosted page is not.
    static let absentField = "amptill_off_session"

    package func request(
        for operation: Operation, of order: PaymentOrder, in context: AccountContext
    ) throws(RequestRefusal) -> GatewayRequest {
        let call = StripeCall(order: order, context: context)
        switch operation {
        case .authorize(let amount): return try call.checkout(amount)
        case .setUp: return call.setUp()
        case .chargeOffSession(let amount): return try call.charge(amount)
        case .continueAction, .lookUp: return call.lookUp()
        case .adjust(let total):
            if let held = order.authorized, total <= held { throw .adjustNotAbove(held: held, wanted: total) }
            return call.post(
                "payment_intents/\(try call.intent())/increment_authorization",
                [("amount", String(total.minorUnits)), ("expand[]", "latest_charge")])
        case .capture(let amount):
            return call.post(
                "payment_intents/\(try call.intent())/capture",
                [
                    ("amount_to_capture", String(amount.minorUnits)),
                    ("application_fee_amount", order.applicationFee.map { String($0.minorUnits) }),
                    ("expand[]", "latest_charge"),
                ], within: 40)
        case .void: return try call.void()
        case .voidByReference: throw .notOffered("void_by_reference")
        case .expireCheckout: return try call.expire()
        case .refund(let refund, let amount):
            return call.post(
                "refunds",
                [
                    ("payment_intent", try call.intent()), ("amount", String(amount.minorUnits)),
                    ("metadata[\(Self.refundField)]", refund.text),
                    ("metadata[\(Self.paymentField)]", order.payment.text),
                ], within: 40)
        case .lookUpRefund:
            return call.get("refunds", [("payment_intent", try call.intent()), ("limit", "100")])
        case .submitEvidence(let dispute, let evidence): return call.submit(evidence, for: dispute)
        }
    }

    package func settlementRequest(
        since: Instant, after cursor: String?, in context: AccountContext
    ) -> GatewayRequest? {
        StripeCall(order: nil, context: context).get(
            "balance_transactions",
            [
                ("created[gte]", String(since.seconds)), ("limit", "100"), ("starting_after", cursor),
                ("expand[]", "data.source"),
            ])
    }

    package func balanceRequest(in context: AccountContext) -> GatewayRequest? {
        StripeCall(order: nil, context: context).get("balance", [])
    }

    package func listing(since: Instant, after cursor: String?, in context: AccountContext) -> GatewayRequest?
    {
        StripeCall(order: nil, context: context).get(
            "payment_intents",
            [
                ("created[gte]", String(since.seconds)), ("limit", "100"), ("starting_after", cursor),
                ("expand[]", "data.latest_charge"),
            ])
    }
}

/// One call to Stripe's API.
struct StripeCall {
    /// Nil for lists of the whole account.
    let order: PaymentOrder?
    let context: AccountContext

    func post(_ path: String, _ fields: [(String, String?)], within seconds: Int64 = 20) -> GatewayRequest {
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers["Idempotency-Key"] = order?.idempotencyKey
        return GatewayRequest(
            method: "POST", url: "\(context.baseURL)/v1/\(path)", headers: headers,
            body: FormText(fields).bytes,
            timeoutSeconds: seconds)
    }

    func get(_ path: String, _ fields: [(String, String?)]) -> GatewayRequest {
        let query = FormText(fields).text
        return GatewayRequest(
            method: "GET", url: "\(context.baseURL)/v1/\(path)" + (query.isEmpty ? "" : "?\(query)"),
            headers: headers, body: [])
    }

    private var headers: [String: String] {
        var headers = ["Authorization": "Bearer \(context.secret)", "Stripe-Version": StripeGateway.version]
        headers["Stripe-Account"] = context.connectedAccount
        return headers
    }

    /// The PaymentIntent, once the driver has paid.
    func intent() throws(RequestRefusal) -> String {
        guard let reference = order?.reference, reference.hasPrefix("pi_") else {
            throw .referenceMissing("payment_intent")
        }
        return reference
    }

    func checkout(_ amount: Money) throws(RequestRefusal) -> GatewayRequest {
        guard let order else { throw .referenceMissing("payment") }
        try Self.check(amount)
        var fields = page(order, mode: "payment")
        fields += [
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", amount.currency.code.lowercased()),
            ("line_items[0][price_data][unit_amount]", String(amount.minorUnits)),
            ("line_items[0][price_data][product_data][name]", order.description),
            ("payment_intent_data[metadata][\(StripeGateway.paymentField)]", order.payment.text),
            (
                "payment_intent_data[application_fee_amount]",
                order.applicationFee.map { String($0.minorUnits) }
            ),
        ]
        if !order.capturesAtOnce {
            fields += [
                ("payment_intent_data[capture_method]", "manual"),
                ("payment_method_options[card][request_incremental_authorization]", "if_available"),
            ]
        }
        if order.savesMethod {
            fields += [("payment_intent_data[setup_future_usage]", "off_session")] + customer(order)
        }
        return post("checkout/sessions", fields)
    }

    func setUp() -> GatewayRequest {
        guard let order else { return post("checkout/sessions", []) }
        return post(
            "checkout/sessions",
            page(order, mode: "setup") + customer(order) + [
                ("setup_intent_data[metadata][\(StripeGateway.paymentField)]", order.payment.text)
            ])
    }

    private func page(_ order: PaymentOrder, mode: String) -> [(String, String?)] {
        [
            ("mode", mode), ("success_url", order.returnURL), ("cancel_url", order.returnURL),
            ("client_reference_id", order.payment.text), ("locale", order.language ?? "auto"),
            ("metadata[\(StripeGateway.paymentField)]", order.payment.text),
        ]
    }

    /// A method can only be charged again if it belongs to a customer.
    private func customer(_ order: PaymentOrder) -> [(String, String?)] {
        if let known = order.method?.customer { return [("customer", known)] }
        return [("customer_creation", "always")]
    }

    func charge(_ amount: Money) throws(RequestRefusal) -> GatewayRequest {
        guard let order, let method = order.method else { throw .methodMissing }
        try Self.check(amount)
        var fields: [(String, String?)] = [
            ("amount", String(amount.minorUnits)), ("currency", amount.currency.code.lowercased()),
            ("confirm", "true"), ("off_session", "true"), ("payment_method", method.token),
            ("customer", method.customer),
            // Nobody is there to be sent to another page.
            ("automatic_payment_methods[enabled]", "true"),
            ("automatic_payment_methods[allow_redirects]", "never"),
            ("description", order.description),
            ("application_fee_amount", order.applicationFee.map { String($0.minorUnits) }),
            ("metadata[\(StripeGateway.paymentField)]", order.payment.text),
            ("metadata[\(StripeGateway.absentField)]", "yes"), ("expand[]", "latest_charge"),
        ]
        if !order.capturesAtOnce {
            fields += [
                ("capture_method", "manual"),
                ("payment_method_options[card][request_incremental_authorization]", "if_available"),
            ]
        }
        return post("payment_intents", fields)
    }

    /// By the name Stripe gave it, or by ours where its answer got lost.
    func lookUp() -> GatewayRequest {
        let reference = order?.reference ?? ""
        if reference.hasPrefix("pi_") {
            return get("payment_intents/\(reference)", [("expand[]", "latest_charge")])
        }
        if reference.hasPrefix("cs_") {
            return get(
                "checkout/sessions/\(reference)",
                [("expand[]", "payment_intent.latest_charge"), ("expand[]", "setup_intent.payment_method")])
        }
        let query = "metadata[\"\(StripeGateway.paymentField)\"]:\"\(order?.payment.text ?? "")\""
        return get("payment_intents/search", [("query", query), ("expand[]", "data.latest_charge")])
    }

    /// A page that is open is closed; a hold is cancelled.
    func void() throws(RequestRefusal) -> GatewayRequest {
        guard order?.reference?.hasPrefix("cs_") == true else {
            return post("payment_intents/\(try intent())/cancel", [("expand[]", "latest_charge")])
        }
        return try expire()
    }

    func expire() throws(RequestRefusal) -> GatewayRequest {
        guard let reference = order?.reference, reference.hasPrefix("cs_") else {
            throw .referenceMissing("checkout_session")
        }
        return post("checkout/sessions/\(reference)/expire", [])
    }

    func submit(_ evidence: Evidence, for dispute: String) -> GatewayRequest {
        post(
            "disputes/\(dispute)",
            [
                ("evidence[product_description]", evidence.product),
                ("evidence[service_date]", evidence.serviceDate),
                ("evidence[uncategorized_text]", evidence.account),
                ("evidence[refund_policy_disclosure]", evidence.refundPolicy), ("submit", "true"),
            ])
    }

    /// Two currencies without minor units are written with two there; nobody shall be charged a hundredfold.
    private static func check(_ amount: Money) throws(RequestRefusal) {
        guard !["ISK", "UGX"].contains(amount.currency.code) else {
            throw .notOffered("amounts in \(amount.currency.code)")
        }
    }
}
