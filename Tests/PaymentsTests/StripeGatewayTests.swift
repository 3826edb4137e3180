// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Payments
import Quantities
import Testing

/// The Stripe adapter: what it asks, and what it makes of Stripe's answers and events (payments.md §5.2).
@Suite("Stripe adapter")
struct StripeGatewayTests {
    @Test(
        "every request has fields and values that Stripe's own library knows",
        .enabled(if: GatewayPeer.isThere, GatewayPeer.need))
    func requests() async throws {
        var lines: [JSON] = []
        for (operation, order) in Self.calls {
            lines.append(try written(gateway.request(for: operation, of: order, in: context), operation.name))
        }
        for request in [
            gateway.settlementRequest(since: Instant(seconds: 5), after: "txn_1", in: context),
            gateway.balanceRequest(in: context),
            gateway.listing(since: Instant(seconds: 5), after: "pi_1", in: context),
        ] { lines.append(written(try #require(request), "list")) }
        let peer = try await GatewayPeer.run("check_requests.py", lines)
        #expect(peer.lines == [])
        #expect(peer.status == 0)
        // The peer does object to what Stripe does not know.
        let wrong: JSON = [
            "operation": "wrong", "method": "POST", "path": "/v1/refunds", "fields": [["sum", "1"]],
        ]
        #expect(try await GatewayPeer.run("check_requests.py", [wrong]).lines == ["wrong: sum = 1"])
    }

    @Test("the context goes with every call: version, key, connected account")
    func headers() throws {
        for (operation, order) in Self.calls {
            let request = try gateway.request(for: operation, of: order, in: context)
            #expect(request.headers["Authorization"] == "Bearer sk_test_1")
            #expect(request.headers["Stripe-Account"] == "acct_1")
            #expect(request.headers["Stripe-Version"] != nil)
            #expect((request.headers["Idempotency-Key"] != nil) == (request.method == "POST"), "\(operation)")
        }
    }

    @Test("an open page is closed, a hold is cancelled, and each needs its own name")
    func voids() throws {
        #expect(try url(.void, "cs_1").hasSuffix("/v1/checkout/sessions/cs_1/expire"))
        #expect(try url(.void, "pi_1").contains("/v1/payment_intents/pi_1/cancel"))
        #expect(throws: RequestRefusal.referenceMissing("payment_intent")) {
            try url(.capture(.eur(1)), "cs_1")
        }
        #expect(throws: RequestRefusal.referenceMissing("payment_intent")) { try url(.void, nil) }
        #expect(throws: RequestRefusal.referenceMissing("checkout_session")) {
            try url(.expireCheckout, "pi_1")
        }
        #expect(
            try url(.lookUp, nil).contains(
                "payment_intents/search?query=metadata%5B%22amptill_payment%22%5D%3A%22pay_"))
    }

