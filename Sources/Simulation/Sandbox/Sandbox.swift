// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
package import Quantities

/// A complete payment gateway inside the binary: its own books, hosted pages, signed webhooks, a report, and instruments
/// that fail in every way a real one can (payments.md §5.2). Only test organisations may use it; no money moves.
///
/// A function of the request, the time and its books. It sends nothing itself: `App` mounts it and carries its webhooks.
package struct Sandbox: Sendable {
    /// Where it is mounted, without a slash at the end.
    let baseURL: String
    /// Who may speak to it.
    let merchants: [Merchant]

    /// An account at the Sandbox.
    package struct Merchant: Sendable {
        /// Whose books; nil takes whatever account a request names.
        package var account: String?
        /// What its API is spoken to with.
        package var secret: String
        /// What its webhooks are signed with.
        package var webhookSecret: String

        package init(account: String?, secret: String, webhookSecret: String) {
            self.account = account
            self.secret = secret
            self.webhookSecret = webhookSecret
        }
    }

    package init(baseURL: String, merchants: [Merchant]) {
        self.baseURL = baseURL
        self.merchants = merchants.filter { !$0.secret.isEmpty }
    }

    /// A Sandbox with one merchant.
    package init(baseURL: String, secret: String, webhookSecret: String) {
        self.init(
            baseURL: baseURL,
            merchants: [Merchant(account: nil, secret: secret, webhookSecret: webhookSecret)])
    }

    /// A request to it, from our server or from a driver's browser.
    package struct Request: Hashable, Sendable {
        package var method: String
        /// With its query.
        package var path: String
        package var headers: [String: String]
        package var body: [UInt8]

        package init(method: String, path: String, headers: [String: String], body: [UInt8]) {
            self.method = method
            self.path = path
            self.headers = headers
            self.body = body
        }

        func header(_ name: String) -> String? { headers.first { $0.key.lowercased() == name }?.value }

        /// The parts of the path, `sandbox` first.
        var parts: [String] { path.prefix { $0 != "?" }.split(separator: "/").map(String.init) }

        /// What stands after the question mark.
        var query: Form { Form(Array(path.drop { $0 != "?" }.dropFirst().utf8)) }
    }

    /// What it answers.
    package struct Response: Hashable, Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: [UInt8]
        /// The caller shall see no answer at all. A status of 0 says that nothing was carried out either; any other is
        /// the answer that got lost, and that the same key gets the next time.
        package var isLost: Bool = false
        /// How long the caller waits for it, seconds.
        package var delaySeconds: Int64 = 0

        static func json(_ status: Int, _ body: JSON) -> Response {
            Response(status: status, headers: jsonHeaders, body: body.serialized())
        }

        static let jsonHeaders = ["Content-Type": "application/json"]
    }

    /// Something it tells the merchant by itself.
    package struct Webhook: Hashable, Sendable {
        package var account: String
        package var headers: [String: String]
        package var body: [UInt8]
        /// Not before then.
        package var dueAt: Instant
        /// It arrives before the answer to the request that caused it.
        package var isFirst = false
    }

    /// Answers a request; the webhooks are to be delivered afterwards, at least once.
    package func respond(
        to request: Request, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        let parts = request.parts
        switch (request.method, parts.dropFirst().first) {
        case ("GET", "checkout") where parts.count == 3: return (try page(of: parts[2], books: books), [])
        case ("POST", "checkout") where parts.count == 3:
            return try decide(parts[2], form: Form(request.body), at: now, books: books)
        case ("GET", "3ds") where parts.count == 3: return (try challengePage(of: parts[2], books: books), [])
        case ("POST", "3ds") where parts.count == 3:
            return try decideChallenge(parts[2], form: Form(request.body), at: now, books: books)
        case (_, "stripe") where parts.count > 2 && parts[2] == "v1":
            return try StripeDialect.respond(
                to: request, Array(parts.dropFirst(3)), in: self, at: now, books: books)
        case (_, "v1"): return try api(request, Array(parts.dropFirst(2)), at: now, books: books)
        default: return (.json(404, ["error": "not_found"]), [])
        }
    }

    private func api(
        _ request: Request, _ parts: [String], at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard let merchant = merchant(bearing: request) else {
            return (.json(401, ["error": "unauthenticated"]), [])
        }
        var desk = SandboxDesk(sandbox: self, merchant: merchant, now: now)
        if request.method == "GET" {
            return (try desk.show(parts, request.query, books: books), [])
        }
        guard request.method == "POST", let key = request.header("idempotency-key") else {
            return (.json(400, ["error": "idempotency_key_required"]), [])
        }
        // What is no JSON is an empty wish, and refused as such.
        let body = (try? JSON.parse(request.body)) ?? .null
        let keys = SandboxKeys(name: "\(merchant.account ?? "") \(key)", request: request)
        if let answer = try keys.replay(books) { return (answer, []) }
        let call = SandboxCall(parts: parts, body: body)
        let trouble = try desk.trouble(with: call, key: key, books: books)
        if let trouble, let answer = trouble.insteadOfDoing { return (answer, []) }
        let done = try desk.carryOut(call, books: books)
        let answer = trouble.map { $0.answer(insteadOf: done, reference: call.reference) } ?? done
        try keys.remember(answer, books)
        return (answer, desk.webhooks)
    }

    /// Whose secret the request bears, as a bearer token or as the name of basic authentication.
    func merchant(bearing request: Request) -> Merchant? {
        guard let header = request.header("authorization") else { return nil }
        let words = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { return nil }
        return merchants.first { merchant in
            words[0].lowercased() == "bearer"
                ? words[1] == merchant.secret : words[1] == Base64.text(of: Array("\(merchant.secret):".utf8))
        }
    }

    func webhookSecret(of account: String) -> String {
        (merchants.first { $0.account == account } ?? merchants.first { $0.account == nil })?.webhookSecret
            ?? ""
    }

    func load(_ reference: String, _ books: some SandboxBooks, at now: Instant) throws -> SandboxPayment? {
        guard var payment = try books.object("payment", reference).flatMap({ SandboxPayment(stored: $0) })
        else {
            return nil
        }
        if payment.status == "authorized", let before = payment.captureBefore, before <= now {
            payment.become("expired", at: before)
            try save(payment, books)
        }
        return payment
    }

    func save(_ payment: SandboxPayment, _ books: some SandboxBooks) throws {
        try books.save("payment", payment.reference, payment.stored)
    }
}

