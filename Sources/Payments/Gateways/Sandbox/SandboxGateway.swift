// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
import Quantities

/// The Sandbox's own dialect: JSON under `/sandbox/v1`, our reference everywhere, signed webhooks.
package struct SandboxGateway: Gateway {
    package init() {}

    package var kind: String { "sandbox" }

    package func request(
        for operation: Operation, of order: PaymentOrder, in context: AccountContext
    ) -> GatewayRequest {
        let base = context.baseURL + "/sandbox/v1/payments"
        let headers = [
            "Authorization": "Bearer \(context.secret)", "Idempotency-Key": order.idempotencyKey,
            "Content-Type": "application/json",
        ]
        switch operation {
        case .authorize(let amount):
            let body: JSON = [
                "reference": .string(order.payment.text), "amount": JSON(amount.minorUnits),
                "currency": .string(amount.currency.code), "return_url": .string(order.returnURL),
                "description": .string(order.description), "account": .string(context.account.text),
            ]
            return GatewayRequest(method: "POST", url: base, headers: headers, body: body.serialized())
        case .capture(let amount):
            let body: JSON = ["amount": JSON(amount.minorUnits)]
            return GatewayRequest(
                method: "POST", url: "\(base)/\(order.payment)/capture", headers: headers,
                body: body.serialized(),
                timeoutSeconds: 40)
        case .void:
            return GatewayRequest(
                method: "POST", url: "\(base)/\(order.payment)/void", headers: headers, body: Array("{}".utf8)
            )
        case .refund(let refund, let amount):
            let body: JSON = ["refund": .string(refund.text), "amount": JSON(amount.minorUnits)]
            return GatewayRequest(
                method: "POST", url: "\(base)/\(order.payment)/refunds", headers: headers,
                body: body.serialized(), timeoutSeconds: 40)
        case .lookUpRefund(let refund):
            return GatewayRequest(
                method: "GET", url: "\(base)/\(order.payment)/refunds/\(refund)", headers: headers, body: [])
        case .lookUp:
            return GatewayRequest(method: "GET", url: "\(base)/\(order.payment)", headers: headers, body: [])
        }
    }
}
