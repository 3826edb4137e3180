// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
package import Quantities

extension SandboxGateway {
    /// The header that carries `t=<seconds>,v1=<hex>`.
    package static let signatureHeader = "sandbox-signature"
    /// How far the time of a signature may be from ours, in either direction (payments.md §5.2).
    private static let tolerance = Elapsed.seconds(300)

    /// The signature of a body: HMAC-SHA256 over `"<t>.<body>"`.
    package static func signature(of body: [UInt8], secret: WebhookSecret, at now: Instant) -> String {
        let message = Array("\(now.seconds).".utf8) + body
        return "t=\(now.seconds),v1=" + HMACDigest.hex(of: message, key: Array(secret.text.utf8))
    }

    package func facts(
        in delivery: WebhookDelivery, secrets: [WebhookSecret], at now: Instant
    ) throws(Rejection) -> [GatewayFact] {
        try check(delivery, secrets: secrets, at: now)
        let body: JSON
        do {
            body = try JSON.parse(delivery.body)
        } catch {
            throw .unreadable(error.message)
        }
        guard let object = body["object"], let code = object["currency"]?.string,
            let currency = Currency(code: code)
        else { throw .unreadable("no payment in it") }
        guard let fact = fact(in: object, currency: currency) else { return [] }
        return [fact]
    }

    private func check(_ delivery: WebhookDelivery, secrets: [WebhookSecret], at now: Instant)
        throws(Rejection)
    {
        guard let header = delivery.header(Self.signatureHeader) else { throw .unsigned }
        let fields = header.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
        guard let time = fields.first(where: { $0.first == "t" })?.last.flatMap({ Int64($0) }) else {
            throw .unsigned
        }
        let claimed = Instant(seconds: time)
        let fits = secrets.contains { secret in
            let expected = Array(Self.signature(of: delivery.body, secret: secret, at: claimed).utf8)
            return constantTimeEquals(expected, Array(header.utf8))
        }
        guard fits else { throw .badSignature }
        guard now - claimed <= Self.tolerance, claimed - now <= Self.tolerance else { throw .wrongTime }
    }
}
