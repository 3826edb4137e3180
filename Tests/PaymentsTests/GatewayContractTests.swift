// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
import Payments
import Quantities
import Testing

/// What every gateway's codec owes the rest of the house, whatever it speaks (payments.md §5.1).
@Suite("Every gateway's codec")
struct GatewayContractTests {
    @Test("kinds are unique, and a kind finds its gateway")
    func kinds() {
        let kinds = GatewayCatalogue.all.map(\.kind)
        #expect(Set(kinds).count == kinds.count)
        for kind in kinds { #expect(GatewayCatalogue.gateway(of: kind)?.kind == kind) }
        #expect(GatewayCatalogue.gateway(of: "nobody") == nil)
    }

    @Test("I16: the same attempt gives the same bytes, and another key another request", arguments: Case.all)
    func sameBytes(_ case: Case) throws {
        let gateway = `case`.gateway
        for operation in Self.operations {
            guard let first = try? gateway.request(for: operation, of: order(), in: context) else { continue }
            #expect(try gateway.request(for: operation, of: order(), in: context) == first, "\(operation)")
            guard first.method == "POST" else { continue }
            var other = order()
            other.idempotencyKey = "amp1-other"
            #expect(try gateway.request(for: operation, of: other, in: context) != first, "\(operation)")
        }
    }

    @Test("every request goes to the account's own address with its own secret", arguments: Case.all)
    func context(_ case: Case) throws {
        for operation in Self.operations {
            // What cannot be asked of this gateway is refused, and tested below.
            guard let request = try? `case`.gateway.request(for: operation, of: order(), in: context) else {
                continue
            }
            #expect(request.url.hasPrefix("https://gateway.example/base/"), "\(operation)")
            #expect(request.headers.values.contains { $0.contains("sk_secret_1") }, "\(operation)")
            #expect(!request.url.contains("sk_secret_1"))
            #expect(!String(decoding: request.body, as: UTF8.self).contains("sk_secret_1"))
            // payments.md §5.1: captures and refunds may take 40 s, everything else 20.
            let mayTakeLonger = ["capture", "refund"].contains(operation.name)
            #expect(request.timeoutSeconds == (mayTakeLonger ? 40 : 20), "\(operation)")
        }
    }

    @Test("a new payment names ours as the merchant's reference", arguments: Case.all)
    func merchantReference(_ case: Case) throws {
        for operation: Payments.Operation in [.authorize(.eur(40_00)), .setUp, .chargeOffSession(.eur(4_30))]
        {
            let request = try `case`.gateway.request(for: operation, of: order(), in: context)
            let text = String(decoding: request.body, as: UTF8.self)
            #expect(text.contains(payment.text), "\(operation)")
            #expect(request.method == "POST")
        }
    }

    @Test("nothing is charged off session without a stored method", arguments: Case.all)
    func noMethod(_ case: Case) throws {
        var order = order()
        order.method = nil
        #expect(throws: RequestRefusal.methodMissing) {
            try `case`.gateway.request(for: .chargeOffSession(.eur(1_00)), of: order, in: context)
        }
    }