    @Test("captureBefore and the right to increments are read from the charge")
    func approved() throws {
        let outcome = read(
            .lookUp, intent("requires_capture", #""amount_capturable":4000,"latest_charge":\#(charge)"#))
        guard case .succeeded(let fact) = outcome, case .approved(let hold) = fact.event else {
            Issue.record("\(outcome)")
            return
        }
        #expect(hold.amount == .eur(40_00))
        #expect(hold.captureBefore == Instant(seconds: 1_790_400_000))
        #expect(hold.capabilities?.canIncrement == true)
        #expect(fact.reference == "pi_1")
        #expect(
            fact.instrument
                == Instrument(
                    kind: "card", brand: "visa", last4: "4242", wallet: "apple_pay", expires: "2031-04",
                    fingerprint: "fp_1"))
        #expect(fact.saved == nil)
    }

    @Test(
        "what is so is told as it is",
        arguments: [
            ("succeeded", #""amount_received":1837"#, Payment.Event.captured(.eur(18_37))),
            ("canceled", #""cancellation_reason":"abandoned""#, .voidOk),
            ("canceled", #""cancellation_reason":"automatic""#, .expired),
            ("canceled", #""cancellation_reason":"expired""#, .expired),
            ("requires_action", #""x":1"#, .action), ("requires_payment_method", #""x":1"#, .action),
        ])
    func states(status: String, more: String, event: Payment.Event) {
        guard case .succeeded(let fact) = read(.lookUp, intent(status, more)) else {
            Issue.record("\(status)")
            return
        }
        #expect(fact.event == event)
    }

    @Test("F6: what is captured or cancelled already counts as what it is, and is no refusal")
    func unexpectedState() {
        let done = intent("succeeded", #""amount_received":1837"#)
        let error =
            #"{"error":{"type":"invalid_request_error","code":"payment_intent_unexpected_state","payment_intent":\#(done)}}"#
        guard case .succeeded(let fact) = read(.capture(.eur(18_37)), error, status: 400) else {
            Issue.record("not understood")
            return
        }
        #expect(fact.event == .captured(.eur(18_37)))
    }

    @Test(
        "declines say what helps",
        arguments: [
            ("authentication_required", Decline.Advice.needsAuthentication),
            ("insufficient_funds", .needsNewMethod),
            ("stolen_card", .neverRetry), ("do_not_honor", .retryLater),
            ("stop_payment_order", .stopRecurring),
            ("testmode_decline", .fixConfiguration), ("a_code_of_next_year", .needsNewMethod),
        ])
    func declines(code: String, advice: Decline.Advice) {
        let error = #"{"error":{"type":"card_error","code":"card_declined","decline_code":"\#(code)"}}"#
        #expect(
            read(.chargeOffSession(.eur(4_30)), error, status: 402)
                == .declined(Decline(code: code, advice: advice)))
    }

    @Test("F4, F19: a key in use is a doubt, a revoked one is no decline")
    func transport() {
        #expect(
            read(.capture(.eur(1)), #"{"error":{"code":"idempotency_key_in_use"}}"#, status: 409)
                == .unknown("idempotency_key_in_use"))
        #expect(read(.capture(.eur(1)), #"{"error":{"type":"invalid_request_error"}}"#, status: 401) == .busy)
    }

    @Test("a refund is found by our name among those of its payment")
    func refunds() {
        let refund = RefundID(at: .epoch, random: 3)
        func list(_ status: String, _ name: String) -> String {
            #"{"object":"list","has_more":false,"data":[{"object":"refund","id":"re_1","status":"\#(status)","metadata":{"amptill_refund":"\#(name)"}}]}"#
        }
        #expect(read(.lookUpRefund(refund), list("succeeded", refund.text)) == .refunded(.ok))
        #expect(read(.lookUpRefund(refund), list("failed", refund.text)) == .refunded(.decline))
        #expect(read(.lookUpRefund(refund), list("succeeded", "ref_other")) == .notFound)
    }

    @Test("F23, F24, F25: events tell facts in Stripe's order, once, and only ours")
    func events() throws {
        let canceled = try news(
            "payment_intent.canceled", intent("canceled", #""cancellation_reason":"abandoned""#))
        #expect(canceled.map(\.id) == ["evt_1"])
        #expect(canceled.first?.payment?.event == .voidOk)
        #expect(canceled.first?.payment?.order == FactOrder(occurredAt: Instant(seconds: 1_789_999_990)))
        // A charge races with its PaymentIntent (lago-api#3228), and an approval is read at the gateway.
        #expect(try news("charge.succeeded", charge) == [])
        #expect(
            try news(
                "payment_intent.amount_capturable_updated",
                intent("requires_capture", #""amount_capturable":1"#)
            )
            .map(\.about) == [.changed(payment, reference: "pi_1")])
        let foreign =
            #"{"object":"payment_intent","id":"pi_9","status":"canceled","currency":"eur","metadata":{}}"#
        #expect(try news("payment_intent.canceled", foreign) == [])
        #expect(try news("some.new_event", #"{"object":"thing"}"#) == [])
        let dispute =
            #"{"object":"dispute","id":"dp_1","amount":1837,"currency":"eur","status":"needs_response","payment_intent":"pi_1","reason":"fraudulent","evidence_details":{"due_by":1790600000},"balance_transactions":[{"fee":2000}]}"#
        guard case .dispute(let fact) = try news("charge.dispute.created", dispute).first?.about else {
            Issue.record("no dispute")
            return
        }
        #expect(fact.event == .opened)
        #expect(fact.fee == .eur(20_00))
        #expect(fact.paymentReference == "pi_1")
        #expect(fact.dueBy == Instant(seconds: 1_790_600_000))
    }

    @Test(
        "webhook signatures are those of Stripe's own library, both ways",
        .enabled(if: GatewayPeer.isThere, GatewayPeer.need))
    func signatures() async throws {
        let body = #"{"id":"evt_1","type":"payment_intent.canceled","created":1,"data":{"object":{"ü":"✓"}}}"#
        let ours = TimedSignature.text(of: Array(body.utf8), secret: WebhookSecret("whsec_1"), at: now)
        let wishes: [JSON] = [
            ["do": "stripe-verify", "body": .string(body), "header": .string(ours), "secret": "whsec_1"],
            ["do": "stripe-verify", "body": .string(body), "header": .string(ours), "secret": "whsec_2"],
            [
                "do": "stripe-verify", "body": .string(body + " "), "header": .string(ours),
                "secret": "whsec_1",
            ],
            ["do": "stripe-sign", "body": .string(body), "secret": "whsec_1", "time": JSON(now.seconds)],
        ]
        let answers = try await GatewayPeer.run("signatures.py", wishes).lines
        #expect(answers.prefix(3) == ["ok", "refused", "refused"])
        let theirs = try #require(answers.last)
        _ = try gateway.facts(
            in: WebhookDelivery(headers: ["Stripe-Signature": theirs], body: Array(body.utf8)),
            secrets: [WebhookSecret("whsec_1")], at: now + .seconds(300))
        for late: Int64 in [-301, 301] {
            #expect(throws: Rejection.wrongTime) {
                try gateway.facts(
                    in: WebhookDelivery(headers: ["Stripe-Signature": theirs], body: Array(body.utf8)),
                    secrets: [WebhookSecret("whsec_1")], at: Instant(seconds: now.seconds + late))
            }
        }
    }

    @Test("settlement lines add up and name their payment")
    func settlement() throws {
        let text =
            #"{"object":"list","has_more":true,"data":[{"id":"txn_1","amount":1837,"fee":53,"net":1784,"currency":"eur","created":1790000000,"available_on":1790200000,"type":"charge","reporting_category":"charge","source":{"object":"charge","id":"ch_1","payment_intent":"pi_1","metadata":{"amptill_payment":"\#(payment)"}}},{"id":"txn_2","amount":-1837,"fee":2000,"net":-3837,"currency":"eur","created":1790000001,"type":"adjustment","reporting_category":"dispute","source":"dp_1"}]}"#
        let page = try gateway.settlementLines(in: GatewayAnswer(status: 200, body: Array(text.utf8)))
        #expect(page.next == "txn_2")
        #expect(page.lines.map(\.kind) == [.capture, .dispute])
        #expect(page.lines.first?.payment == payment)
        #expect(page.lines.first?.reference == "pi_1")
        let wrong = text.replacing(#""net":1784"#, with: #""net":1785"#)
        #expect(throws: SettlementFinding.doesNotAddUp(line: "txn_1")) {
            try gateway.settlementLines(in: GatewayAnswer(status: 200, body: Array(wrong.utf8)))
        }
    }

    // MARK: what the tests say

    private let gateway = StripeGateway()
    private let payment = PaymentID(at: .epoch, random: 1)
    private let now = Instant(seconds: 1_790_000_000)
    private let charge =
        #"{"object":"charge","id":"ch_1","payment_method_details":{"card":{"brand":"visa","last4":"4242","exp_month":4,"exp_year":2031,"fingerprint":"fp_1","wallet":{"type":"apple_pay"},"capture_before":1790400000,"incremental_authorization":{"status":"available"}}}}"#

    private func intent(_ status: String, _ more: String) -> String {
        #"{"object":"payment_intent","id":"pi_1","status":"\#(status)","currency":"eur","metadata":{"amptill_payment":"\#(payment)"},\#(more)}"#
    }

    private func read(_ operation: Payments.Operation, _ body: String, status: Int = 200) -> Outcome {
        gateway.outcome(
            of: operation, answer: GatewayAnswer(status: status, body: Array(body.utf8)), currency: .eur)
    }

    private func news(_ type: String, _ object: String) throws -> [GatewayNews] {
        let body = Array(
            #"{"id":"evt_1","object":"event","created":1789999990,"type":"\#(type)","data":{"object":\#(object)}}"#
                .utf8)
        let header = TimedSignature.text(of: body, secret: WebhookSecret("whsec_1"), at: now)
        return try gateway.facts(
            in: WebhookDelivery(headers: ["stripe-signature": header], body: body),
            secrets: [WebhookSecret("whsec_1")], at: now)
    }

    private func url(_ operation: Payments.Operation, _ reference: String?) throws -> String {
        var order = Self.order
        order.reference = reference
        return try gateway.request(for: operation, of: order, in: context).url
    }

    private func written(_ request: GatewayRequest, _ operation: String) -> JSON {
        let parts = request.url.dropFirst(context.baseURL.count).split(separator: "?", maxSplits: 1).map(
            String.init)
        let fields = (parts.count == 2 ? parts[1] : "") + String(decoding: request.body, as: UTF8.self)
        return [
            "operation": .string(operation), "method": .string(request.method), "path": .string(parts[0]),
            "fields": .array(
                fields.split(separator: "&").map { field in
                    let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    return .array(sides.map { .string($0.removingPercentEncoding ?? "") })
                }),
        ]
    }

    private let context = AccountContext(
        account: GatewayAccountID(at: .epoch, random: 2), baseURL: "https://api.stripe.com",
        secret: "sk_test_1",
        connectedAccount: "acct_1")

    private static let order: PaymentOrder = {
        var order = PaymentOrder(
            payment: PaymentID(at: .epoch, random: 1), idempotencyKey: "amp1-x-1", reference: "pi_1",
            returnURL: "https://till.example/s/1", description: "Harbour")
        order.authorized = .eur(40_00)
        order.savesMethod = true
        order.method = SavedMethod(token: "pm_1", customer: "cus_1")
        order.applicationFee = .eur(1_00)
        order.language = "de"
        return order
    }()

    private static let calls: [(Payments.Operation, PaymentOrder)] = {
        var page = order
        page.reference = "cs_1"
        page.method = nil
        var atOnce = order
        atOnce.capturesAtOnce = true
        let evidence = Evidence(
            product: "kWh", serviceDate: "2026-11-27", account: "start", refundPolicy: "none")
        return [
            (.authorize(.eur(40_00)), order), (.authorize(.eur(40_00)), page),
            (.authorize(.eur(40_00)), atOnce),
            (.setUp, order), (.setUp, page), (.chargeOffSession(.eur(4_30)), order),
            (.chargeOffSession(.eur(4_30)), atOnce), (.continueAction(""), page), (.lookUp, page),
            (.lookUp, order),
            (.adjust(.eur(60_00)), order), (.capture(.eur(18_37)), order), (.void, order), (.void, page),
            (.expireCheckout, page), (.refund(RefundID(at: .epoch, random: 3), .eur(5_00)), order),
            (.lookUpRefund(RefundID(at: .epoch, random: 3)), order),
            (.submitEvidence("dp_1", evidence), order),
        ]
    }()
}
