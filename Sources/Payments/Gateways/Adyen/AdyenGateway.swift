// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

/// Adyen's Checkout API (payments.md §5.2): hosted sessions by redirect, pre-authorisations, and modifications that are
/// all taken now and told by webhook.
///
/// Holds are pre-authorisations, otherwise they could not be raised, and every capture is a call of its own. Adyen has no
/// look-up by reference: what is in doubt is asked again with the same key, which gives the same answer.
package struct AdyenGateway: Gateway {
    package init() {}

    package var kind: String { "adyen" }
    package var usualBaseURL: String { "https://checkout-test.adyen.com" }
    package var acknowledgement: String { "[accepted]" }

    /// `reason` and `eventDate` are outside, and so is everything in `additionalData`.
    package var signedFields: SignedFields { .only(Self.signed) }

    static let signed = [
        "pspReference", "originalReference", "merchantAccountCode", "merchantReference", "amount.value",
        "amount.currency", "eventCode", "success",
    ]

    /// A capture may take a day to be told.
    package func promise(for operation: Operation) -> Elapsed {
        ["capture", "refund"].contains(operation.name) ? .hours(24) : .hours(1)
    }

    package func request(
        for operation: Operation, of order: PaymentOrder, in context: AccountContext
    ) throws(RequestRefusal) -> GatewayRequest {
        guard let merchant = context.connectedAccount else { throw .contextIncomplete("merchant account") }
        let call = AdyenCall(order: order, context: context, merchant: merchant)
        switch operation {
        case .authorize(let amount):
            return call.post("sessions", call.session(amount, storing: order.savesMethod))
        case .setUp: return call.post("sessions", call.session(nil, storing: true))
        case .chargeOffSession(let amount): return call.post("payments", try call.charge(amount))
        case .continueAction(let result): return try call.result(result)
        case .adjust(let total):
            if let held = order.authorized, total <= held { throw .adjustNotAbove(held: held, wanted: total) }
            return call.post(
                "payments/\(try call.paid())/amountUpdates",
                call.change(["amount": total.adyen, "industryUsage": "delayedCharge"]))
        case .capture(let amount):
            return call.post(
                "payments/\(try call.paid())/captures", call.change(["amount": amount.adyen]), within: 40)
        case .void:
            // While nobody has paid on the page Adyen knows the payment by our reference only.
            guard call.isPaid else { return call.cancelByReference() }
            return call.post("payments/\(try call.paid())/cancels", call.change([:]))
        case .voidByReference: return call.cancelByReference()
        case .refund(let refund, let amount):
            return call.post(
                "payments/\(try call.paid())/refunds",
                call.change(["amount": amount.adyen], reference: refund.text), within: 40)
        case .lookUp, .lookUpRefund, .expireCheckout, .submitEvidence: throw .notOffered(operation.name)
        }
    }

    /// A report announces itself; its file name is the cursor.
    package func settlementRequest(
        since: Instant, after cursor: String?, in context: AccountContext
    ) -> GatewayRequest? {
        guard let cursor, let merchant = context.connectedAccount, Self.isFileName(cursor) else { return nil }
        let host =
            switch context.baseURL {
            case let base where base.contains("checkout-test.adyen.com"): "https://ca-test.adyen.com"
            case let base where base.contains("checkout-live.adyenpayments.com"): "https://ca-live.adyen.com"
            case let base: base
            }
        return GatewayRequest(
            method: "GET", url: "\(host)/reports/download/MerchantAccount/\(merchant)/\(cursor)",
            headers: ["X-API-Key": context.secret], body: [])
    }

    private static func isFileName(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
                || $0 == 46
                || $0 == 95
        }
    }

    package func balanceRequest(in context: AccountContext) -> GatewayRequest? { nil }
    package func balance(in answer: GatewayAnswer) throws(SettlementFinding) -> [Money] {
        throw .refused(status: answer.status)
    }
    package func listing(since: Instant, after cursor: String?, in context: AccountContext) -> GatewayRequest?
    { nil }
    package func listed(in answer: GatewayAnswer) throws(SettlementFinding) -> ListedPayments {
        throw .refused(status: answer.status)
    }
}

