// SPDX-License-Identifier: Apache-2.0

import JSONText
import Mustache
import Quantities

extension Sandbox {
    func page(of reference: String, books: some SandboxBooks) throws -> Response {
        guard let payment = try books.object("payment", reference).flatMap({ SandboxPayment(stored: $0) }),
            let currency = Currency(code: payment.currency)
        else { return html(404, try Self.missing.rendered([:])) }
        let model: [String: Any] = [
            "amount": Money(minorUnits: payment.amount, currency: currency).description,
            "isSetUp": payment.isSetUp, "merchant": payment.description, "back": payment.returnURL,
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

    func challengePage(of reference: String, books: some SandboxBooks) throws -> Response {
        guard let payment = try books.object("payment", reference).flatMap({ SandboxPayment(stored: $0) }),
            let currency = Currency(code: payment.currency)
        else { return html(404, try Self.missing.rendered([:])) }
        let model: [String: Any] = [
            "amount": Money(minorUnits: payment.amount, currency: currency).description,
            "merchant": payment.description, "back": payment.returnURL,
            "isOpen": payment.status == "requires_action" && payment.isChallenged,
        ]
        return html(200, try Self.challenge.rendered(model))
    }

    /// The visitor picked an instrument: approved or declined, back to the shop, and the webhook on its way; or on to the
    /// bank's page first.
    func decide(
        _ reference: String, form: Form, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard var payment = try load(reference, books, at: now) else {
            return (html(404, try Self.missing.rendered([:])), [])
        }
        let back = Self.redirect(to: payment.returnURL)
        guard payment.status == "requires_action", var name = form["instrument"] else { return (back, []) }
        var desk = desk(for: payment, at: now)
        if name == "cancel" {
            // A Checkout Session stays open when its visitor turns back.
            if payment.stripe != .null {
                return (Self.redirect(to: payment.stripe["cancel_url"]?.string ?? ""), [])
            }
            payment.declineCode = "cancelled"
            try desk.become("declined", &payment, books: books)
            return (back, desk.webhooks)
        }
        guard Self.isInstrument(name) else { return (.json(400, ["error": "unknown_instrument"]), []) }
        // A fault armed for the page makes the next instrument another one.
        if let armed = try Self.take("page", for: payment.account, books: books), Self.isInstrument(armed) {
            name = armed
        }
        guard !name.hasPrefix("challenge_") else {
            payment.instrument = name
            payment.isChallenged = true
            try save(payment, books)
            return (Self.redirect(to: payment.page("")), [])
        }
        try desk.approve(&payment, with: name, books: books)
        return (back, desk.webhooks)
    }

    /// The visitor answered on the bank's page. Who picked the abandoned one leaves without an answer.
    func decideChallenge(
        _ reference: String, form: Form, at now: Instant, books: some SandboxBooks
    ) throws -> (Response, [Webhook]) {
        guard var payment = try load(reference, books, at: now) else {
            return (html(404, try Self.missing.rendered([:])), [])
        }
        let back = Self.redirect(to: payment.returnURL)
        guard payment.status == "requires_action", payment.isChallenged, let name = payment.instrument,
            name != "challenge_abandon"
        else { return (back, []) }
        var desk = desk(for: payment, at: now)
        let isConfirmed = form["answer"] == "confirm"
        try desk.approve(&payment, with: isConfirmed ? name : "challenge_fail", books: books)
        return (back, desk.webhooks)
    }

    /// A desk for what a visitor does to a payment; the visitor needs no secret.
    private func desk(for payment: SandboxPayment, at now: Instant) -> SandboxDesk {
        SandboxDesk(
            sandbox: self, merchant: Merchant(account: payment.account, secret: "", webhookSecret: ""),
            now: now)
    }

    private static func redirect(to place: String) -> Response {
        Response(status: 303, headers: ["Location": place], body: [])
    }

    private func html(_ status: Int, _ text: String) -> Response {
        Response(
            status: status,
            headers: ["Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"],
            body: Array(text.utf8))
    }

    private static let checkout = SandboxTemplate(PackageResources.sandbox_checkout_mustache)
    private static let challenge = SandboxTemplate(PackageResources.sandbox_challenge_mustache)
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
