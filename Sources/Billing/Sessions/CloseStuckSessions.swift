// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Finds sessions that nobody will end and closes them; stops those that deliver nothing (charging.md §5, §6 rule 9;
/// C70).
struct CloseStuckSessions {
    let desk: Desk
    private static let batch = 50

    /// One round; how many were closed, stopped or asked about.
    func round() async throws -> Int {
        let now = desk.clock.now
        let (stuck, silent, idle) = try await desk.store.read { tx in
            (
                try tx.stuckSessions(at: now, limit: Self.batch),
                try tx.sessionsToAskAbout(silentSince: now - .hours(1), limit: Self.batch),
                try tx.sessionsWithoutEnergy(
                    startedBefore: now - OrganisationPolicy().withoutEnergy, limit: Self.batch)
            )
        }
        var done = 0
        for id in stuck where try await close(id, at: now) { done += 1 }
        for id in silent { try await ask(id, at: now) }
        for id in idle where try await stop(id, at: now) { done += 1 }
        return done
    }

    private func close(_ id: SessionID, at now: Instant) async throws -> Bool {
        try await desk.store.transaction { tx in
            guard let session = try tx.lock(SessionRecord.self, id: id), session.status == .running,
                let station = try tx.find(StationRecord.self, session.station)
            else { return false }
            let evse = try session.evse.flatMap { try tx.find(EVSERecord.self, $0) }
            let surroundings = Session.Surroundings(
                isOnline: station.connectedAt != nil,
                bootedAt: station.ocppVersion == "1.6" ? station.bootedAt : nil,
                freeSince: evse?.status == .available ? evse?.statusAt : nil)
            guard session.folded.stuck(at: now, lastFactAt: session.lastFactAt, surroundings) != nil else {
                return false
            }
            try CloseSession(desk: desk, now: now)(id, in: tx)
            return true
        }
    }

    private func ask(_ id: SessionID, at now: Instant) async throws {
        try await desk.store.transaction { tx in
            guard var session = try tx.lock(SessionRecord.self, id: id), session.status == .running else {
                return
            }
            try AskStation(desk: desk).ask(&session, in: tx, at: now)
            session.stationAskedAt = now
            try tx.update(&session)
        }
    }

    /// A station that withholds the power itself is not asked to stop.
    private func stop(_ id: SessionID, at now: Instant) async throws -> Bool {
        try await desk.store.transaction { tx in
            guard let session = try tx.lock(SessionRecord.self, id: id), session.status == .running,
                session.energy <= .zero, session.folded.states.last?.state != .suspendedByStation
            else { return false }
            return try RequestRemoteStop(desk: desk).ask(id, because: .withoutEnergy, in: tx, at: now)
                == .asked
        }
    }
}
