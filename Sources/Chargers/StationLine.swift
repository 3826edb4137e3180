// SPDX-License-Identifier: Apache-2.0
import JSONText
import OCPP
import Quantities
import Synchronization

/// The near end of one connection: who has it can ask the station, or hang up.
final class StationLine: Sendable {
    /// What happens to a connection.
    enum Input: Sendable {
        /// Bytes of one message of the station.
        case heard([UInt8])
        /// The answer to the station's present call is ready, and whether it may work from now on.
        case answered(Frame, isAdmitted: Bool?)
        /// Somebody here wants to call; the number says who waits for the outcome.
        case ask(Commands.Rendered, within: Elapsed, waiter: Int)
        /// Time passed.
        case passed
        /// The socket is gone.
        case closed
    }

    private struct Waiters {
        var continuations: [Int: CheckedContinuation<Conversation.Outcome, Never>] = [:]
        var count = 0
        var hasEnded = false
    }

    let version: OCPPVersion
    /// What is said on the socket, both ways.
    let talk: Mutex<Talk>
    private let socket: StationSocket
    let connectedAt: Instant
    private let take: @Sendable (Input, StationLine) async -> Void
    private let waiters = Mutex(Waiters())
    private let admission = Mutex(true)

    /// `take` deals with what is posted.
    init(
        version: OCPPVersion, socket: StationSocket, talk: Talk, connectedAt: Instant,
        take: @escaping @Sendable (Input, StationLine) async -> Void
    ) {
        self.version = version
        self.socket = socket
        self.talk = Mutex(talk)
        self.connectedAt = connectedAt
        self.take = take
    }

    var lastSeenAt: Instant { socket.guest.pulse.lastSeenAt }

    /// Whether the station's last boot was accepted, or it needed none: until then it is not asked to start or stop (C17).
    var isAdmitted: Bool { admission.withLock { $0 } }

    func admit(_ isAdmitted: Bool) { admission.withLock { $0 = isAdmitted } }

    /// Hands something to the connection.
    func post(_ input: Input) { socket.work { [self] in await take(input, self) } }

    /// Calls the station; `within` is how long the call may wait for its turn. Always returns.
    func ask(_ message: Commands.Rendered, within: Elapsed) async -> Conversation.Outcome {
        await withCheckedContinuation { continuation in
            let waiter: Int? = waiters.withLock { waiters in
                guard !waiters.hasEnded else { return nil }
                waiters.count += 1
                waiters.continuations[waiters.count] = continuation
                return waiters.count
            }
            guard let waiter else { return continuation.resume(returning: .neverSent) }
            post(.ask(message, within: within, waiter: waiter))
        }
    }

    /// Tells whoever waits how the call ended.
    func settle(_ waiter: Int, _ outcome: Conversation.Outcome) {
        waiters.withLock { $0.continuations.removeValue(forKey: waiter) }?.resume(returning: outcome)
    }

    /// The connection is over: whoever still waits was never heard.
    func end() {
        let left = waiters.withLock { waiters in
            waiters.hasEnded = true
            defer { waiters.continuations = [:] }
            return waiters.continuations
        }
        for continuation in left.values { continuation.resume(returning: .neverSent) }
        talk.withLock { $0.cancelAlarm() }
    }

    func hangUp(_ reason: SocketClosing) { socket.close(reason) }
}
