// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Keeps the status of an EVSE, and tells its running session what the vehicle and the station are doing.
///
/// In 1.6 a suspension is known only from the status (charging.md §12). A status ends no session (C66).
struct RecordStatus {
    let visit: StationVisit

    func callAsFunction(_ report: StatusReport, in tx: Tx) throws {
        guard report.evse > 0 else { return try tellAll(report, in: tx) }
        guard let found = try tx.evse(number: Int64(report.evse), of: visit.station.id),
            var evse = try tx.lock(EVSERecord.self, id: found.id)
        else { return }
        let changedAt = visit.time(of: report.measuredAt)
        if let known = evse.statusAt, changedAt < known, changedAt < visit.now - .minutes(2) { return }
        evse.status = report.status
        evse.wireStatus = report.wireStatus
        evse.statusAt = changedAt
        try tx.update(&evse)
        tx.note(.evse, evse.id.text)
        try tellSession(report, on: evse, in: tx)
    }

    /// Connector 0 is the station: when it is broken or switched off, none of its vehicles keeps it from charging. When it is
    /// well again each connector is what it last said of itself, unless the line broke in between.
    private func tellAll(_ report: StatusReport, in tx: Tx) throws {
        let isWell = report.chargingState != .suspendedByStation
        let connectedAt = visit.station.connectedAt ?? visit.now
        for evse in try tx.evses(of: visit.station.id) {
            guard !isWell || (evse.statusAt ?? .epoch) >= connectedAt else { continue }
            var told = report
            if isWell { told.wireStatus = evse.wireStatus ?? "" }
            try tellSession(told, on: evse, heldUpSince: isWell ? connectedAt : nil, in: tx)
        }
    }

    /// With `heldUpSince` it is no news of this connector: only a session is told that its station has held up since then.
    private func tellSession(
        _ report: StatusReport, on evse: EVSERecord, heldUpSince: Instant? = nil, in tx: Tx
    ) throws {
        guard let state = report.chargingState else { return }
        let at = visit.time(of: report.measuredAt)
        let recent = try tx.sessions(of: evse.id, startedBefore: visit.now + .minutes(2), limit: 5)
        // A status that was overtaken by the stop still tells what happened before it.
        let open = recent.first {
            $0.endedAt == nil && $0.finalAt == nil && $0.startedAt <= at + .minutes(2)
        }
        let then = recent.first {
            $0.finalAt == nil && $0.startedAt <= at && at <= ($0.endedAt ?? .distantFuture)
        }
        guard let session = then ?? open,
            heldUpSince.map({ session.isHeldUp(since: $0) }) ?? true
        else { return }
        let measuredAt =
            session.isRestated(state, at: at) ? session.stationTime(of: visit.now) : report.measuredAt
        let fact = Fact(.state(state), measuredAt: measuredAt, receivedAt: visit.now)
        try AddFacts(visit: visit)([fact], to: session.id, in: tx)
    }
}

extension SessionRecord {
    /// Whether its station has withheld the power since an instant at the earliest.
    fileprivate func isHeldUp(since instant: Instant) -> Bool {
        folded.states.last.map { $0.state == .suspendedByStation && $0.at >= instant } ?? false
    }

    /// Whether a status tells again what began before an outage: it holds from now on, as far as anybody can prove.
    fileprivate func isRestated(_ state: ChargingState, at instant: Instant) -> Bool {
        guard let last = folded.states.last, last.state == .suspendedByStation, last.at > instant else {
            return false
        }
        return folded.states.contains { $0.at == instant && $0.state == state }
    }
}

extension StatusReport {
    /// What a status of 1.6 says about a running session; 2.x tells it by transaction events.
    fileprivate var chargingState: ChargingState? {
        switch wireStatus {
        case "Charging": .charging
        case "SuspendedEV": .suspendedByVehicle
        case "SuspendedEVSE", "Faulted", "Unavailable": .suspendedByStation
        default: nil
        }
    }
}
