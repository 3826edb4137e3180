// SPDX-License-Identifier: Apache-2.0

package import Charging
import Logging
package import Quantities
import Storage

/// What the charger door gets: the verbs of this folder, one call each.
package struct StationDesk: StationDoor {
    let desk: Desk
    private let guesses: GuessLimit
    /// The sessions of which readings go the short way; nil if every message is folded before it is answered.
    private let running: RunningSessions?

    package init(desk: Desk, guesses: GuessLimit = GuessLimit(), running: RunningSessions? = nil) {
        self.desk = desk
        self.guesses = guesses
        self.running = running
    }

    /// Folds what came the short way, until it is cancelled. To be run beside the door.
    package func foldSessions() async {
        guard let running else { return }
        await FoldSessions(desk: desk, running: running).run()
    }

    package var now: Instant { desk.clock.now }

    package func admit(_ knock: StationKnock) async throws -> Admission {
        try await AdmitStation(desk: desk, guesses: guesses)(knock)
    }

    package func connected(_ station: StationID, connection: ConnectionID, version: String) async throws {
        let now = now
        let before = try await desk.store.transaction { tx -> StationRecord? in
            guard let before = try tx.lock(StationRecord.self, id: station) else { return nil }
            var row = before
            row.ocppVersion = version
            row.connectedAt = now
            row.lastSeenAt = now
            try tx.update(&row)
            tx.note(.station, station.text)
            tx.ring(.commands)
            return before
        }
        if let before, version == "1.6" { await NoteOutage(desk: desk)(of: before, at: now) }
    }

    package func disconnected(
        _ station: StationID, connection: ConnectionID, lastSeenAt: Instant
    ) async throws {
        try await desk.store.transaction { tx in
            guard var row = try tx.lock(StationRecord.self, id: station) else { return }
            row.connectedAt = nil
            row.lastSeenAt = lastSeenAt
            try tx.update(&row)
            tx.note(.station, station.text)
        }
    }

    /// Stored and answered first; then, outside that transaction, the cost so far is brought up to date. When that
    /// fails the station is answered without a cost.
    package func receive(_ message: StationMessage, in frame: ReceivedFrame) async throws -> StationAnswer {
        if let running,
            let answer = try await TakeFacts(desk: desk, running: running)(message, in: frame)
        {
            return answer
        }
        let reply = try await ReceiveStationMessage(desk: desk, running: running)(message, in: frame)
        guard reply.repeats == nil else { return reply.answer }
        remember(reply, to: message, in: frame)
        guard let session = reply.session, case .transaction(var answer) = reply.answer else {
            if let session = reply.session { await refresh(session) }
            return reply.answer
        }
        guard reply.isPriced else { return reply.answer }
        if let live = await refresh(session) { answer.cost = live.cost }
        return .transaction(answer)
    }

    /// Opens the short way for what follows in this session, or closes it.
    private func remember(_ reply: StationReply, to message: StationMessage, in frame: ReceivedFrame) {
        guard let running, let session = reply.session, case .transaction(let report) = message,
            case .transaction(let answer) = reply.answer
        else { return }
        // What ended goes the long way: whoever settles it must find all of it folded.
        guard !report.isEnd, reply.isOpen else { return running.forget(session) }
        let reference: TransactionReference =
            if case .new = report.reference { .number(answer.number) } else { report.reference }
        running.note(
            RunningSessions.Entry(
                session: session, number: answer.number, token: report.token?.folded,
                tokenAnswer: answer.token, isPlaced: report.evse != nil, isPriced: reply.isPriced,
                cost: answer.cost),
            as: RunningSessions.Name(station: frame.station, reference: reference),
            isStart: report.isStart)
    }

    @discardableResult
    private func refresh(_ session: SessionID) async -> LiveBill? {
        do {
            return try await UpdateLiveBill(desk: desk)(session)
        } catch {
            desk.log.warning("no live bill", metadata: ["session": "\(session)", "error": "\(error)"])
            return nil
        }
    }

    package func keep(_ frame: ReceivedFrame, direction: FrameDirection, state: FrameState) async throws {
        let row = frame.row(id: desk.ids.new(at: frame.receivedAt), direction: direction, state: state)
        if direction == .inbound, let reason = KeepUnreadable.reason(to: state, of: frame) {
            return try await KeepUnreadable(desk: desk)(row, because: reason)
        }
        try await desk.store.append([Statement.insert(row)])
    }

    package func claimCommands(for stations: [StationID]) async throws -> [ClaimedCommand] {
        let now = now
        let destinations = stations.map { "station:\($0)" }
        return try await desk.store.transaction { tx in
            let parcels = try tx.claimParcels(
                to: destinations, by: desk.settings.node, at: now, until: now + OutboxWorker.lease, limit: 50)
            return try parcels.compactMap { try claim($0, in: tx, at: now) }
        }
    }

    /// A parcel past its deadline is withdrawn and never sent: no stale remote start (architecture.md §5).
    private func claim(_ parcel: ParcelRecord, in tx: Tx, at now: Instant) throws -> ClaimedCommand? {
        guard let id = CommandID(parcel.body), var command = try tx.lock(CommandRecord.self, id: id) else {
            _ = try tx.finish(parcel, as: "withdrawn")
            return nil
        }
        guard now < command.deadline, !command.isOver else {
            _ = try tx.finish(parcel, as: "withdrawn")
            if !command.isOver {
                try command.apply(.expired)
                command.forgetSecret()
                try tx.update(&command)
                try FailCommand(desk: desk)(command, in: tx, at: now)
            }
            return nil
        }
        try command.apply(.sent)
        try tx.update(&command)
        return ClaimedCommand(
            id: id, station: command.station, command: command.body, deadline: command.deadline,
            parcel: parcel.id,
            fence: parcel.fence)
    }

    package func recordReply(_ reply: CommandReply, to command: ClaimedCommand) async throws {
        try await RecordCommandReply(desk: desk)(reply, to: command)
    }

    package func commandBell() async -> AsyncStream<Void> { desk.store.bell(.commands) }
}

extension Topic {
    /// Commands wait for their stations.
    static let commands = Topic(rawValue: "commands")
}
