// SPDX-License-Identifier: Apache-2.0

import Charging
import Logging
import Quantities
import Storage

/// Folds sessions whose facts came the short way, and brings their cost up to date.
package struct FoldSessions: Sendable {
    let desk: Desk
    let running: RunningSessions
    /// How many are folded together, or side by side.
    private static let width = 32
    /// In which round what nobody pays for is folded, too: its fold shows energy, and no money.
    private static let patience = 5

    /// A session to fold, and its station.
    typealias Waiting = (session: SessionID, station: StationID)

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

    /// Looks for sessions with facts that nobody may have folded; at the start of a server.
    package func takeUp() async {
        do {
            let open = try await desk.store.read { tx in try tx.unsettledSessions() }
            for (session, station) in open { running.mark(session, at: station) }
        } catch {
            desk.log.error("open sessions not found", metadata: ["error": "\(error)"])
        }
    }

    private func fold(_ sessions: [Waiting]) async {
        var waiting = sessions[...]
        while !waiting.isEmpty {
            let some = Array(waiting.prefix(Self.width))
            waiting = waiting.dropFirst(Self.width)
            let left = await foldTogether(some)
            await withDiscardingTaskGroup { group in
                for (session, station) in left {
                    group.addTask { await foldAlone(session, at: station) }
                }
            }
        }
    }

    /// Folds those that nobody pays for in one transaction; returns the others, which are rated and guarded too.
    private func foldTogether(_ some: [Waiting]) async -> [Waiting] {
        guard some.count > 1 else { return some }
        do {
            let now = desk.clock.now
            let folded = try await desk.store.transaction { tx in
                try FoldSession(desk: desk, now: now).unpaid(among: some.map(\.session), in: tx)
            }
            for session in folded.values {
                if session.isOpen {
                    running.price(session.id, nil, isPriced: false)
                } else {
                    running.forget(session.id)
                }
            }
            return some.filter { folded[$0.session] == nil }
        } catch {
            // One of them cannot be folded, or the database is away: each is tried alone, and says so itself.
            return some
        }
    }

    private func foldAlone(_ id: SessionID, at station: StationID) async {
        do {
            let now = desk.clock.now
            let session = try await desk.store.transaction { tx -> SessionRecord? in
                try FoldSession(desk: desk, now: now)(id, in: tx)
            }
            guard let session, session.isOpen else {
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

/// Brings sessions up to date with the facts that are stored.
struct FoldSession {
    let desk: Desk
    let now: Instant

    /// The session as it is now; nil if it is gone.
    func callAsFunction(_ id: SessionID, in tx: Tx) throws -> SessionRecord? {
        guard let session = try tx.lock(SessionRecord.self, id: id) else { return nil }
        guard let finalAt = session.finalAt else {
            return try fold(session, of: try tx.factsToFold(of: id), in: tx)
        }
        // What came the short way did not know that the bill was final.
        try tx.markLate(of: id, since: finalAt)
        try AddFacts(desk: desk, at: now).correct(session, after: [], in: tx)
        return session
    }

    /// Those of these sessions that nobody pays for, as they are now: read, folded and written together.
    func unpaid(among ids: [SessionID], in tx: Tx) throws -> [SessionID: SessionRecord] {
        let sessions = try tx.lockUnpaidSessions(among: ids)
        guard !sessions.isEmpty else { return [:] }
        try tx.foresee(EVSERecord.self, ids: sessions.compactMap(\.evse))
        try tx.foresee(StationRecord.self, ids: sessions.map(\.station))
        let facts = try tx.factsToFold(of: sessions.map(\.id))
        var folded: [SessionID: SessionRecord] = [:]
        for session in sessions {
            folded[session.id] = try fold(session, of: facts[session.id] ?? [], in: tx)
        }
        return folded
    }

    private func fold(_ before: SessionRecord, of facts: [Fact], in tx: Tx) throws -> SessionRecord {
        var session = before
        try AddFacts(desk: desk, at: now).refold(&session, with: facts, hasNews: false, in: tx)
        if before.isOpen, !session.isOpen {
            return try EndSession(desk: desk, at: now).end(session, after: before, in: tx)
        }
        // What is new about an ended session may change when it is settled, or answer a question.
        if !session.isOpen, session.folded != before.folded { session.dueAt = now }
        if session != before { try tx.update(&session) }
        tx.note(.session, session.id.text)
        return session
    }
}
