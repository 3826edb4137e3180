// SPDX-License-Identifier: Apache-2.0

import Digests
import JSONText
package import Quantities

extension SandboxGateway {
    /// The header that carries `t=<seconds>,v1=<hex>`.
    package static let signatureHeader = "sandbox-signature"
    /// How far the time of a signature may be from ours, in either direction (payments.md §5.2).
    private static let toleranceSeconds: UInt64 = 300

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
        let fields = header.split(separator: ",").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        guard let time = fields.first(where: { $0[0] == "t" })?.last.flatMap({ Int64($0) }) else {
            throw .unsigned
        }
        // Several signatures of one body: while a secret is being changed both sides know two (F27).
        let given = fields.filter { $0[0] == "v1" }.compactMap(\.last).map { Array($0.utf8) }
        let message = Array("\(time).".utf8) + delivery.body
        let fits = secrets.contains { secret in
            let expected = Array(HMACDigest.hex(of: message, key: Array(secret.text.utf8)).utf8)
            return given.contains { constantTimeEquals($0, expected) }
        }
        guard fits else { throw .badSignature }
        // Anybody may write any number there, so it is compared in a way that cannot overflow.
        let (away, isTooFar) = time.subtractingReportingOverflow(now.seconds)
        guard !isTooFar, away.magnitude <= Self.toleranceSeconds else { throw .wrongTime }
    }
}
