// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities

/// Everything the charger door may ask of `Billing`, and nothing else. Each call is one verb with one transaction.
///
/// The door authenticates and translates; whatever is decided is decided behind this protocol.
package protocol StationDoor: Sendable {
    /// May this identity connect? Asked before the WebSocket is accepted.
    func admit(_ knock: StationKnock) async throws -> Admission
    /// A socket was opened: the station is online, with this version of OCPP.
    func connected(_ station: StationID, connection: ConnectionID, version: String) async throws
    /// The socket is gone; `lastSeenAt` is when the station was last heard.
    func disconnected(_ station: StationID, connection: ConnectionID, lastSeenAt: Instant) async throws
    /// Stores the frame, interprets the message and says what to answer: when this returns, everything is durable.
    ///
    /// A repeated frame gives the first answer again. Throws only if nothing could be stored (C45).
    func receive(_ message: StationMessage, in frame: ReceivedFrame) async throws -> StationAnswer
    /// Stores a frame that asks for no decision: what we sent, what the station replied, what could not be read.
    func keep(_ frame: ReceivedFrame, direction: FrameDirection, state: FrameState) async throws
    /// Leases the commands due to these stations, oldest first, at most one per station.
    func claimCommands(for stations: [StationID]) async throws -> [ClaimedCommand]
    /// What became of a claimed command.
    func recordReply(_ reply: CommandReply, to command: ClaimedCommand) async throws
    /// Rings when a command may be waiting; the door looks every two seconds as well.
    func commandBell() async -> AsyncStream<Void>
    /// The present instant, by the one clock (decided.md, Time).
    var now: Instant { get }
}

/// A station that wants to connect.
package struct StationKnock: Hashable, Sendable {
    /// The identity in the path, percent-decoded once.
    package var identity: String
    /// User name and password of Basic authentication, if sent.
    package var credential: Credential?
    /// Where it comes from, for the waiting list and for slowing down guesses.
    package var address: String
    /// The subprotocols it offers.
    package var offered: [String]
    /// Whether the connection is encrypted.
    package var isEncrypted: Bool

    /// Basic authentication as sent; the password is bytes, since 1.6 keys may be any.
    package struct Credential: Hashable, Sendable {
        package var user: String
        package var password: [UInt8]

        package init(user: String, password: [UInt8]) {
            self.user = user
            self.password = password
        }
    }

    package init(
        identity: String, credential: Credential?, address: String, offered: [String], isEncrypted: Bool
    ) {
        self.identity = identity
        self.credential = credential
        self.address = address
        self.offered = offered
        self.isEncrypted = isEncrypted
    }
}

/// Whether a station may connect.
package enum Admission: Hashable, Sendable {
    /// Yes.
    case admitted(StationID)
    /// Nobody knows it: 404. It is on the waiting list now, unless the installation refuses.
    case unknown
    /// Wrong or missing password: 401.
    case wrongCredential
    /// Too many wrong passwords from that address: 429.
    case tooManyAttempts
}

/// A frame as it came over the wire, or left.
package struct ReceivedFrame: Hashable, Sendable {
    package var station: StationID
    package var connection: ConnectionID
    /// `1.6`, `2.0.1` or `2.1`.
    package var version: String
    package var messageID: String
    /// The message's name; empty if it could not be read.
    package var action: String
    /// Exactly the bytes of the frame.
    package var bytes: [UInt8]
    package var receivedAt: Instant
    /// What was unusual about it, one sentence each.
    package var findings: [String]

    package init(
        station: StationID, connection: ConnectionID, version: String, messageID: String, action: String,
        bytes: [UInt8], receivedAt: Instant, findings: [String] = []
    ) {
        self.station = station
        self.connection = connection
        self.version = version
        self.messageID = messageID
        self.action = action
        self.bytes = bytes
        self.receivedAt = receivedAt
        self.findings = findings
    }
}

/// Which way a frame went.
package enum FrameDirection: String, Hashable, Sendable, Codable {
    case inbound = "in"
    case outbound = "out"
}

/// What became of a frame.
package enum FrameState: String, Hashable, Sendable, Codable {
    /// Understood and acted on.
    case interpreted
    /// The same message again; answered like the first.
    case duplicate
    /// Stored, answered, and left for a person.
    case uninterpreted
    /// Longer than what is read; its beginning is stored.
    case oversized
    /// Kept for the record only.
    case kept
}

/// A command that this node may send now.
package struct ClaimedCommand: Hashable, Sendable {
    /// The durable command.
    package var id: CommandID
    package var station: StationID
    package var command: StationCommand
    /// After this it is withdrawn and never sent.
    package var deadline: Instant
    /// The outbox row and the fence of its lease.
    package var parcel: ParcelID
    package var fence: Int64

    package init(
        id: CommandID, station: StationID, command: StationCommand, deadline: Instant, parcel: ParcelID,
        fence: Int64
    ) {
        self.id = id
        self.station = station
        self.command = command
        self.deadline = deadline
        self.parcel = parcel
        self.fence = fence
    }
}
