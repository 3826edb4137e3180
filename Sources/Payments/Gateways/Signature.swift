// SPDX-License-Identifier: Apache-2.0

import Digests
package import Quantities

/// The signature form `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `"<t>.<body>"`. The Sandbox and Stripe share it.
package enum TimedSignature {
    /// How far its time may be from ours, in either direction (payments.md §5.2).
    private static let toleranceSeconds: UInt64 = 300

    /// Signs a body.
    package static func text(of body: [UInt8], secret: WebhookSecret, at now: Instant) -> String {
        let message = Array("\(now.seconds).".utf8) + body
        return "t=\(now.seconds),v1=" + HMACDigest.hex(of: message, key: Array(secret.text.utf8))
    }

    /// Refuses what is unsigned, signed by somebody else, or not of now.
    static func check(_ header: String?, of body: [UInt8], secrets: [WebhookSecret], at now: Instant)
        throws(Rejection)
    {
        guard let header else { throw .unsigned }
        let fields = header.split(separator: ",").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        guard let time = fields.first(where: { $0[0] == "t" })?.last.flatMap({ Int64($0) }) else {
            throw .unsigned
        }
        // Several signatures of one body: while a secret is being changed both sides know two (F27).
        let given = fields.filter { $0[0] == "v1" }.compactMap(\.last).map { Array($0.utf8) }
        let message = Array("\(time).".utf8) + body
        let fits = secrets.contains { secret in
            let expected = Array(HMACDigest.hex(of: message, key: Array(secret.text.utf8)).utf8)
            return !secret.text.isEmpty && given.contains { constantTimeEquals($0, expected) }
        }
        guard fits else { throw .badSignature }
        // Anybody may write any number there, so it is compared in a way that cannot overflow.
        let (away, isTooFar) = time.subtractingReportingOverflow(now.seconds)
        guard !isTooFar, away.magnitude <= toleranceSeconds else { throw .wrongTime }
    }

    /// A delivery with other bytes and our own signature in the place of the gateway's.
    static func resealed(
        _ delivery: WebhookDelivery, _ header: String, body: [UInt8], secret: WebhookSecret, at now: Instant
    ) -> WebhookDelivery {
        var headers = delivery.headers.filter { $0.key.lowercased() != header }
        headers[header] = text(of: body, secret: secret, at: now)
        return WebhookDelivery(headers: headers, body: body)
    }
}
