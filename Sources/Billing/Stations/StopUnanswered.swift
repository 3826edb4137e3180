// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// A session goes on although its station was asked to stop it, again and again (charging.md §9; C84).
struct StopUnanswered {
    let desk: Desk

    /// A station of 2.x can be asked whether the session is going on at all; otherwise a person must look.
    func callAsFunction(_ session: SessionRecord, askedTimes: Int, in tx: Tx, at now: Instant) throws {
        guard let name = session.name, let station = try tx.find(StationRecord.self, session.station),
            station.ocppVersion != "1.6"
        else { return try ask(about: session, "asked \(askedTimes) times to stop", in: tx, at: now) }
        try SendCommand(desk: desk)(
            .transactionStatus(name: name),
            about: SendCommand.Subject(station: station, evse: session.evse, session: session.id), in: tx,
            at: now)
    }

    /// What the station said to that. That the session is over is heard elsewhere (`AskStation`); anything else is for a
    /// person.
    func told(_ reply: CommandReply, of id: SessionID, in tx: Tx, at now: Instant) throws {
        guard reply != .refused(reason: CommandReply.notOngoing),
            let session = try tx.find(SessionRecord.self, id),
            [.starting, .running].contains(session.status), session.stopAskedAt != nil
        else { return }
        try ask(about: session, "asked to stop and then whether the session goes on", in: tx, at: now)
    }

    private func ask(about session: SessionRecord, _ what: String, in tx: Tx, at now: Instant) throws {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: session.organisation, reason: "stop_unanswered",
                object: session.id.text, detail: "the station was \(what)", state: "open", openedAt: now))
    }
}
