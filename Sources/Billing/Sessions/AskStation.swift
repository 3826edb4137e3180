// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Asks a 2.x station about a transaction: whether it goes on, and whether it has more to tell (GetTransactionStatus, E14;
/// C41, C70).
struct AskStation {
    let desk: Desk

    /// How often at most.
    private static let pause = Elapsed.minutes(1)

    /// After the end something is missing: the connected station is asked while there is time.
    func whatIsMissing(_ session: inout SessionRecord, in tx: Tx, at now: Instant) throws {
        guard session.folded.endedAt != nil, !session.folded.isComplete, session.drainedAt == nil else {
            return
        }
        try ask(&session, in: tx, at: now)
    }

    /// The session must be saved by the caller.
    func ask(_ session: inout SessionRecord, in tx: Tx, at now: Instant) throws {
        if let asked = session.stationAskedAt, now - asked < Self.pause { return }
        guard let name = session.name, let station = try tx.find(StationRecord.self, session.station),
            station.connectedAt != nil, station.ocppVersion != "1.6"
        else { return }
        session.stationAskedAt = now
        try SendCommand(desk: desk)(
            .transactionStatus(name: name),
            about: SendCommand.Subject(station: station, evse: session.evse, session: session.id), in: tx,
            at: now)
    }

    /// The station said that the transaction is over and everything is told. One that is still open here is closed, unless
    /// something was told since the question.
    func nothingMore(of id: SessionID, askedAt: Instant, in tx: Tx, at now: Instant) throws {
        guard var session = try tx.lock(SessionRecord.self, id: id), session.finalAt == nil else { return }
        if session.folded.endedAt == nil {
            guard session.lastFactAt <= askedAt else { return }
            try CloseSession(desk: desk, now: now)(id, in: tx)
            guard let closed = try tx.lock(SessionRecord.self, id: id) else { return }
            session = closed
        }
        session.drainedAt = now
        session.dueAt = now
        try tx.update(&session)
        tx.ring(.settlement)
    }
}
