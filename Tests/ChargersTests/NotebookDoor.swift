// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Quantities
import Synchronization

/// What stands behind the door in these tests: it writes down what it is told, and answers by simple rules.
final class NotebookDoor: StationDoor {
    struct Notes {
        var messages: [StationMessage] = []
        var frames: [ReceivedFrame] = []
        var kept: [(frame: ReceivedFrame, direction: FrameDirection, state: FrameState)] = []
        var connections: [String] = []
        var commands: [ClaimedCommand] = []
        var replies: [CommandID: CommandReply] = [:]
        var knocks: [StationKnock] = []
    }

    struct Broken: Error {}

    let now = Instant(seconds: 1_795_521_600)
    private let notes = Mutex(Notes())
    private let stream: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation
    private let changed: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation
    private let passwords: [String: String?]
    private let isBroken: Bool
    private let boot: BootDecision
    /// Called before a message counts as stored.
    private let store: @Sendable (StationMessage) async throws -> Void

    init(
        passwords: [String: String?] = ["CP1": nil], isBroken: Bool = false, boot: BootDecision = .accepted,
        store: @escaping @Sendable (StationMessage) async throws -> Void = { _ in }
    ) {
        (stream, ring) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        (changed, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.passwords = passwords
        self.isBroken = isBroken
        self.boot = boot
        self.store = store
    }

    var read: Notes { notes.withLock { $0 } }

    /// Waits until what was written down satisfies a condition. For one waiter at a time.
    func wait(until condition: @Sendable (Notes) -> Bool) async {
        if condition(read) { return }
        for await _ in changed where condition(read) { return }
    }

    private func write(_ change: (inout Notes) -> Void) {
        notes.withLock { change(&$0) }
        self.change.yield()
    }

    static func station(_ identity: String) -> StationID {
        StationID(
            at: Instant(seconds: 0), random: UInt128(identity.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }))
    }

    func admit(_ knock: StationKnock) async throws -> Admission {
        write { $0.knocks.append(knock) }
        if isBroken { throw Broken() }
        if knock.identity == "GUESSER" { return .tooManyAttempts }
        guard let password = passwords[knock.identity] else { return .unknown }
        if let password,
            knock.credential?.password != Array(password.utf8) || knock.credential?.user != knock.identity
        {
            return .wrongCredential
        }
        return .admitted(Self.station(knock.identity))
    }

    func connected(_ station: StationID, connection: ConnectionID, version: String) async throws {
        write { $0.connections.append("+\(connection) \(version)") }
    }

    func disconnected(_ station: StationID, connection: ConnectionID, lastSeenAt: Instant) async throws {
        write { $0.connections.append("-\(connection)") }
    }

    func receive(_ message: StationMessage, in frame: ReceivedFrame) async throws -> StationAnswer {
        try await store(message)
        write {
            $0.messages.append(message)
            $0.frames.append(frame)
        }
        switch message {
        case .boot: return .boot(boot, intervalSeconds: 300)
        case .authorize(let token): return .token(answer(token))
        case .transaction(let report):
            let ended = report.facts.contains { if case .ended = $0.kind { true } else { false } }
            return .transaction(
                TransactionAnswer(number: 7, token: report.token.map(answer), cost: ended ? .eur(1230) : nil))
        case .status, .readings, .journal: return .received
        }
    }

    private func answer(_ token: PresentedToken) -> TokenAnswer {
        TokenAnswer(status: token.uid.hasPrefix("BAD") ? .invalid : .accepted)
    }

    func keep(_ frame: ReceivedFrame, direction: FrameDirection, state: FrameState) async throws {
        write { $0.kept.append((frame, direction, state)) }
    }

    func claimCommands(for stations: [StationID]) async throws -> [ClaimedCommand] {
        notes.withLock { notes in
            let due = notes.commands.filter { stations.contains($0.station) }
            notes.commands.removeAll { stations.contains($0.station) }
            return due
        }
    }

    func recordReply(_ reply: CommandReply, to command: ClaimedCommand) async throws {
        write { $0.replies[command.id] = reply }
    }

    func commandBell() async -> AsyncStream<Void> { stream }

    /// Puts a command into the outbox and rings.
    func enqueue(_ command: StationCommand, for identity: String, deadline: Instant? = nil) -> CommandID {
        let id = CommandID(at: now, random: UInt128(UInt64.random(in: 0 ... .max)))
        let claimed = ClaimedCommand(
            id: id, station: Self.station(identity), command: command,
            deadline: deadline ?? now + .seconds(15),
            parcel: ParcelID(at: now, random: 1), fence: 1)
        notes.withLock { $0.commands.append(claimed) }
        ring.yield()
        return id
    }
}
