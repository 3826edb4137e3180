// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// Works on one call of one merchant, and collects what is to be told because of it.
struct SandboxDesk {
    let sandbox: Sandbox
    let merchant: Sandbox.Merchant
    let now: Instant
    /// What the merchant is told by itself.
    var webhooks: [Sandbox.Webhook] = []

    init(sandbox: Sandbox, merchant: Sandbox.Merchant, now: Instant) {
        self.sandbox = sandbox
        self.merchant = merchant
        self.now = now
    }

    typealias Response = Sandbox.Response

    /// A payment of this merchant.
    func payment(_ reference: String, _ books: some SandboxBooks) throws -> SandboxPayment? {
        guard let payment = try sandbox.load(reference, books, at: now),
            merchant.account == nil || payment.account == merchant.account
        else { return nil }
        return payment
    }

    /// What is to go wrong with this call: as armed, as drawn from the seed, or as the instrument is.
    func trouble(with call: SandboxCall, key: String, books: some SandboxBooks) throws -> SandboxFault? {
        let payment = try payment(call.reference, books)
        let account = payment?.account ?? merchant.account ?? call.body["account"]?.string ?? ""
        if let armed = try Sandbox.take(call.operation, for: account, books: books)
            .flatMap({ SandboxFault(rawValue: $0) })
        {
            return armed
        }
        // One that was drawn and not carried out comes through the second time.
        if let drawn = try Sandbox.drawn(key, for: account, books: books),
            try books.object("drawn", key) == nil
        {
            try books.save("drawn", key, "{}")
            return drawn
        }
        let method = try call.body["method"]?.string.flatMap { try self.method($0, books) }
        guard let instrument = payment?.instrument ?? method?.instrument,
            let trouble = Sandbox.trouble(of: instrument, with: call.operation)
        else { return nil }
        guard trouble.isOnce else { return trouble.fault }
        let mark = "\(call.reference) \(call.operation)"
        if try books.object("troubled", mark) != nil { return nil }
        try books.save("troubled", mark, "{}")
        return trouble.fault
    }

    mutating func carryOut(_ call: SandboxCall, books: some SandboxBooks) throws -> Response {
        switch (call.parts.first, call.parts.count) {
        case ("payments", 1): return try create(call.body, books: books)
        case ("setups", 1): return try setUp(call.body, books: books)
        case ("payments", 3):
            guard var payment = try payment(call.parts[1], books) else { return Self.missing }
            switch call.parts[2] {
            case "adjust": return try adjust(&payment, call.body["amount"]?.int64 ?? 0, books: books)
            case "capture": return try capture(&payment, call.body["amount"]?.int64 ?? 0, books: books)
            case "void": return try void(&payment, books: books)
            case "expire": return try expire(&payment, books: books)
            case "refunds": return try refund(&payment, call.body, books: books)
            default: return Self.missing
            }
        case ("disputes", 3) where call.parts[2] == "evidence":
            return try takeEvidence(call.parts[1], call.body, books: books)
        default: return Self.missing
        }
    }

    static let missing = Response.json(404, ["error": "not_found"])
    private static let invalid = Response.json(400, ["error": "invalid_request"])
    private static let tooLarge = Response.json(400, ["error": "amount_too_large"])

    // MARK: beginning

    private mutating func create(_ body: JSON, books: some SandboxBooks) throws -> Response {
        guard let reference = body["reference"]?.string, let amount = body["amount"]?.int64, amount > 0,
            let currency = body["currency"]?.string, Currency(code: currency) != nil,
            let back = body["return_url"]?.string, Self.isPage(back)
        else { return Self.invalid }
        if let known = try payment(reference, books) { return refuse(known) }
        var payment = SandboxPayment(
            reference: reference, account: merchant.account ?? body["account"]?.string ?? "", amount: amount,
            currency: currency, returnURL: back, description: body["description"]?.string ?? "")
        payment.capturesAtOnce = body["capture"]?.bool ?? false
        payment.savesMethod = body["save_method"]?.bool ?? false
        payment.payer = body["payer"]?.string
        guard let token = body["method"]?.string else { return try open(&payment, books: books) }
        guard let method = try method(token, books) else { return Self.invalid }
        payment.isOffSession = true
        payment.method = token
        try approve(&payment, with: method.instrument, books: books)
        return payment.status == "declined"
            ? .json(402, payment.shown(sandbox.baseURL)) : .json(200, payment.shown(sandbox.baseURL))
    }

