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
    var instrument: String?
    var declineCode: String?
    var captureBefore: Instant?
    var wasBusy = false
    var wasLost = false

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
        status = json["status"]?.string ?? status
        authorized = json["authorized"]?.int64 ?? 0
        captured = json["captured"]?.int64 ?? 0
        refunded = json["refunded"]?.int64 ?? 0
        sequence = json["sequence"]?.int64 ?? 0
        updatedAt = json["updated_at"]?.string.flatMap { Instant(iso8601: $0) }
        instrument = json["chosen"]?.string
        declineCode = json["decline_code"]?.string
        captureBefore = json["capture_before"]?.string.flatMap { Instant(iso8601: $0) }
        wasBusy = json["was_busy"]?.bool ?? false
        wasLost = json["was_lost"]?.bool ?? false
    }

    /// As it is stored.
    var stored: String {
        JSON.present([
            "reference": .string(reference), "account": .string(account), "amount": JSON(amount),
            "currency": .string(currency), "return_url": .string(returnURL),
            "description": .string(description),
            "status": .string(status), "authorized": JSON(authorized), "captured": JSON(captured),
            "refunded": JSON(refunded), "sequence": JSON(sequence),
            "updated_at": updatedAt.map { .string($0.iso8601) }, "chosen": instrument.map { .string($0) },
            "decline_code": declineCode.map { .string($0) },
            "capture_before": captureBefore.map { .string($0.iso8601) }, "was_busy": .bool(wasBusy),
            "was_lost": .bool(wasLost),
        ]).text()
    }

    /// As its API shows it.
    func shown(_ baseURL: String) -> JSON {
        let needsDriver = status == "requires_action"
        return .present([
            "id": .string("sbx_" + reference.dropFirst(4)), "reference": .string(reference),
            "status": .string(status),
            "amount": JSON(amount), "currency": .string(currency), "authorized": JSON(authorized),
            "captured": JSON(captured), "refunded": JSON(refunded), "sequence": JSON(sequence),
            "updated_at": updatedAt.map { .string($0.iso8601) }, "capabilities": Self.capabilities,
            "capture_before": captureBefore.map { .string($0.iso8601) },
            "decline_code": declineCode.map { .string($0) },
            "action_url": needsDriver ? .string("\(baseURL)/sandbox/checkout/\(reference)") : nil,
            "instrument": instrument.flatMap { card(for: $0) },
        ])
    }

    /// What may be done with an authorisation of the Sandbox.
    private static let capabilities: JSON = [
        "releases_remainder": true, "can_void_by_reference": true, "can_refund_partially": true,
        "can_capture_again": true,
    ]

    /// What the merchant may know of the instrument.
    private func card(for name: String) -> JSON? {
        switch name {
        case "wallet_apple": ["kind": "card", "brand": "Visa", "last4": "4242", "wallet": "apple_pay"]
        case "wallet_google":
            ["kind": "card", "brand": "Mastercard", "last4": "4444", "wallet": "google_pay"]
        default: ["kind": "card", "brand": "Visa", "last4": "4242"]
        }
    }
}
