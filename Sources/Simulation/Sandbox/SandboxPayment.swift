// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// A payment in the Sandbox's own books.
struct SandboxPayment: Hashable, Sendable {
    let reference: String
    let account: String
    let amount: Int64
    let currency: String
    let returnURL: String
    let description: String
    var status = "requires_action"
    var authorized: Int64 = 0
    var captured: Int64 = 0
    var refunded: Int64 = 0
    /// How often it changed; with the time it is the order of its facts.
    var sequence: Int64 = 0
    var updatedAt: Instant?
    var createdAt: Instant?
    var instrument: String?
    var declineCode: String?
    var captureBefore: Instant?
    /// 3-D Secure is asked for and not answered.
    var isChallenged = false
    /// The money is taken with the approval.
    var capturesAtOnce = false
    /// The page is for leaving a method, not for paying.
    var isSetUp = false
    var savesMethod = false
    /// The driver is absent.
    var isOffSession = false
    /// The stored method, once there is one.
    var method: String?
    var payer: String?
    /// How often raising the hold was tried.
    var increments: Int64 = 0
    /// The operations that have had their trouble.
    var troubled: [String] = []
    /// What only the Stripe-shaped dialect knows of it; null for a payment of the Sandbox's own.
    var stripe: JSON = .null

    init(
        reference: String, account: String, amount: Int64, currency: String, returnURL: String,
        description: String
    ) {
        self.reference = reference
        self.account = account
        self.amount = amount
        self.currency = currency
        self.returnURL = returnURL
        self.description = description
    }

    /// What it is from now on, in the order of its facts.
    mutating func become(_ status: String, at now: Instant) {
        self.status = status
        isChallenged = false
        sequence += 1
        updatedAt = now
    }

    /// Reads it back; nil for something else.
    init?(stored text: String) {
        // else no payment
        guard let json = try? JSON.parse(Array(text.utf8)), let reference = json["reference"]?.string,
            let amount = json["amount"]?.int64, let currency = json["currency"]?.string
        else { return nil }
        self.init(
            reference: reference, account: json["account"]?.string ?? "", amount: amount, currency: currency,
            returnURL: json["return_url"]?.string ?? "", description: json["description"]?.string ?? "")
        func flag(_ name: String) -> Bool { json[name]?.bool ?? false }
        func time(_ name: String) -> Instant? { json[name]?.string.flatMap { Instant(iso8601: $0) } }
        status = json["status"]?.string ?? status
        authorized = json["authorized"]?.int64 ?? 0
        captured = json["captured"]?.int64 ?? 0
        refunded = json["refunded"]?.int64 ?? 0
        sequence = json["sequence"]?.int64 ?? 0
        updatedAt = time("updated_at")
        createdAt = time("created_at")
        instrument = json["chosen"]?.string
        declineCode = json["decline_code"]?.string
        captureBefore = time("capture_before")
        isChallenged = flag("is_challenged")
        capturesAtOnce = flag("captures_at_once")
        isSetUp = flag("is_set_up")
        savesMethod = flag("saves_method")
        isOffSession = flag("is_off_session")
        method = json["method"]?.string
        payer = json["payer"]?.string
        increments = json["increments"]?.int64 ?? 0
        troubled = (json["troubled"]?.array ?? []).compactMap(\.string)
        stripe = json["stripe"] ?? .null
    }

    /// As it is stored.
    var stored: String {
        JSON.present([
            "reference": .string(reference), "account": .string(account), "amount": JSON(amount),
            "currency": .string(currency), "return_url": .string(returnURL),
            "description": .string(description),
            "status": .string(status), "authorized": JSON(authorized), "captured": JSON(captured),
            "refunded": JSON(refunded), "sequence": JSON(sequence),
            "updated_at": updatedAt.map { .string($0.iso8601) },
            "created_at": createdAt.map { .string($0.iso8601) }, "chosen": instrument.map { .string($0) },
            "decline_code": declineCode.map { .string($0) },
            "capture_before": captureBefore.map { .string($0.iso8601) },
            "is_challenged": .bool(isChallenged), "captures_at_once": .bool(capturesAtOnce),
            "is_set_up": .bool(isSetUp), "saves_method": .bool(savesMethod),
            "is_off_session": .bool(isOffSession), "method": method.map { .string($0) },
            "payer": payer.map { .string($0) }, "increments": JSON(increments),
            "troubled": .array(troubled.map { .string($0) }), "stripe": stripe,
        ]).text()
    }

    /// As its API shows it.
    func shown(_ baseURL: String) -> JSON {
        .present([
            "id": .string("sbx_" + reference.dropFirst(4)), "reference": .string(reference),
            "status": .string(status),
            "amount": JSON(amount), "currency": .string(currency), "authorized": JSON(authorized),
            "captured": JSON(captured), "refunded": JSON(refunded), "sequence": JSON(sequence),
            "updated_at": updatedAt.map { .string($0.iso8601) },
            "capabilities": instrument.map { capabilities(of: $0) },
            "capture_before": captureBefore.map { .string($0.iso8601) },
            "decline_code": declineCode.map { .string($0) },
            "method": method.map { .string($0) }, "payer": payer.map { .string($0) },
            "action_url": status == "requires_action" ? .string(page(baseURL)) : nil,
            "instrument": instrument.map { card($0) },
        ])
    }

    /// The page on which its visitor decides next.
    func page(_ baseURL: String) -> String {
        "\(baseURL)/sandbox/\(isChallenged ? "3ds" : "checkout")/\(reference)"
    }

    /// What may be done with an authorisation of the Sandbox.
    private func capabilities(of instrument: String) -> JSON {
        [
            "increments_left": JSON(Sandbox.incrementsLeft(of: instrument, tried: increments)),
            "releases_remainder": true, "can_void_by_reference": true, "can_refund_partially": true,
            "can_capture_again": true, "minimum_charge": 50,
        ]
    }

    private func card(_ instrument: String) -> JSON {
        let card = Sandbox.card(instrument)
        return .present([
            "kind": "card", "brand": .string(card.brand), "last4": .string(card.last4),
            "wallet": card.wallet.map { .string($0) }, "expires": "2031-12",
            "fingerprint": .string("fp_\(instrument)"),
        ])
    }
}
