// SPDX-License-Identifier: Apache-2.0
package import NIOCore
package import OCPP
package import Quantities
import Synchronization

/// A station that was let in.
package struct Guest: Sendable {
    /// Who it is.
    package let station: StationID
    /// Its identity in the path, for the log.
    package let identity: String
    /// The version it speaks; nil if it offers none of ours (J §3.2).
    package let version: OCPPVersion?
    /// Whether its messages may be compressed.
    package let compresses: Bool
    /// Told of every sign of life.
    package let pulse: Pulse

    package init(
        station: StationID, identity: String, version: OCPPVersion?, compresses: Bool, pulse: Pulse
    ) {
        self.station = station
        self.identity = identity
        self.version = version
        self.compresses = compresses
        self.pulse = pulse
    }
}

/// When a station was last heard: any frame counts (charging.md §1). Kept in memory only.
package final class Pulse: Sendable {
    private let clock: @Sendable () -> Instant
    private let last: Mutex<Instant>

    package init(clock: @escaping @Sendable () -> Instant) {
        self.clock = clock
        last = Mutex(clock())
    }

    /// The last sign of life.
    package var lastSeenAt: Instant { last.withLock { $0 } }

    func beat() {
        let now = clock()
        last.withLock { $0 = now }
    }
}

/// The socket of a station: whole messages in, whole messages out.
package struct StationSocket: Sendable {
    /// Whose it is.
    package let guest: Guest
    private let channel: any Channel
    private let handler: NIOLoopBound<MessageHandler>

    init(guest: Guest, channel: any Channel, handler: MessageHandler) {
        self.guest = guest
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Hands over each text message, joined and inflated, when the one before was dealt with; pings and closing are dealt with
    /// below. Returns when the socket is closed and all that came from it is dealt with; closes it when cancelled.
    package func serve(_ take: @escaping @Sendable (ByteBuffer) async -> Void) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { server in
                channel.eventLoop.execute { handler.value.serve(take, until: server) }
            }
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// Does something on the loop of the socket, in order; `serve` returns after it has ended.
    func work(_ body: @escaping @Sendable () async -> Void) {
        channel.eventLoop.execute { handler.value.work(body) }
    }

    /// Writes a message. Whether it arrives nobody knows; a socket that is gone is noticed by reading.
    package func write(_ message: ByteBuffer) { channel.writeAndFlush(message, promise: nil) }

    /// Closes with a code, after what was written before.
    package func close(_ reason: SocketClosing) {
        channel.triggerUserOutboundEvent(reason, promise: nil)
    }
}

/// Why we close a socket (RFC 6455 §7.4).
package enum SocketClosing: UInt16, Sendable {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case policyViolation = 1008
    case messageTooBig = 1009
    case internalError = 1011
}
