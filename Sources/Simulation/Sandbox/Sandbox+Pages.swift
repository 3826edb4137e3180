// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
import Mustache
import Payments
import Quantities

extension Sandbox {
    /// The instruments a visitor may pick, by name; there is no card number field anywhere.
    package static let instruments: [(group: String, names: [(name: String, label: String)])] = [
        (
            "Approve",
            [
                ("ok", "Card that works"), ("wallet_apple", "Apple Pay"), ("wallet_google", "Google Pay"),
                ("challenge_ok", "Card with 3-D Secure, passed"),
                ("partial_15", "Card that approves at most 15.00"),
                ("expires_early", "Hold that ends in two hours"),
            ]
        ),
        (
            "Decline",
            [
                ("declined", "Declined"), ("insufficient_funds", "Insufficient funds"),
                ("stolen", "Stolen card"),
                ("challenge_fail", "3-D Secure failed"),
            ]
        ),
        (
            "Trouble",
            [
                ("capture_busy", "First capture: too many requests"),
                ("timeout_before", "Capture request lost"),
                ("timeout_after", "Capture answer lost"),
                ("error_500_saved", "Capture answered with an error, but done"),
                ("key_in_use", "First capture: key in use"),
                ("wrong_enum", "Capture answered with an unheard-of word"),
                ("async", "Capture taken, told later by webhook"),
                ("webhook_twice", "Webhooks come twice"), ("webhook_lost", "Webhooks get lost"),
            ]
        ),
    ]

    func page(of reference: String, books: some SandboxBooks) throws -> Response {
        guard let payment = try books.object("payment", reference).flatMap({ SandboxPayment(stored: $0) }),
            let currency = Currency(code: payment.currency)
        else { return html(404, try Self.missing.rendered([:])) }
        let model: [String: Any] = [
            "amount": Money(minorUnits: payment.amount, currency: currency).description,
            "merchant": payment.description, "back": payment.returnURL,
            "isOpen": payment.status == "requires_action",
            "groups": Self.instruments.map { group in
                [
                    "title": group.group, "kind": group.group.lowercased(),
                    "instruments": group.names.map { ["name": $0.name, "label": $0.label] },
                ] as [String: Any]
            },
        ]
        return html(200, try Self.checkout.rendered(model))
    }

    /// The visitor picked an instrument: approved or declined, back to the shop, and the webhook on its way.
    func decide(
        _ reference: String, form: Form, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard var payment = try load(reference, books, at: now) else {
            return (html(404, try Self.missing.rendered([:])), [])
        }
        let back = Response(status: 303, headers: ["Location": payment.returnURL], body: [])
        guard payment.status == "requires_action", let name = form["instrument"] else { return (back, []) }
        payment.instrument = name
        switch name {
        case "cancel":
            payment.become("declined", at: now)
            payment.declineCode = "cancelled"
        case "declined", "insufficient_funds", "stolen":
            payment.become("declined", at: now)
            payment.declineCode = name
        case "challenge_fail":
            payment.become("declined", at: now)
            payment.declineCode = "challenge_failed"
        default:
            guard Self.instruments.contains(where: { $0.names.contains { $0.name == name } }) else {
                return (.json(400, ["error": "unknown_instrument"]), [])
            }
            payment.become("authorized", at: now)
            payment.authorized =
                name == "partial_15" ? min(payment.amount, Self.fifteen(payment.currency)) : payment.amount
            payment.captureBefore = now + (name == "expires_early" ? .hours(2) : .hours(7 * 24))
        }
        try save(payment, books)
        return (back, webhooks(of: payment, at: now))
    }

    /// 15.00 in minor units.
    private static func fifteen(_ code: String) -> Int64 {
        15 * (Currency(code: code)?.minorUnitsPerMajor ?? 100)
    }

    /// What it tells about a payment, signed over the raw bytes.
    func webhooks(of payment: SandboxPayment, at now: Instant) -> [Webhook] {
        guard payment.instrument != "webhook_lost" else { return [] }
        let body: JSON = [
            "id": .string("evt_\(payment.reference.dropFirst(4))_\(payment.sequence)"),
            "type": .string("payment.\(payment.status)"), "created_at": .string(now.iso8601),
            "object": payment.shown(baseURL),
        ]
        let bytes = body.serialized()
        let signature = SandboxGateway.signature(of: bytes, secret: WebhookSecret(webhookSecret), at: now)
        let webhook = Webhook(
            account: payment.account,
            headers: ["Content-Type": "application/json", SandboxGateway.signatureHeader: signature],
            body: bytes)
        return payment.instrument == "webhook_twice" ? [webhook, webhook] : [webhook]
    }

    private func html(_ status: Int, _ text: String) -> Response {
        Response(
            status: status,
            headers: ["Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"],
            body: Array(text.utf8))
    }

    private static let checkout = SandboxTemplate(PackageResources.sandbox_checkout_mustache)
    private static let missing = SandboxTemplate(PackageResources.sandbox_missing_mustache)
}

/// A page of the Sandbox; its text is part of the binary.
struct SandboxTemplate: Sendable {
    private let text: String

    init(_ bytes: [UInt8]) { text = String(decoding: bytes, as: UTF8.self) }

    func rendered(_ model: [String: Any]) throws -> String {
        try MustacheTemplate(string: text).render(model)
    }
}

/// A form as a browser sends it (application/x-www-form-urlencoded).
struct Form: Sendable {
    private var fields: [String: String] = [:]

    init(_ body: [UInt8]) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let sides = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            fields[Self.decoded(Array(sides[0]))] = Self.decoded(Array(sides[1]))
        }
    }

    subscript(name: String) -> String? { fields[name] }

    private static func decoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                result.append(32)
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let pair = String(validating: rest.prefix(2), as: UTF8.self),
                let value = UInt8(pair, radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
