// SPDX-License-Identifier: Apache-2.0
package import Billing
import FoundationEssentials
package import Logging
import OCPP
package import Quantities

/// Door 1: lets stations in at `/ocpp/{stationId}` and serves them.
package struct ChargerEndpoint: Sendable {
    let door: any StationDoor
    let registry: ConnectionRegistry
    /// A new name for a connection.
    let newConnection: @Sendable () -> ConnectionID
    let versions: Set<OCPPVersionName>
    let isEncrypted: Bool
    /// Addresses of proxies whose word about the line and the client counts.
    let trustedProxies: Set<String>
    let log: Logger
    private let pace: HandshakePace

    /// Names of the versions that stations may use: `1.6`, `2.0.1`, `2.1`.
    package typealias OCPPVersionName = String

    package init(
        door: any StationDoor, registry: ConnectionRegistry,
        newConnection: @escaping @Sendable () -> ConnectionID,
        versions: Set<OCPPVersionName> = ["1.6", "2.0.1", "2.1"], isEncrypted: Bool = false,
        trustedProxies: Set<String> = [], pace: HandshakePace = HandshakePace(), log: Logger
    ) {
        self.door = door
        self.registry = registry
        self.newConnection = newConnection
        self.versions = versions
        self.isEncrypted = isEncrypted
        self.trustedProxies = trustedProxies
        self.log = log
        self.pace = pace
    }

    /// Whether whoever knocks is a station that may come in (charging.md §1; C1 to C4).
    package func decide(_ request: UpgradeRequest) async -> Gate.Decision {
        guard let segment = Self.segment(of: request.path) else { return .http }
        guard let identity = StationIdentity.decoded(segment) else {
            return .refuse(Gate.Refusal(404, "No such station"))
        }
        guard await pace.admits() else { return .refuse(Self.busy) }
        let isProxy = trustedProxies.contains(request.address)
        let knock = StationKnock(
            identity: identity, credential: Self.credential(request.authorization),
            address: isProxy ? request.forwardedFor ?? request.address : request.address,
            offered: request.subprotocols,
            isEncrypted: isEncrypted || (isProxy && request.isForwardedEncrypted))
        do {
            switch try await door.admit(knock) {
            case .admitted(let station): return accept(station, identity, request)
            case .unknown: return .refuse(Gate.Refusal(404, "No such station"))
            case .wrongCredential:
                let challenge = (name: "WWW-Authenticate", value: "Basic realm=\"ocpp\", charset=\"UTF-8\"")
                return .refuse(
                    Gate.Refusal(401, "The identity or its password is wrong", fields: [challenge]))
            case .tooManyAttempts:
                return .refuse(
                    Gate.Refusal(429, "Too many wrong passwords", fields: [("Retry-After", "300")]))
            }
        } catch {
            log.error("cannot decide about a station", metadata: ["error": "\(error)"])
            return .refuse(Self.busy)
        }
    }

    /// Serves one station until its socket closes.
    package func serve(_ socket: StationSocket) async {
        guard let version = socket.guest.version else { return await hangUp(socket) }
        let station = socket.guest.station
        let connection = newConnection()
        var log = log
        log[metadataKey: "connection"] = "\(connection)"
        do {
            try await door.connected(station, connection: connection, version: version.rawValue)
        } catch {
            log.error("connection not stored", metadata: ["station": "\(station)", "error": "\(error)"])
            return await hangUp(socket, .internalError)
        }
        let charger = ChargerConnection(
            door: door, registry: registry, socket: socket, version: version, connection: connection, log: log
        )
        guard await charger.run() else { return }
        do {
            try await door.disconnected(
                station, connection: connection, lastSeenAt: socket.guest.pulse.lastSeenAt)
        } catch {
            log.error("disconnection not stored", metadata: ["station": "\(station)", "error": "\(error)"])
        }
    }

    private static let busy = Gate.Refusal(503, "Busy", fields: [("Retry-After", "10")])

    private func accept(_ station: StationID, _ identity: String, _ request: UpgradeRequest) -> Gate.Decision
    {
        let allowed = request.subprotocols.filter { name in
            OCPPVersion(subprotocol: name).map { versions.contains($0.rawValue) } ?? false
        }
        let version = OCPPVersion.newest(among: allowed)
        let door = door
        return .accept(
            Guest(
                station: station, identity: identity, version: version,
                // P4 §3.4 asks for compression in 2.x; stations of 1.6 are not used to it.
                compresses: request.offersDeflate && version != nil && version != .v16,
                pulse: Pulse { door.now }))
    }

    /// J §3.2: without a common version the handshake is completed without the header, and the socket closed.
    private func hangUp(_ socket: StationSocket, _ reason: SocketClosing = .protocolError) async {
        socket.close(reason)
        await socket.serve { _ in }
    }

    /// The part of the path that names the station; nil if the path is not the stations'.
    private static func segment(of path: String) -> Substring? {
        guard path.hasPrefix("/ocpp/") else { return nil }
        return path.dropFirst("/ocpp/".count)
    }

    /// User name and password of Basic authentication (RFC 7617); the password is bytes, as 1.6 keys may be any.
    private static func credential(_ header: String?) -> StationKnock.Credential? {
        guard let header, header.lowercased().hasPrefix("basic "),
            let decoded = Data(base64Encoded: header.dropFirst(6).filter { $0 != " " })
        else { return nil }
        let bytes = Array(decoded)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let user = String(validating: bytes[..<colon], as: UTF8.self)
        else { return nil }
        return StationKnock.Credential(user: user, password: Array(bytes[(colon + 1)...]))
    }
}

/// The identity of a station in the path (P2 Identity; C4).
package enum StationIdentity {
    /// The identity, percent-decoded once; nil if it is empty, longer than 48 characters, not UTF-8, or holds a
    /// colon, a slash or a control character.
    package static func decoded(_ segment: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = segment.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hex), let low = rest.popFirst().flatMap(hex) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        guard let identity = String(validating: bytes, as: UTF8.self), (1...48).contains(identity.count)
        else { return nil }
        let isPlain = identity.unicodeScalars.allSatisfy { scalar in
            scalar != ":" && scalar != "/" && scalar.properties.generalCategory != .control
        }
        return isPlain ? identity : nil
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
