// SPDX-License-Identifier: Apache-2.0

/// A version of OCPP that runs over JSON and WebSocket.
public enum OCPPVersion: String, Hashable, Sendable, CaseIterable, Codable {
    /// OCPP-J 1.6.
    case v16 = "1.6"
    /// OCPP 2.0.1.
    case v201 = "2.0.1"
    /// OCPP 2.1.
    case v21 = "2.1"

    /// The WebSocket subprotocol, as registered with IANA.
    public var subprotocol: String { "ocpp" + rawValue }

    /// The version of a subprotocol's name; compared exactly (J §3.2).
    public init?(subprotocol: String) {
        guard let version = Self.allCases.first(where: { $0.subprotocol == subprotocol }) else { return nil }
        self = version
    }

    /// The newest version among those a client offers; our order counts, not the client's (C1).
    public static func newest(among offered: [String]) -> OCPPVersion? {
        [OCPPVersion.v21, .v201, .v16].first { offered.contains($0.subprotocol) }
    }
}
