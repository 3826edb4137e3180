// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Keeps what a station says of itself, and lets it work.
struct RecordBoot {
    /// Heartbeat interval in the answer to a boot, seconds (charging.md §1).
    static let heartbeatSeconds: Int64 = 300

    let visit: StationVisit

    func callAsFunction(_ boot: StationBoot, in tx: Tx) throws -> StationAnswer {
        guard var station = try tx.lock(StationRecord.self, id: visit.station.id) else {
            return .boot(.rejected, intervalSeconds: Self.heartbeatSeconds)
        }
        station.vendor = boot.vendor
        station.model = boot.model
        station.serialNumber = boot.serialNumber
        station.firmwareVersion = boot.firmwareVersion
        station.bootedAt = visit.now
        station.lastSeenAt = visit.now
        station.configuration = nil
        try tx.update(&station)
        try GivePassword(desk: visit.desk)(station, in: tx, at: visit.now)
        // What billing needs to know of it: displays, offline starts, refused tokens, samples.
        if let version = station.ocppVersion {
            try SendCommand(desk: visit.desk)(
                .readConfiguration(keys: StationSettings.asked(version: version)),
                about: SendCommand.Subject(station: station), in: tx, at: visit.now)
        }
        tx.note(.station, station.id.text)
        return .boot(.accepted, intervalSeconds: Self.heartbeatSeconds)
    }
}
