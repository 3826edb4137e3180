// SPDX-License-Identifier: Apache-2.0

import JSONText
import Payments
import Quantities
import Simulation
import Testing

/// A merchant with one payment at a Sandbox whose books are in memory.
final class Shop {
    let payment: PaymentID
    let account = GatewayAccountID(at: .epoch, random: 1)
    let sandbox: Sandbox
    let books: SandboxNotebook
    var now = Instant(seconds: 1_790_000_000)
    /// What every request says of the payment.
    var order: PaymentOrder
    /// All webhooks so far.
    private(set) var webhooks: [Sandbox.Webhook] = []
    /// What they told, after their signatures were checked.
    private(set) var news: [GatewayNews] = []
    private let gateway = SandboxGateway()
    private var calls = 0

    init() {
        payment = PaymentID(at: Instant(seconds: 1_790_000_000), random: 7)
        sandbox = Sandbox(
            baseURL: "http://till",
            merchants: [
                Sandbox.Merchant(account: account.text, secret: "sk_test", webhookSecret: "whsec_test")
            ])
        books = SandboxNotebook()
        order = PaymentOrder(
            payment: payment, idempotencyKey: "", reference: nil, returnURL: "http://till/s/1",
            description: "<b>Site</b>")
    }

    /// Another payment at the same Sandbox.
    init(beside shop: Shop, payment number: UInt128) {
        payment = PaymentID(at: Instant(seconds: 1_790_000_000), random: number)
        sandbox = shop.sandbox
        books = shop.books
        now = shop.now
        order = shop.order
        order.payment = payment
        calls = 100
    }

    /// What its webhooks told of payments.
    var facts: [GatewayFact] { news.compactMap(\.payment) }
    /// What its webhooks told of disputes.
    var disputes: [DisputeFact] {
        news.compactMap { if case .dispute(let fact) = $0.about { fact } else { nil } }
    }

    /// What the Sandbox has taken by its own books, minor units.
    var kept: Int64 { (try? Sandbox.kept(in: books)) ?? -1 }  // books in memory do not fail

    func authorize(_ cents: Int64) throws -> Payment.Event? { try ask(.authorize(.eur(cents))) }

    /// The driver picks an instrument, and confirms at the bank's page; returns what the Sandbox tells by webhook.
    func choose(_ instrument: String) throws -> [Payment.Event] {
        let before = facts.count
        let answer = try call("POST", "/sandbox/checkout/\(payment)", body: "instrument=\(instrument)")
        if let next = answer.headers["Location"], next.hasPrefix("/sandbox/3ds/") {
            _ = try call("POST", next, body: "answer=confirm")
        }
        return facts.dropFirst(before).map(\.event)
    }

    /// So much later; returns what happened to the payment meanwhile.
    func after(hours: Int64) throws -> [Payment.Event] {
        now = now + .hours(hours)
        let before = facts.count
        try passTime()
        return facts.dropFirst(before).map(\.event)
    }

    func passTime() throws { try take(try sandbox.passTime(to: now, books: books)) }

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
        var order = order
        order.idempotencyKey = key ?? "call-\(calls)"
        return try respond(try gateway.request(for: operation, of: order, in: context))
    }

    func settlementLines() throws -> [SettlementLine] {
        let request = try #require(gateway.settlementRequest(since: .epoch, after: nil, in: context))
        let response = try respond(request)
        return try gateway.settlementLines(
            in: GatewayAnswer(status: response.status, body: response.body)
        ).lines
    }

    func balance() throws -> [Money] {
        let response = try respond(try #require(gateway.balanceRequest(in: context)))
        return try gateway.balance(in: GatewayAnswer(status: response.status, body: response.body))
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

    private var context: AccountContext {
        AccountContext(account: account, baseURL: "http://till", secret: "sk_test")
    }

    private func respond(_ request: GatewayRequest) throws -> Sandbox.Response {
        try respond(
            Sandbox.Request(
                method: request.method, path: String(request.url.dropFirst("http://till".count)),
                headers: request.headers, body: request.body))
    }

    private func respond(_ request: Sandbox.Request) throws -> Sandbox.Response {
        let (response, webhooks) = try sandbox.respond(to: request, at: now, books: books)
        try take(webhooks)
        return response
    }

    private func take(_ webhooks: [Sandbox.Webhook]) throws {
        self.webhooks += webhooks
        for webhook in webhooks {
            let signed = sandbox.signed(webhook, at: now)
            news += try gateway.facts(
                in: WebhookDelivery(headers: signed.headers, body: signed.body),
                secrets: [WebhookSecret("whsec_test")], at: now)
        }
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
