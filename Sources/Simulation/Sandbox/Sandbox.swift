// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

/// A complete payment gateway inside the binary: its own books, hosted pages, signed webhooks, and instruments that
/// fail in every way a real one can (payments.md §5.2). Only test organisations may use it; no money moves.
///
/// A function of the request, the time and its books. It sends nothing itself: `App` mounts it and carries its webhooks.
package struct Sandbox: Sendable {
    /// Where it is mounted, without a slash at the end.
    let baseURL: String
    /// What its API is spoken to with.
    let secret: String
    /// What it signs webhooks with.
    let webhookSecret: String

    package init(baseURL: String, secret: String, webhookSecret: String) {
        self.baseURL = baseURL
        self.secret = secret
        self.webhookSecret = webhookSecret
    }

    /// A request to it, from our server or from a driver's browser.
    package struct Request: Hashable, Sendable {
        package var method: String
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
    }

    /// What it answers.
    package struct Response: Hashable, Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: [UInt8]
        /// The caller shall see no answer at all. A status of 0 says that nothing was carried out either; any other is
        /// the answer that got lost, and that the same key gets the next time.
        package var isLost: Bool = false

        static func json(_ status: Int, _ body: JSON) -> Response {
            Response(status: status, headers: ["Content-Type": "application/json"], body: body.serialized())
        }
    }

    /// Something it tells the merchant by itself.
    package struct Webhook: Hashable, Sendable {
        package var account: String
        package var headers: [String: String]
        package var body: [UInt8]
    }

    /// Answers a request; the webhooks are to be delivered afterwards, at least once.
    package func respond(
        to request: Request, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        let path = request.path.prefix { $0 != "?" }
        let parts = path.split(separator: "/").map(String.init)
        switch (request.method, parts.dropFirst()) {
        case ("GET", let rest) where rest.first == "checkout" && rest.count == 2:
            return (try page(of: parts[2], books: books), [])
        case ("POST", let rest) where rest.first == "checkout" && rest.count == 2:
            return try decide(parts[2], form: Form(request.body), at: now, books: books)
        case (_, let rest) where rest.starts(with: ["v1", "payments"]):
            return try api(request, Array(parts.dropFirst(3)), at: now, books: books)
        default:
            return (.json(404, ["error": "not_found"]), [])
        }
    }

    private func api(
        _ request: Request, _ parts: [String], at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard request.header("authorization") == "Bearer \(secret)" else {
            return (.json(401, ["error": "unauthenticated"]), [])
        }
        if request.method == "GET", let reference = parts.first {
            guard let payment = try load(reference, books, at: now) else {
                return (.json(404, ["error": "not_found"]), [])
            }
            return (.json(200, payment.shown(baseURL)), [])
        }
        guard request.method == "POST", let key = request.header("idempotency-key") else {
            return (.json(400, ["error": "idempotency_key_required"]), [])
        }
        let fingerprint = request.path + "\n" + String(decoding: request.body, as: UTF8.self)
        if let answer = try replay(key, fingerprint, books) { return (answer, []) }
        // What is no JSON is an empty wish, and refused as such.
        let body = (try? JSON.parse(request.body)) ?? .null
        let (answer, webhooks) = try carryOut(parts, body, at: now, books: books)
        // What was not carried out is not remembered: the same key may bring it again.
        let wasCarriedOut = ![0, 429].contains(answer.status) && answer.body != Self.keyInUse
        if wasCarriedOut { try remember(key, fingerprint, answer, books) }
        return (answer, webhooks)
    }

    private func carryOut(
        _ parts: [String], _ body: JSON, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard let reference = parts.first else { return (try create(body, books: books), []) }
        guard var payment = try load(reference, books, at: now) else {
            return (.json(404, ["error": "not_found"]), [])
        }
        switch parts.dropFirst().first {
        case "capture": return try capture(&payment, body["amount"]?.int64 ?? 0, at: now, books: books)
        case "void": return try void(&payment, at: now, books: books)
        case "refunds": return (try refund(&payment, body, books: books), [])
        default: return (.json(404, ["error": "not_found"]), [])
        }
    }

    private func create(_ body: JSON, books: some SandboxBooks) throws -> Response {
        guard let reference = body["reference"]?.string, let amount = body["amount"]?.int64, amount > 0,
            let currency = body["currency"]?.string, Currency(code: currency) != nil,
            let back = body["return_url"]?.string, Self.isPage(back)
        else { return .json(400, ["error": "invalid_request"]) }
        if let known = try books.object("payment", reference) {
            return .json(
                409,
                ["error": "already_done", "payment": SandboxPayment(stored: known)?.shown(baseURL) ?? .null])
        }
        let payment = SandboxPayment(
            reference: reference, account: body["account"]?.string ?? "", amount: amount, currency: currency,
            returnURL: back, description: body["description"]?.string ?? "")
        try save(payment, books)
        return .json(200, payment.shown(baseURL))
    }

    /// The driver is sent back there by a link of ours, so it must be a page and not a script.
    private static func isPage(_ address: String) -> Bool {
        address.isEmpty || ["https://", "http://", "/"].contains { address.hasPrefix($0) }
    }

    /// One final capture, at most the approved amount; a second one is an error that shows what is.
    private func capture(
        _ payment: inout SandboxPayment, _ amount: Int64, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard payment.status == "authorized" else { return (refuse(payment), []) }
        guard amount > 0, amount <= payment.authorized else {
            return (.json(400, ["error": "amount_too_large"]), [])
        }
        let instrument = payment.instrument
        if instrument == "capture_busy", !payment.wasBusy {
            payment.wasBusy = true
            try save(payment, books)
            return (.json(429, ["error": "busy"]), [])
        }
        if instrument == "timeout_before", !payment.wasLost {
            payment.wasLost = true
            try save(payment, books)
            return (lost, [])
        }
        if instrument == "key_in_use", !payment.wasBusy {
            payment.wasBusy = true
            try save(payment, books)
            return (Response(status: 409, headers: Self.jsonHeaders, body: Self.keyInUse), [])
        }
        payment.become("captured", at: now)
        payment.captured = amount
        try save(payment, books)
        return (answer(to: payment), webhooks(of: payment, at: now))
    }

    /// What a capture that was carried out is answered with: the truth, or what the instrument makes of it.
    private func answer(to payment: SandboxPayment) -> Response {
        var answer = Response.json(200, payment.shown(baseURL))
        switch payment.instrument {
        case "timeout_after": answer.isLost = true
        case "error_500_saved": answer = .json(500, ["error": "internal"])
        case "async": answer = .json(202, ["status": "accepted"])
        case "wrong_enum":
            answer = .json(200, ["status": "frobnicated", "reference": .string(payment.reference)])
        default: break
        }
        return answer
    }

    /// Part of a capture given back, once per name of a refund; never more than was captured.
    private func refund(
        _ payment: inout SandboxPayment, _ body: JSON, books: some SandboxBooks
    ) throws -> Response {
        guard let name = body["refund"]?.string, let amount = body["amount"]?.int64, amount > 0 else {
            return .json(400, ["error": "invalid_request"])
        }
        // What cannot be read counts as not stored.
        if let known = try books.object("refund", name).flatMap({ try? JSON.parse(Array($0.utf8)) }) {
            return .json(409, ["error": "already_done", "refund": known])
        }
        guard amount <= payment.captured - payment.refunded else {
            return .json(400, ["error": "amount_too_large"])
        }
        payment.refunded += amount
        let refund: JSON = [
            "refund": .string(name), "reference": .string(payment.reference), "amount": JSON(amount),
            "currency": .string(payment.currency), "status": "succeeded",
        ]
        try books.save("refund", name, refund.text())
        try save(payment, books)
        return .json(200, refund)
    }

    private func void(
        _ payment: inout SandboxPayment, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard ["authorized", "requires_action"].contains(payment.status) else { return (refuse(payment), []) }
        payment.become("voided", at: now)
        try save(payment, books)
        return (.json(200, payment.shown(baseURL)), webhooks(of: payment, at: now))
    }

    private func refuse(_ payment: SandboxPayment) -> Response {
        .json(409, ["error": "already_done", "payment": payment.shown(baseURL)])
    }

    private static let keyInUse = JSON(dictionaryLiteral: ("error", "key_in_use")).serialized()
    private static let jsonHeaders = ["Content-Type": "application/json"]

    private var lost: Response { Response(status: 0, headers: [:], body: [], isLost: true) }

    // MARK: the idempotency keys, as real gateways keep them

    private func replay(_ key: String, _ fingerprint: String, _ books: some SandboxBooks) throws -> Response?
    {
        // What cannot be read counts as not stored.
        guard let stored = try books.object("key", key), let saved = try? JSON.parse(Array(stored.utf8))
        else {
            return nil  // nothing is stored, or nothing readable: then the request is new
        }
        guard saved["fingerprint"]?.string == fingerprint else {
            return .json(400, ["error": "idempotency_key_reused"])
        }
        return .json(Int(saved["status"]?.int64 ?? 500), saved["body"] ?? .null)
    }

    private func remember(
        _ key: String, _ fingerprint: String, _ answer: Response, _ books: some SandboxBooks
    ) throws {
        let saved: JSON = [
            "fingerprint": .string(fingerprint), "status": JSON(answer.status),
            // The Sandbox's own answers are JSON.
            "body": (try? JSON.parse(answer.body)) ?? .null,
        ]
        try books.save("key", key, saved.text())
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
