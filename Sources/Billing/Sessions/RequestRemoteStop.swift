// SPDX-License-Identifier: Apache-2.0

import Charging
package import Quantities
package import Storage

/// Somebody wants a session to stop. The page answers "asked"; the station's own message tells when it has.
package struct RequestRemoteStop: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// After this a session that goes on is asked again (charging.md §9).
    static let patience = Elapsed.seconds(10)

    /// What a wish to stop led to.
    package enum Outcome: Hashable, Sendable {
        /// The station is being asked.
        case asked
        /// It had ended before.
        case alreadyEnded
    }

    /// Asks the station, unless it was asked within the last ten seconds.
    package func callAsFunction(
        _ id: SessionID, because cause: StopCause = .requested
    ) async throws -> Outcome {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in try ask(id, because: cause, in: tx, at: now) }
    }

    /// The same inside a transaction; also used by the guards. The first cause is kept: the others come while it is under
    /// way already.
    func ask(_ id: SessionID, because cause: StopCause, in tx: Tx, at now: Instant) throws -> Outcome {
        guard var session = try tx.lock(SessionRecord.self, id: id) else { throw SessionRefusal.isGone(id) }
        guard [.starting, .running].contains(session.status) else { return .alreadyEnded }
        if let asked = session.stopAskedAt, now - asked < Self.patience { return .asked }
        guard let station = try tx.find(StationRecord.self, session.station) else {
            throw SessionRefusal.isGone(id)
        }
        session.stopAskedAt = now
        session.stopCause = session.stopCause ?? cause
        try tx.update(&session)
        try SendCommand(desk: desk)(
            .stop(number: session.number, name: session.name),
            about: SendCommand.Subject(
                station: station, evse: session.evse, session: id, checkAt: now + Self.patience), in: tx,
            at: now)
        tx.note(.session, id.text)
        return .asked
    }
}
