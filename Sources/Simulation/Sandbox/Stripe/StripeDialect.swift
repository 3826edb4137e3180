// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
import Quantities

/// The Stripe-shaped part of the Sandbox, at `/sandbox/stripe/v1/…`: Checkout Sessions, PaymentIntents, SetupIntents,
/// refunds, disputes, customers, balance, balance transactions and payouts, on the Sandbox's own books.
///
/// What it has is enough for Stripe's own client libraries to work with; what it has not answers 404 as Stripe does.
struct StripeDialect {
    let sandbox: Sandbox
    let merchant: Sandbox.Merchant
    let now: Instant
    /// What the caller wants to see whole.
    let expand: Set<String>
    let form: Form
    private(set) var desk: SandboxDesk

    typealias Response = Sandbox.Response

    init(_ sandbox: Sandbox, _ merchant: Sandbox.Merchant, form: Form, at now: Instant) {
        self.sandbox = sandbox
        self.merchant = merchant
        self.now = now
        self.form = form
        expand = Set(form.fields.filter { $0.name.hasPrefix("expand[") }.map(\.value))
        desk = SandboxDesk(sandbox: sandbox, merchant: merchant, now: now)
    }

    /// Whose books these are.
    var account: String { merchant.account ?? "" }

    /// Works with the desk that does the same for the Sandbox's own dialect.
    mutating func withDesk<Result>(_ body: (inout SandboxDesk) throws -> Result) rethrows -> Result {
        try body(&desk)
    }

    /// An answer, with the webhooks that follow from it.
    static func respond(
        to request: Sandbox.Request, _ parts: [String], in sandbox: Sandbox, at now: Instant,
        books: some SandboxBooks
    ) throws -> (Response, [Sandbox.Webhook]) {
        guard let merchant = sandbox.merchant(bearing: request) else {
            return (error(401, "invalid_request_error", "api_key_invalid", "Invalid API Key provided"), [])
        }
        if try books.object("stripe_account", merchant.account ?? "") == nil {
            try books.save("stripe_account", merchant.account ?? "", "{}")
        }
        let isPost = request.method == "POST"
        var dialect = StripeDialect(
            sandbox, merchant, form: isPost ? Form(request.body) : request.query, at: now)
        guard isPost else { return (try dialect.show(parts, books: books), []) }
        let key = request.header("idempotency-key")
        let keys = key.map { SandboxKeys(name: "stripe \(merchant.account ?? "") \($0)", request: request) }
        if let saved = try keys?.replay(books) {
            let isReused =
                saved.status == 400
                && saved.body == Response.json(400, ["error": "idempotency_key_reused"]).body
            return (
                isReused
                    ? error(
                        400, "idempotency_error", nil, "Keys can only be used again with the same parameters")
                    : saved, []
            )
        }
        let call = StripeOperation(parts)
        let trouble = try dialect.trouble(with: call, key: key ?? "", books: books)
        if let trouble, let answer = trouble.insteadOfDoing { return (inStripeWords(answer), []) }
        let done = try dialect.carryOut(parts, books: books)
        let answer = trouble.map { dialect.troubled($0, done) } ?? done
        try keys?.remember(answer, books)
        return (answer, dialect.desk.webhooks)
    }

    private func trouble(with call: StripeOperation, key: String, books: some SandboxBooks) throws
        -> SandboxFault?
    {
        var body: [JSON.Member] = []
        if call.name == "charge_off_session", let method = form["payment_method"] {
            body.append(JSON.Member("method", .string(method)))
        }
        let reference = call.reference ?? form["payment_intent"] ?? ""
        let parts = call.isOpening ? ["payments"] : ["payments", reference, call.word]
        return try desk.trouble(with: SandboxCall(parts: parts, body: .object(body)), key: key, books: books)
    }

    /// Stripe takes nothing for later; such an answer is a lost one here.
    private func troubled(_ fault: SandboxFault, _ done: Response) -> Response {
        switch fault {
        case .accepted: return done
        case .oddWord:
            // What is no object keeps its words.
            guard done.status == 200, let body = try? JSON.parse(done.body), case .object(let members) = body
            else { return done }
            return .json(
                200, .object(members.map { $0.key == "status" ? JSON.Member("status", "frobnicated") : $0 }))
        default: return Self.inStripeWords(fault.answer(insteadOf: done, reference: ""))
        }
    }

