// SPDX-License-Identifier: Apache-2.0

import Charging
import Logging
import Quantities
import Storage

/// The short way of a message about a session that goes on: its frame is appended with its facts in it, then it is answered.
///
/// Appends of many stations share one flush, and nothing is read. The session is folded afterwards, at most once a second
/// (`FoldSessions`); facts in any order and number give the same session, so nothing depends on when (I18, I19).
struct TakeFacts {
    let desk: Desk
    let running: RunningSessions

    /// The answer, after everything is durable; nil if the message has to go the long way.
    func callAsFunction(_ message: StationMessage, in frame: ReceivedFrame) async throws -> StationAnswer? {
        guard case .transaction(let report) = message, report.remoteStartID == nil, !report.isStart,
            !message.teachesClock(at: frame.receivedAt)
        else { return nil }
        let name = RunningSessions.Name(station: frame.station, reference: report.reference)
        if case .new = report.reference { return nil }
        guard let entry = running.entry(name, messageID: frame.messageID),
            !(report.isEnd && entry.isPriced), entry.isPlaced || report.evse == nil,
            let token = Self.token(of: report, in: entry)
        else { return nil }
        let answer = StationAnswer.transaction(
            TransactionAnswer(number: entry.number, token: token.answer, cost: entry.cost))
        var row = frame.row(id: desk.ids.new(at: frame.receivedAt), direction: .inbound)
        // Signed readings are counted with their session.
        guard !row.carriesSignedData else { return nil }
        row.answer = answer
        row.session = entry.session
        row.facts = report.facts.placed(at: frame.receivedAt)
        try await desk.store.append([try Statement.insert(row)])
        running.mark(entry.session, at: frame.station, hasEnded: report.isEnd)
        return answer
    }

    /// What is said about the message's token: nothing if it has none, the known answer if it is the session's own. Nil if
    /// somebody must look.
    private static func token(
        of report: TransactionReport, in entry: RunningSessions.Entry
    ) -> (answer: TokenAnswer?, Void)? {
        guard let presented = report.token else { return (nil, ()) }
        guard let known = entry.token, known == presented.folded, let answer = entry.tokenAnswer else {
            return nil
        }
        return (answer, ())
    }
}

/// Folds sessions whose facts came the short way, and brings their cost up to date.
package struct FoldSessions: Sendable {
    let desk: Desk
    let running: RunningSessions
    /// How many are folded side by side: they share a flush.
    private static let width = 32
    /// In which round what nobody pays for is folded, too: its fold shows energy, and no money.
    private static let patience = 5

    package init(desk: Desk, running: RunningSessions) {
        self.desk = desk
        self.running = running
    }

    /// Works until it is cancelled. A session that was open when the server ended is folded first: facts may have been
    /// stored that nobody folded.
    package func run() async {
        await takeUp()
        // A second of the clock that sessions are billed by; never so short that a fast clock keeps us busy.
        let pause = Duration.milliseconds(max(50, 1000 / desk.clock.rate))
        var rounds = 0
        // A cancelled sleep ends the loop; what is left is folded by the next start.
        while (try? await Task.sleep(for: pause)) != nil {
            rounds += 1
            await fold(rounds.isMultiple(of: Self.patience) ? running.takeUnfolded() : running.takeUrgent())
        }
    }

    /// Everything that waits, once.
    package func round() async { await fold(running.takeUnfolded()) }

    private func fold(_ sessions: [(session: SessionID, station: StationID)]) async {
        var waiting = sessions[...]
        while !waiting.isEmpty {
            let some = waiting.prefix(Self.width)
            waiting = waiting.dropFirst(Self.width)
            await withDiscardingTaskGroup { group in
                for (session, station) in some {
                    group.addTask { await fold(session, at: station) }
                }
            }
        }
    }

    /// Looks for sessions with facts that nobody may have folded; at the start of a server.
    package func takeUp() async {
        do {
            let open = try await desk.store.read { tx in try tx.unsettledSessions() }
            for (session, station) in open { running.mark(session, at: station) }
        } catch {
            desk.log.error("open sessions not found", metadata: ["error": "\(error)"])
        }
    }

    private func fold(_ id: SessionID, at station: StationID) async {
        do {
            let now = desk.clock.now
            let session = try await desk.store.transaction { tx -> SessionRecord? in
                try FoldSession(desk: desk, now: now)(id, in: tx)
            }
            guard let session, [.starting, .running].contains(session.status) else {
                running.forget(id)
                if session?.bill != nil { _ = try await UpdateLiveBill(desk: desk)(id) }
                return
            }
            guard session.bill != nil else { return running.price(id, nil, isPriced: false) }
            running.price(id, try await UpdateLiveBill(desk: desk)(id)?.cost, isPriced: true)
        } catch is StoreError {
            // The database is busy or away: again in a second.
            running.mark(id, at: station)
        } catch {
            // Its facts are stored; the next message, the settlement or the next start folds it.
            running.forget(id)
            desk.log.error("session not folded", metadata: ["session": "\(id)", "error": "\(error)"])
        }
    }
}

/// Brings one session up to date with the facts that are stored.
struct FoldSession {
    let desk: Desk
    let now: Instant

    /// The session as it is now; nil if it is gone.
    func callAsFunction(_ id: SessionID, in tx: Tx) throws -> SessionRecord? {
        guard let before = try tx.lock(SessionRecord.self, id: id) else { return nil }
        let wasOpen = [.starting, .running].contains(before.status)
        let session = try AddFacts(desk: desk, at: now)([], to: id, in: tx, isStale: true)
        guard wasOpen, session.status == .ended else { return session }
        try EndSession(desk: desk, at: now)(id, in: tx)
        return try tx.find(SessionRecord.self, id)
    }
}

extension StationMessage {
    /// Whether it tells a time as it happens that is not ours: then the station's clock is learned from it.
    fileprivate func teachesClock(at now: Instant) -> Bool {
        guard let measuredAt = toldLiveAt else { return false }
        return measuredAt < now - .minutes(2) || measuredAt > now + .minutes(2)
    }
}