extension Money {
    /// As Adyen writes it.
    var adyen: JSON { ["value": JSON(minorUnits), "currency": .string(currency.code)] }
}

/// One call to Adyen's Checkout API.
struct AdyenCall {
    static let version = "v71"

    let order: PaymentOrder
    let context: AccountContext
    let merchant: String

    func post(_ path: String, _ body: JSON, within seconds: Int64 = 20) -> GatewayRequest {
        GatewayRequest(
            method: "POST", url: "\(context.baseURL)/\(Self.version)/\(path)",
            headers: [
                "X-API-Key": context.secret, "Content-Type": "application/json",
                "Idempotency-Key": order.idempotencyKey,
            ], body: body.serialized(), timeoutSeconds: seconds)
    }

    /// Whether the driver has paid: until then Adyen's name is that of the page.
    var isPaid: Bool { order.reference.map { !$0.hasPrefix("CS") } ?? false }

    /// The payment's name at Adyen.
    func paid() throws(RequestRefusal) -> String {
        guard let reference = order.reference, isPaid else { throw .referenceMissing("pspReference") }
        return reference
    }

    func session(_ amount: Money?, storing: Bool) -> JSON {
        // A method is left by approving nothing.
        let shown = amount ?? .zero(.eur)
        return .present([
            "merchantAccount": .string(merchant), "amount": shown.adyen,
            "reference": .string(order.payment.text),
            "returnUrl": .string(order.returnURL), "mode": "hosted", "channel": "Web",
            "shopperLocale": order.language.map { .string($0) },
            "shopperStatement": .string(String(order.description.prefix(22))),
            "shopperReference": storing ? .string(shopper) : nil,
            "shopperInteraction": "Ecommerce", "storePaymentMethodMode": storing ? "enabled" : "disabled",
            "recurringProcessingModel": storing ? "UnscheduledCardOnFile" : nil, "additionalData": held,
        ])
    }

    func charge(_ amount: Money) throws(RequestRefusal) -> JSON {
        guard let method = order.method else { throw .methodMissing }
        return [
            "merchantAccount": .string(merchant), "amount": amount.adyen,
            "reference": .string(order.payment.text), "returnUrl": .string(order.returnURL),
            "paymentMethod": ["type": "scheme", "storedPaymentMethodId": .string(method.token)],
            "shopperReference": .string(method.customer ?? shopper), "shopperInteraction": "ContAuth",
            "recurringProcessingModel": "UnscheduledCardOnFile",
            "shopperStatement": .string(String(order.description.prefix(22))), "additionalData": held,
        ]
    }

    private var shopper: String { order.payer ?? order.payment.text }
    private var held: JSON { ["authorisationType": "PreAuth", "manualCapture": "true"] }

    /// What a modification says besides what it modifies.
    func change(_ members: JSON, reference: String? = nil) -> JSON {
        let own: [JSON.Member] = [
            JSON.Member("merchantAccount", .string(merchant)),
            JSON.Member("reference", .string(reference ?? order.payment.text)),
        ]
        return .object(own + (members.object ?? []))
    }

    func cancelByReference() -> GatewayRequest {
        post("cancels", change(["paymentReference": .string(order.payment.text)]))
    }

    /// What became of a hosted page: asked with what the page gave the browser.
    func result(_ result: String) throws(RequestRefusal) -> GatewayRequest {
        guard let session = order.reference, session.hasPrefix("CS"), !result.isEmpty else {
            throw .referenceMissing("sessionResult")
        }
        let query = FormText([("sessionResult", result)]).text
        return GatewayRequest(
            method: "GET", url: "\(context.baseURL)/\(Self.version)/sessions/\(session)?\(query)",
            headers: ["X-API-Key": context.secret], body: [])
    }
}
