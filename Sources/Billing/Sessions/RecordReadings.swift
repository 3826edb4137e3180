// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Readings that name no transaction go to the session that was open on that EVSE when they were measured (C61).
struct RecordReadings {
    let visit: StationVisit

    /// The session they went to, if there was one; otherwise they stay in their frame as site data.
    func callAsFunction(_ facts: [Fact], evse number: Int64, in tx: Tx) throws -> SessionID? {
        guard number > 0, let evse = try tx.evse(number: number, of: visit.station.id) else { return nil }
        let sessions = try tx.sessions(of: evse.id, startedBefore: visit.now, limit: 5)
        var target: SessionID?
        for fact in facts {
            let at = visit.time(of: fact.measuredAt)
            guard
                let session = sessions.first(where: {
                    $0.startedAt <= at && ($0.endedAt ?? .distantFuture) >= at
                })
            else { continue }
            try AddFacts(visit: visit)([fact], to: session.id, in: tx)
            target = session.id
        }
        return target
    }
}

extension Instant {
    /// Later than anything that will be measured: the end of the year 2261.
    static let distantFuture = Instant(seconds: 9_214_646_399)
}
