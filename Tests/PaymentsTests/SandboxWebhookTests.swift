// SPDX-License-Identifier: Apache-2.0

import Digests
import Payments
import Quantities
import Testing

/// Which webhooks are believed (F26, F27).
@Suite("Webhooks of the Sandbox")
struct SandboxWebhookTests {
    @Test("a signed one tells its fact with its order")
    func believed() throws {
        let facts = try read(headers: [SandboxGateway.signatureHeader: signature(body)], body: body)
        #expect(facts.map(\.event) == [.captured(.eur(18_37))])
        #expect(facts.first?.payment == PaymentID("pay_1"))
        #expect(
            facts.first?.order == FactOrder(occurredAt: Instant(seconds: 1_790_000_000), sequence: 3))
    }

    @Test("300 s are tolerated both ways, and no second more", arguments: [-301, -300, 0, 300, 301])
    func tolerance(seconds: Int64) throws {
        let late = Instant(seconds: now.seconds + seconds)
        let headers = [SandboxGateway.signatureHeader: signature(body)]
        if abs(seconds) <= 300 {
            #expect(try read(headers: headers, body: body, at: late).count == 1)
        } else {
            #expect(throws: Rejection.wrongTime) { try read(headers: headers, body: body, at: late) }
        }
    }

    @Test("F26: forged, unsigned, cut or re-serialised ones are refused")
    func refused() throws {
        let good = signature(body)
        #expect(throws: Rejection.unsigned) { try read(headers: [:], body: body) }
        for header in ["", "t=", "t=abc,v1=00", "v1=00", "t", "=", ",", "t=-", "t=1e9,v1=0"] {
            #expect(throws: Rejection.self) {
                try read(headers: [SandboxGateway.signatureHeader: header], body: body)
            }
        }
        #expect(throws: Rejection.badSignature) {
            try read(headers: [SandboxGateway.signatureHeader: good], body: body + [32])
        }
        let other = SandboxGateway.signature(of: body, secret: WebhookSecret("other"), at: now)
        #expect(throws: Rejection.badSignature) {
            try read(headers: [SandboxGateway.signatureHeader: other], body: body)
        }
        #expect(throws: Rejection.badSignature) {
            try read(headers: [SandboxGateway.signatureHeader: String(good.dropLast())], body: body)
        }
    }

    @Test("a time beyond all times is refused like any other", arguments: [Int64.max, .min, 9_223_372_037])
    func absurdTime(seconds: Int64) throws {
        for secret in ["whsec", "other"] {
            let message = Array("\(seconds).".utf8) + body
            let header = "t=\(seconds),v1=" + HMACDigest.hex(of: message, key: Array(secret.utf8))
            #expect(throws: secret == "whsec" ? Rejection.wrongTime : .badSignature) {
                try read(headers: [SandboxGateway.signatureHeader: header], body: body)
            }
        }
    }

    @Test("F27: while a secret is being changed, either of them is enough on either side")
    func rotation() throws {
        let fields = signature(body).split(separator: ",")
        let two = "\(fields[0]),v1=\(String(repeating: "0", count: 64)),\(fields[1])"
        #expect(try read(headers: [SandboxGateway.signatureHeader: two], body: body).count == 1)
        let facts = try SandboxGateway().facts(
            in: WebhookDelivery(headers: [SandboxGateway.signatureHeader: signature(body)], body: body),
            secrets: [WebhookSecret("next"), WebhookSecret("whsec")], at: now)
        #expect(facts.count == 1)
    }

    @Test("F18: a status nobody has heard of is no fact, and an unreadable body is said to be one")
    func unknown() throws {
        let odd = Array(#"{"object":{"reference":"pay_1","currency":"EUR","status":"frobnicated"}}"#.utf8)
        #expect(try read(headers: [SandboxGateway.signatureHeader: signature(odd)], body: odd) == [])
        for text in ["", "{", "[]", "{}", #"{"object":{"currency":"XXQ"}}"#] {
            let body = Array(text.utf8)
            #expect(throws: Rejection.self) {
                try read(headers: [SandboxGateway.signatureHeader: signature(body)], body: body)
            }
        }
    }

    private let now = Instant(seconds: 1_790_000_000)
    private let body = Array(
        """
        {"type":"payment.captured","object":{"id":"sbx_1","reference":"pay_1","status":"captured",\
        "captured":1837,"currency":"EUR","sequence":3,"updated_at":"2026-09-21T14:13:20Z"}}
        """.utf8)

    private func signature(_ body: [UInt8]) -> String {
        SandboxGateway.signature(of: body, secret: WebhookSecret("whsec"), at: now)
    }

    private func read(headers: [String: String], body: [UInt8], at time: Instant? = nil) throws
        -> [GatewayFact]
    {
        try SandboxGateway().facts(
            in: WebhookDelivery(headers: headers, body: body), secrets: [WebhookSecret("whsec")],
            at: time ?? now
        ).compactMap(\.payment)
    }
}