    private mutating func setUp(_ body: JSON, books: some SandboxBooks) throws -> Response {
        guard let reference = body["reference"]?.string, let back = body["return_url"]?.string,
            Self.isPage(back)
        else { return Self.invalid }
        if let known = try payment(reference, books) { return refuse(known) }
        var payment = SandboxPayment(
            reference: reference, account: merchant.account ?? body["account"]?.string ?? "", amount: 0,
            currency: body["currency"]?.string ?? "EUR", returnURL: back,
            description: body["description"]?.string ?? "")
        payment.isSetUp = true
        payment.savesMethod = true
        payment.payer = body["payer"]?.string
        return try open(&payment, books: books)
    }

    /// Opens the hosted page; nobody pays on it for longer than a day.
    mutating func open(_ payment: inout SandboxPayment, books: some SandboxBooks) throws -> Response {
        payment.createdAt = now
        payment.updatedAt = now
        try sandbox.save(payment, books)
        try SandboxClock.plan("page", payment.reference, at: now + .hours(24), books: books)
        return .json(200, payment.shown(sandbox.baseURL))
    }

    /// The driver is sent back there by a link of ours, so it must be a page and not a script.
    static func isPage(_ address: String) -> Bool {
        address.isEmpty || ["https://", "http://", "/"].contains { address.hasPrefix($0) }
    }

    /// A stored method: the instrument that was used to leave it.
    func method(_ token: String, _ books: some SandboxBooks) throws -> (instrument: String, payer: String?)? {
        // What cannot be read counts as not stored.
        guard let text = try books.object("method", token), let stored = try? JSON.parse(Array(text.utf8)),
            let instrument = stored["instrument"]?.string,
            merchant.account == nil || stored["account"]?.string == merchant.account
        else { return nil }
        return (instrument, stored["payer"]?.string)
    }

    /// The bank decides, and what follows from it.
    mutating func approve(_ payment: inout SandboxPayment, with instrument: String, books: some SandboxBooks)
        throws
    {
        payment.createdAt = payment.createdAt ?? now
        payment.instrument = instrument
        payment.declineCode = nil
        if let code = Sandbox.declineCode(of: instrument, isOffSession: payment.isOffSession) {
            payment.declineCode = code
            if payment.stripe["session"] != nil { return try declineOnPage(&payment, books: books) }
            return try become("declined", &payment, books: books)
        }
        if payment.savesMethod {
            let name = payment.reference.drop { $0 != "_" }.dropFirst()
            let token = (payment.stripe == .null ? "sbm_" : "pm_") + name
            payment.method = token
            let stored = JSON.present([
                "instrument": .string(instrument), "account": .string(payment.account),
                "payer": payment.payer.map { .string($0) },
            ])
            try books.save("method", token, stored.text())
        }
        if payment.isSetUp { return try become("captured", &payment, books: books) }
        payment.authorized =
            instrument == "partial_15" ? min(payment.amount, Self.fifteen(payment.currency)) : payment.amount
        let before = now + Sandbox.window(of: instrument, isOffSession: payment.isOffSession)
        payment.captureBefore = before
        if payment.capturesAtOnce { return try take(payment.authorized, of: &payment, books: books) }
        try SandboxClock.plan("expire", payment.reference, at: before, books: books)
        try become("authorized", &payment, books: books)
    }

    /// On a Checkout Session another card may be tried.
    private mutating func declineOnPage(_ payment: inout SandboxPayment, books: some SandboxBooks) throws {
        payment.become("requires_action", at: now)
        let told = try sandbox.news(of: payment, as: "declined", at: now, books: books)
        payment.instrument = nil
        try sandbox.save(payment, books)
        webhooks += told
    }

    /// 15.00 in minor units.
    private static func fifteen(_ code: String) -> Int64 {
        15 * (Currency(code: code)?.minorUnitsPerMajor ?? 100)
    }

    mutating func become(_ status: String, _ payment: inout SandboxPayment, books: some SandboxBooks) throws {
        payment.become(status, at: now)
        try sandbox.save(payment, books)
        webhooks += try sandbox.news(of: payment, at: now, books: books)
    }

    // MARK: afterwards

