// SPDX-License-Identifier: Apache-2.0

import JSONText
import Payments
import Quantities
import Simulation

/// A merchant with one payment at a Sandbox whose books are in memory.
final class Shop {
    let payment = PaymentID(at: Instant(seconds: 1_790_000_000), random: 7)
    let sandbox = Sandbox(baseURL: "http://till", secret: "sk_test", webhookSecret: "whsec_test")
    let books = SandboxNotebook()
    var now = Instant(seconds: 1_790_000_000)
    /// All webhooks so far.
    private(set) var webhooks: [Sandbox.Webhook] = []
    /// What they told, after their signatures were checked.
    private(set) var facts: [GatewayFact] = []
    private let gateway = SandboxGateway()
    private var calls = 0

    /// What the Sandbox has taken by its own books, minor units.
    var captured: Int64 { (try? Sandbox.captured(in: books)) ?? -1 }  // books in memory do not fail

    func authorize(_ cents: Int64) throws -> Payment.Event? { try ask(.authorize(.eur(cents))) }

    /// The driver picks an instrument; returns what the Sandbox tells by webhook.
    func choose(_ instrument: String) throws -> [Payment.Event] {
        let before = facts.count
        _ = try call("POST", "/sandbox/checkout/\(payment)", body: "instrument=\(instrument)")
        return facts.dropFirst(before).map(\.event)
    }

    /// What the answer says is so; nil if it says nothing of the kind.
    func ask(_ operation: Payments.Operation, key: String? = nil) throws -> Payment.Event? {
        guard case .succeeded(let fact) = try outcome(operation, key: key) else { return nil }
        return fact.event
    }

    func outcome(_ operation: Payments.Operation, key: String? = nil) throws -> Outcome {
        let response = try send(operation, key: key)
        return gateway.outcome(
            of: operation, answer: GatewayAnswer(status: response.status, body: response.body), currency: .eur
        )
    }

    func send(_ operation: Payments.Operation, key: String?) throws -> Sandbox.Response {
        calls += 1
        let order = PaymentOrder(
            payment: payment, idempotencyKey: key ?? "call-\(calls)", reference: nil,
            returnURL: "http://till/s/1", description: "<b>Site</b>")
        let context = AccountContext(
            account: GatewayAccountID(at: .epoch, random: 1), baseURL: "http://till", secret: "sk_test")
        let request = gateway.request(for: operation, of: order, in: context)
        return try respond(
            Sandbox.Request(
                method: request.method, path: String(request.url.dropFirst("http://till".count)),
                headers: request.headers, body: request.body))
    }

    func refund(_ name: String, _ cents: Int64, key: String? = nil) throws -> Sandbox.Response {
        try call(
            "POST", "/sandbox/v1/payments/\(payment)/refunds",
            body: #"{"refund":"\#(name)","amount":\#(cents)}"#,
            key: key ?? name)
    }

    func get(_ path: String) throws -> Sandbox.Response { try call("GET", path, body: "") }

    func call(_ method: String, _ path: String, body: String, key: String? = nil) throws -> Sandbox.Response {
        calls += 1
        return try respond(
            Sandbox.Request(
                method: method, path: path,
                headers: ["authorization": "Bearer sk_test", "idempotency-key": key ?? "call-\(calls)"],
                body: Array(body.utf8)))
    }

    private func respond(_ request: Sandbox.Request) throws -> Sandbox.Response {
        let (response, webhooks) = try sandbox.respond(to: request, at: now, books: books)
        self.webhooks += webhooks
        for webhook in webhooks {
            facts += try gateway.facts(
                in: WebhookDelivery(headers: webhook.headers, body: webhook.body),
                secrets: [WebhookSecret("whsec_test")], at: now)
        }
        return response
    }
}

/// A small generator whose whole state is a seed, so that a failing case can be named and repeated.
struct SandboxRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