    private static func inStripeWords(_ answer: Response) -> Response {
        var answer = answer
        let words: [Int: (String, String)] = [
            429: ("rate_limit_error", "rate_limit"), 409: ("invalid_request_error", "idempotency_key_in_use"),
            500: ("api_error", "internal"),
        ]
        if let (type, code) = words[answer.status] {
            answer.body = error(answer.status, type, code, "The Sandbox plays a fault").body
        }
        return answer
    }

    static func error(
        _ status: Int, _ type: String, _ code: String?, _ message: String, _ more: [(String, JSON?)] = []
    ) -> Response {
        var members = [
            JSON.Member("type", .string(type)), JSON.Member("message", .string(message)),
        ]
        if let code { members.append(JSON.Member("code", .string(code))) }
        members += more.compactMap { name, value in value.map { JSON.Member(name, $0) } }
        return .json(status, ["error": .object(members)])
    }

    static func missing(_ what: String, _ id: String) -> Response {
        error(404, "invalid_request_error", "resource_missing", "No such \(what): '\(id)'")
    }

    static func invalid(_ parameter: String, _ message: String) -> Response {
        error(
            400, "invalid_request_error", "parameter_invalid", message, [("param", .string(parameter))])
    }

    /// A name that nobody has yet: the same story gives the same names.
    func newName(_ prefix: String, books: some SandboxBooks) throws -> String {
        let count = (try books.object("stripe_count", account).flatMap { Int64($0) } ?? 0) + 1
        try books.save("stripe_count", account, String(count))
        return prefix + "_" + SHA256Digest.hex(of: Array("\(account) \(count)".utf8)).prefix(24)
    }

    /// `metadata[a]=b` and its like, as an object.
    func fields(under prefix: String) -> JSON {
        .object(
            form.fields.compactMap { field in
                guard field.name.hasPrefix(prefix + "["), field.name.hasSuffix("]") else { return nil }
                return JSON.Member(
                    String(field.name.dropFirst(prefix.count + 1).dropLast()), .string(field.value))
            })
    }

    /// An instrument by the name of a test method: Stripe's own names, or `pm_sandbox_<instrument>`.
    static func instrument(named method: String) -> String? {
        let known = [
            "pm_card_visa": "ok", "pm_card_mastercard": "ok",
            "pm_card_chargeDeclined": "declined", "pm_card_visa_chargeDeclined": "declined",
            "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
            "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
            "pm_card_chargeDeclinedStolenCard": "stolen", "pm_card_visa_chargeDeclinedStolenCard": "stolen",
            "pm_card_authenticationRequired": "off_session_challenge", "pm_card_createDispute": "disputed",
            "pm_card_createDisputeInquiry": "inquiry", "pm_card_refundFail": "refund_fails_later",
        ]
        if let name = known[method] { return name }
        let name = String(method.dropFirst("pm_sandbox_".count))
        return method.hasPrefix("pm_sandbox_") && Sandbox.isInstrument(name) ? name : nil
    }
}

/// What a call asks for, in the words that faults are armed with.
struct StripeOperation {
    let name: String
    let word: String
    let reference: String?
    let isOpening: Bool

    init(_ parts: [String]) {
        let isIntent = parts.first == "payment_intents"
        reference = isIntent && parts.count > 1 ? parts[1] : nil
        switch (parts.first, parts.last) {
        case ("payment_intents", "capture"): (name, word) = ("capture", "capture")
        case ("payment_intents", "cancel"): (name, word) = ("void", "void")
        case ("payment_intents", "increment_authorization"): (name, word) = ("adjust", "adjust")
        case ("payment_intents", _): (name, word) = ("charge_off_session", "")
        case ("refunds", _): (name, word) = ("refund", "refunds")
        case ("checkout", "sessions"): (name, word) = ("authorize", "")
        default: (name, word) = ("other", "other")
        }
        isOpening = ["charge_off_session", "authorize"].contains(name)
    }
}