    /// A new total. Declined or not, it counts as tried.
    mutating func adjust(_ payment: inout SandboxPayment, _ total: Int64, books: some SandboxBooks) throws
        -> Response
    {
        guard payment.status == "authorized", let instrument = payment.instrument else {
            return refuse(payment)
        }
        guard total > payment.authorized, total < 1_000_000_00 else { return Self.invalid }
        guard Sandbox.incrementsLeft(of: instrument, tried: payment.increments) > 0 else {
            return .json(400, ["error": "adjust_not_supported"])
        }
        payment.increments += 1
        guard instrument != "increment_declined" else {
            try sandbox.save(payment, books)
            return .json(402, ["decline_code": "increment_declined"])
        }
        payment.authorized = total
        payment.become("authorized", at: now)
        try sandbox.save(payment, books)
        webhooks += try sandbox.news(of: payment, as: "adjusted", at: now, books: books)
        return .json(200, payment.shown(sandbox.baseURL))
    }

    /// One final capture, at most the approved amount; a second one is an error that shows what is.
    mutating func capture(_ payment: inout SandboxPayment, _ amount: Int64, books: some SandboxBooks) throws
        -> Response
    {
        guard payment.status == "authorized" else { return refuse(payment) }
        guard amount > 0, amount <= payment.authorized else { return Self.tooLarge }
        try take(amount, of: &payment, books: books)
        return .json(200, payment.shown(sandbox.baseURL))
    }

    private mutating func take(_ amount: Int64, of payment: inout SandboxPayment, books: some SandboxBooks)
        throws
    {
        payment.captured = amount
        try SandboxLedger(account: payment.account, now: now).captured(payment, books: books)
        switch payment.instrument {
        case "capture_fails_later":
            try SandboxClock.plan("capture_fails", payment.reference, at: now + .hours(48), books: books)
        case "disputed", "inquiry":
            try SandboxClock.plan("dispute", payment.reference, at: now + .hours(24), books: books)
        default: break
        }
        try become("captured", &payment, books: books)
    }

    mutating func void(_ payment: inout SandboxPayment, books: some SandboxBooks) throws -> Response {
        guard ["authorized", "requires_action"].contains(payment.status) else { return refuse(payment) }
        try become("voided", &payment, books: books)
        return .json(200, payment.shown(sandbox.baseURL))
    }

    mutating func expire(_ payment: inout SandboxPayment, books: some SandboxBooks) throws -> Response {
        guard payment.status == "requires_action" else { return refuse(payment) }
        try become("voided", &payment, books: books)
        return .json(200, payment.shown(sandbox.baseURL))
    }

    /// Part of a capture given back, once per name of the refund; never more than was captured.
    mutating func refund(_ payment: inout SandboxPayment, _ body: JSON, books: some SandboxBooks) throws
        -> Response
    {
        guard let name = body["refund"]?.string, let amount = body["amount"]?.int64, amount > 0 else {
            return Self.invalid
        }
        // What cannot be read counts as not stored.
        if let known = try books.object("refund", name).flatMap({ try? JSON.parse(Array($0.utf8)) }) {
            return .json(409, ["error": "already_done", "refund": known])
        }
        guard payment.status == "captured", amount <= payment.captured - payment.refunded,
            try SandboxDispute.open(of: payment.reference, books: books) == nil
        else { return Self.tooLarge }
        let refund = SandboxRefund(
            name: name, reference: payment.reference, amount: amount, currency: payment.currency,
            status: payment.instrument == "refund_refused" ? "failed" : "succeeded", updatedAt: now)
        if refund.status == "succeeded" {
            payment.refunded += amount
            try SandboxLedger(account: payment.account, now: now).refunded(refund, books: books)
        }
        if payment.instrument == "refund_fails_later" {
            try SandboxClock.plan("refund_fails", name, at: now + .hours(72), books: books)
        }
        try books.save("refund", name, refund.shown.text())
        try sandbox.save(payment, books)
        webhooks += try sandbox.news(of: refund, on: payment, at: now, books: books)
        return .json(200, refund.shown)
    }

    func refuse(_ payment: SandboxPayment) -> Response {
        .json(409, ["error": "already_done", "payment": payment.shown(sandbox.baseURL)])
    }

    private mutating func takeEvidence(_ id: String, _ body: JSON, books: some SandboxBooks) throws
        -> Response
    {
        guard var dispute = try SandboxDispute.find(id, books: books),
            let payment = try payment(dispute.reference, books)
        else { return Self.missing }
        guard ["needs_response", "inquiry"].contains(dispute.status) else {
            return .json(409, ["error": "already_submitted"])
        }
        dispute.isWinning = !(body["account"]?.string ?? "").isEmpty
        dispute.become("under_review", at: now)
        try dispute.save(books)
        try SandboxClock.plan("dispute_decision", id, at: now + .hours(72), books: books)
        webhooks += try sandbox.news(of: dispute, on: payment, at: now, books: books)
        return .json(200, dispute.shown)
    }
}
