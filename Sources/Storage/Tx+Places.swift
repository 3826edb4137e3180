// SPDX-License-Identifier: Apache-2.0
package import Quantities

extension Tx {
    /// Stations that knocked and are known to nobody, the latest first; those refused for the time being are left out.
    package func waitingStations(at now: Instant, limit: Int) throws -> [WaitingStationRecord] {
        try all(
            WaitingStationRecord.self, where: "refused_until IS NULL OR refused_until <= $1",
            [.int(now.nanoseconds)], orderBy: "last_seen_at DESC, identity", limit: limit)
    }

    /// One of them, locked.
    package func lockWaitingStation(_ identity: String) throws -> WaitingStationRecord? {
        try all(WaitingStationRecord.self, where: "identity = $1 {{for update}}", [.text(identity)]).first
    }

    /// Takes a station off the waiting list.
    package func forgetWaiting(_ identity: String) throws {
        _ = try delete(WaitingStationRecord.self, where: "identity = $1", [.text(identity)])
    }

    /// Does not list a waiting station again before an instant.
    package func refuseWaiting(_ identity: String, until instant: Instant) throws {
        _ = try run(
            "UPDATE station_waiting SET refused_until = $2 WHERE identity = $1",
            [.text(identity), .int(instant.nanoseconds)])
    }

    /// Whether a code is printed on some EVSE already.
    package func isTaken(evseCode code: String) throws -> Bool {
        try exists(EVSERecord.self, where: "evse_code = $1", [.text(code)])
    }

    /// The stations of a site, by identity.
    package func stations(of site: SiteID) throws -> [StationRecord] {
        try all(StationRecord.self, where: "site = $1", [.text(site.text)], orderBy: "ocpp_identity")
    }

    /// Whether stations stand on a site.
    package func hasStations(_ site: SiteID) throws -> Bool {
        try exists(StationRecord.self, where: "site = $1", [.text(site.text)])
    }
}
