// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOHTTP1

/// A request for a WebSocket, as far as deciding about it needs.
package struct UpgradeRequest: Sendable {
    /// The path as sent, without the query, not decoded.
    package let path: String
    /// The Authorization header, if there is exactly one.
    package let authorization: String?
    /// The subprotocols offered, in their order.
    package let subprotocols: [String]
    /// Whether the client offers permessage-deflate in a form that we take.
    package let offersDeflate: Bool
    /// The peer's IP address; empty for a socket without one.
    package let address: String
    /// The last address that a proxy says it forwards for (`X-Forwarded-For`); worth as much as the proxy.
    package let forwardedFor: String?
    /// Whether a proxy says that its client's line is encrypted (`X-Forwarded-Proto`).
    package let isForwardedEncrypted: Bool

    /// Nil if the request asks for no WebSocket: it is plain HTTP then.
    init?(_ head: HTTPRequestHead, from address: SocketAddress?) {
        let upgrades = head.headers[canonicalForm: "upgrade"].map { $0.lowercased() }
        guard head.method == .GET, head.version == .http1_1, upgrades.contains("websocket"),
            head.headers["sec-websocket-version"] == ["13"], head.headers["sec-websocket-key"].count == 1,
            head.headers["sec-websocket-key"].first?.utf8.count == 24
        else { return nil }
        path = String(head.uri.prefix { $0 != "?" })
        let authorizations = head.headers["authorization"]
        authorization = authorizations.count == 1 ? authorizations.first : nil
        subprotocols = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        let extensions = head.headers[canonicalForm: "sec-websocket-extensions"].map(String.init)
        offersDeflate = extensions.contains(where: Self.isAcceptableDeflate)
        self.address = address?.ipAddress ?? ""
        forwardedFor = head.headers[canonicalForm: "x-forwarded-for"].last.map { String($0) }
        isForwardedEncrypted =
            head.headers[canonicalForm: "x-forwarded-proto"].last.map { word in
                ["https", "wss"].contains(word.lowercased())
            } ?? false
    }

    /// We compress without memory between messages and with the largest window; an offer that wants a smaller
    /// window of us is declined (RFC 7692 §7.1.2.1).
    private static func isAcceptableDeflate(_ offer: String) -> Bool {
        let parts = offer.lowercased().split(separator: ";").map { part in
            part.drop { $0 == " " }.prefix { $0 != " " && $0 != "=" }
        }
        guard parts.first == "permessage-deflate" else { return false }
        let known: Set<Substring> = [
            "server_no_context_takeover", "client_no_context_takeover", "client_max_window_bits",
        ]
        return parts.dropFirst().allSatisfy(known.contains)
    }
}
