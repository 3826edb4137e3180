// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Begins a session. Who pays for it is found when its start is known (``FindPayer``).
struct BeginSession {
    let visit: StationVisit

    /// The series of the numbers that a station's sessions have.
    static let numbers = "ocpp-transaction"

    /// The new session, saved, as its facts give it; they are to be added. `closesOthers` is false for a session that a person makes.
    func callAsFunction(
        _ report: TransactionReport, name: String?, startKey: String?, closesOthers: Bool = true, in tx: Tx
    ) throws -> SessionRecord {
        let evse = try report.evse.flatMap { try tx.evse(number: Int64($0), of: visit.station.id) }
        let startedAt = report.facts.first?.measuredAt ?? visit.now
        if let evse, closesOthers { try closeOthers(on: evse, startedAt: startedAt, in: tx) }
        let offset = visit.station.clock?.median ?? .zero
        let folded = Session(
            folding: report.facts,
            under: SessionRules(
                powerMax: evse?.powerMax, clockOffset: offset, meter: visit.station.meter))
        let session = SessionRecord(
            id: visit.desk.ids.new(at: visit.now), organisation: visit.station.organisation,
            site: visit.station.site,
            station: visit.station.id, evse: evse?.id,
            number: try visit.number ?? tx.nextNumber(of: Self.numbers, for: visit.station.id.text),
            name: name,
            startKey: startKey, remoteStart: report.remoteStartID, tokenMasked: report.token?.masked,
            status: .running, folded: folded, energy: folded.energy,
            startedAt: folded.startedAt ?? startedAt, lastFactAt: visit.now,
            clockOffset: offset == .zero ? nil : offset, meter: visit.station.meter, createdAt: visit.now)
        try tx.insert(session)
        return session
    }

    /// A new start on an EVSE means that an older session has ended, told or not (C32). Both are kept. A start that is
    /// told late ends nothing that began after it.
    private func closeOthers(on evse: EVSERecord, startedAt: Instant, in tx: Tx) throws {
        // A start that is live, or has no believable time, is newer than all that is open.
        let isReplay = startedAt < visit.now - .minutes(2) && startedAt > visit.now - .hours(24 * 400)
        for other in try tx.openSessions(at: evse.station, evse: evse.number)
        where !isReplay || other.startedAt <= startedAt {
            // Its own end is stored already: nothing of ours is needed, and nothing of ours could stand beside it.
            if visit.running?.isEnding(other.id) == true { continue }
            try CloseSession(desk: visit.desk, now: visit.now)(other.id, in: tx)
        }
    }
}

extension PresentedToken {
    /// The token as people may see it: its last four characters.
    var masked: String { "•••• " + uid.suffix(4) }
}
