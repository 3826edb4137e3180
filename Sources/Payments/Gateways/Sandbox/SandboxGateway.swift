// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
package import Quantities

/// The Sandbox's own dialect: JSON under `/sandbox/v1`, our reference everywhere, signed webhooks.
package struct SandboxGateway: Gateway {
    package init() {}

    package var kind: String { "sandbox" }
    package var usualBaseURL: String { "" }
    package var signedFields: SignedFields { .wholeBody }

    package func request(
        for operation: Operation, of order: PaymentOrder, in context: AccountContext
    ) throws(RequestRefusal) -> GatewayRequest {
        let payments = context.baseURL + "/sandbox/v1/payments"
        let this = "\(payments)/\(order.payment)"
        func post(_ url: String, _ body: JSON = [:], within seconds: Int64 = 20) -> GatewayRequest {
            GatewayRequest(
                method: "POST", url: url, headers: headers(context, key: order.idempotencyKey),
                body: body.serialized(), timeoutSeconds: seconds)
        }
        func get(_ url: String) -> GatewayRequest {
            GatewayRequest(
                method: "GET", url: url, headers: headers(context, key: order.idempotencyKey), body: [])
        }
        switch operation {
        case .authorize(let amount): return post(payments, opening(amount, order, context))
        case .setUp: return post(context.baseURL + "/sandbox/v1/setups", opening(nil, order, context))
        case .chargeOffSession(let amount):
            guard order.method != nil else { throw .methodMissing }
            return post(payments, opening(amount, order, context))
        case .adjust(let total):
            if let held = order.authorized, total <= held { throw .adjustNotAbove(held: held, wanted: total) }
            return post("\(this)/adjust", ["amount": JSON(total.minorUnits)])
        case .capture(let amount):
            return post("\(this)/capture", ["amount": JSON(amount.minorUnits)], within: 40)
        case .void, .voidByReference: return post("\(this)/void")
        case .expireCheckout: return post("\(this)/expire")
        case .refund(let refund, let amount):
            let body: JSON = ["refund": .string(refund.text), "amount": JSON(amount.minorUnits)]
            return post("\(this)/refunds", body, within: 40)
        case .lookUpRefund(let refund): return get("\(this)/refunds/\(refund)")
        case .lookUp, .continueAction: return get(this)
        case .submitEvidence(let dispute, let evidence):
            return post("\(context.baseURL)/sandbox/v1/disputes/\(dispute)/evidence", evidence.written)
        }
    }

    private func headers(_ context: AccountContext, key: String?) -> [String: String] {
        var headers = [
            "Authorization": "Bearer \(context.secret)", "Content-Type": "application/json",
        ]
        headers["Idempotency-Key"] = key
        return headers
    }

    private func opening(_ amount: Money?, _ order: PaymentOrder, _ context: AccountContext) -> JSON {
        .present([
            "reference": .string(order.payment.text), "amount": amount.map { JSON($0.minorUnits) },
            "currency": amount.map { .string($0.currency.code) }, "return_url": .string(order.returnURL),
            "description": .string(order.description), "account": .string(context.account.text),
            "capture": order.capturesAtOnce ? true : nil, "save_method": order.savesMethod ? true : nil,
            "method": order.method.map { .string($0.token) }, "payer": order.payer.map { .string($0) },
        ])
    }

    package func settlementRequest(
        since: Instant, after cursor: String?, in context: AccountContext
    ) -> GatewayRequest? {
        var request = list("settlement", after: cursor, in: context)
        request.url += (cursor == nil ? "?" : "&") + "since=\(since.seconds)"
        return request
    }

    package func balanceRequest(in context: AccountContext) -> GatewayRequest? {
        list("balance", after: nil, in: context)
    }

    package func listing(since: Instant, after cursor: String?, in context: AccountContext) -> GatewayRequest?
    {
        var request = list("payments", after: cursor, in: context)
        request.url += (cursor == nil ? "?" : "&") + "since=\(since.seconds)"
        return request
    }

    private func list(_ what: String, after cursor: String?, in context: AccountContext) -> GatewayRequest {
        GatewayRequest(
            method: "GET",
            url: context.baseURL + "/sandbox/v1/\(what)" + (cursor.map { "?after=\($0)" } ?? ""),
            headers: headers(context, key: nil), body: [])
    }
}

extension Evidence {
    fileprivate var written: JSON {
        [
            "product": .string(product), "service_date": .string(serviceDate), "account": .string(account),
            "refund_policy": .string(refundPolicy),
        ]
    }
}