    @Test("a new total must be above the hold, and is the total that is named", arguments: Case.all)
    func adjust(_ case: Case) throws {
        for cents: Int64 in [40_00, 39_99, 1] {
            #expect(throws: RequestRefusal.adjustNotAbove(held: .eur(40_00), wanted: .eur(cents))) {
                try `case`.gateway.request(for: .adjust(.eur(cents)), of: order(), in: context)
            }
        }
        let request = try `case`.gateway.request(for: .adjust(.eur(60_00)), of: order(), in: context)
        #expect(String(decoding: request.body, as: UTF8.self).contains("6000"))
    }

    @Test("F15: 429 is busy and never a doubt; F3: 5xx is a doubt and never a no", arguments: Case.all)
    func transport(_ case: Case) {
        for operation in Self.operations where operation.name != "submit_evidence" {
            func read(_ status: Int) -> Outcome {
                `case`.gateway.outcome(
                    of: operation, answer: GatewayAnswer(status: status, body: Array("{}".utf8)),
                    currency: .eur)
            }
            #expect(read(429) == .busy, "\(operation)")
            for status in [500, 502, 503, 504] {
                guard case .unknown = read(status) else {
                    Issue.record("\(operation) \(status) is \(read(status))")
                    continue
                }
            }
        }
    }

    @Test("F18: nonsense ends in a doubt or a refusal, and never in success", arguments: Case.all)
    func nonsense(_ case: Case) {
        let bodies = ["", "{", "null", "[]", "{}", #"{"status":"frobnicated"}"#, "<html>", "\u{0}", "12"]
        for operation in Self.operations {
            for status in [0, 100, 200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 418, 422, 499, 600, -1] {
                for text in bodies {
                    let answer = GatewayAnswer(status: status, body: Array(text.utf8))
                    let outcome = `case`.gateway.outcome(of: operation, answer: answer, currency: .eur)
                    if case .succeeded = outcome {
                        Issue.record("\(operation) \(status) \(text): \(outcome)")
                    }
                }
            }
        }
    }

    @Test("F26: an unsigned or wrongly signed webhook is refused", arguments: Case.all)
    func webhooks(_ case: Case) {
        let body = Array(#"{"id":"evt_1","type":"x","notificationItems":[]}"#.utf8)
        for headers in [[:], ["stripe-signature": "t=1,v1=00"], ["sandbox-signature": "t=1,v1=00"]] {
            #expect(throws: Rejection.self) {
                try `case`.gateway.facts(
                    in: WebhookDelivery(headers: headers, body: body), secrets: [WebhookSecret("aabb")],
                    at: Instant(seconds: 1))
            }
        }
        // No secret is no reason to believe.
        #expect(throws: Rejection.self) {
            try `case`.gateway.facts(
                in: WebhookDelivery(headers: [:], body: body), secrets: [], at: Instant(seconds: 1))
        }
    }

    @Test("a report that was refused or cannot be read books nothing", arguments: Case.all)
    func reports(_ case: Case) {
        for (status, text) in [(403, "{}"), (500, ""), (200, "\u{FFFF}{"), (200, "<html>")] {
            #expect(throws: SettlementFinding.self, "\(status) \(text)") {
                try `case`.gateway.settlementLines(in: GatewayAnswer(status: status, body: Array(text.utf8)))
            }
        }
    }

    /// One gateway, named by its kind in the test report.
    struct Case: Sendable, CustomTestStringConvertible {
        let gateway: any Gateway
        var testDescription: String { gateway.kind }
        static let all = GatewayCatalogue.all.map { Case(gateway: $0) }
    }

    private static let operations: [Payments.Operation] = [
        .authorize(.eur(40_00)), .continueAction("x"), .adjust(.eur(60_00)), .capture(.eur(18_37)), .void,
        .voidByReference, .refund(RefundID(at: .epoch, random: 3), .eur(5_00)),
        .lookUpRefund(RefundID(at: .epoch, random: 3)), .setUp, .chargeOffSession(.eur(4_30)), .lookUp,
        .expireCheckout,
        .submitEvidence(
            "dp_1",
            Evidence(
                product: "37.490 kWh", serviceDate: "2026-11-27", account: "start, stop", refundPolicy: "none"
            )),
    ]

    private let payment = PaymentID(at: .epoch, random: 1)
    private let context = AccountContext(
        account: GatewayAccountID(at: .epoch, random: 2), baseURL: "https://gateway.example/base",
        secret: "sk_secret_1", connectedAccount: "acct_1")

    private func order() -> PaymentOrder {
        var order = PaymentOrder(
            payment: payment, idempotencyKey: "amp1-\(payment)-x-1", reference: "pi_1",
            returnURL: "https://till.example/s/1", description: "Harbour")
        order.authorized = .eur(40_00)
        order.method = SavedMethod(token: "pm_1", customer: "cus_1")
        order.payer = "acc_1"
        return order
    }
}