/// One call of the Sandbox's own dialect.
struct SandboxCall {
    let parts: [String]
    let body: JSON

    /// The payment it is about.
    var reference: String {
        parts.first == "payments" && parts.count > 1 ? parts[1] : body["reference"]?.string ?? ""
    }

    /// The word faults are armed with.
    var operation: String {
        switch (parts.first, parts.count) {
        case ("payments", 1): body["method"] == nil ? "authorize" : "charge_off_session"
        case ("payments", 3...): parts[2] == "refunds" ? "refund" : parts[2]
        case ("setups", _): "set_up"
        default: "other"
        }
    }
}

/// The idempotency keys, as real gateways keep them: the same key and request get the same answer.
struct SandboxKeys {
    let name: String
    private let fingerprint: String

    init(name: String, request: Sandbox.Request) {
        self.name = name
        fingerprint = request.path + "\n" + String(decoding: request.body, as: UTF8.self)
    }

    func replay(_ books: some SandboxBooks) throws -> Sandbox.Response? {
        // What cannot be read counts as not stored: then the request is new.
        guard let stored = try books.object("key", name), let saved = try? JSON.parse(Array(stored.utf8))
        else { return nil }
        guard saved["fingerprint"]?.string == fingerprint else {
            return .json(400, ["error": "idempotency_key_reused"])
        }
        return .json(Int(saved["status"]?.int64 ?? 500), saved["body"] ?? .null)
    }

    /// What was not carried out is not remembered: the same key may bring it again.
    func remember(_ answer: Sandbox.Response, _ books: some SandboxBooks) throws {
        guard answer.status != 0, answer.status != 429 else { return }
        let saved: JSON = [
            "fingerprint": .string(fingerprint), "status": JSON(answer.status),
            // The Sandbox's own answers are JSON.
            "body": (try? JSON.parse(answer.body)) ?? .null,
        ]
        try books.save("key", name, saved.text())
    }
}
