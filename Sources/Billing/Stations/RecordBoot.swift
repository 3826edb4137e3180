// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Keeps what a station says of itself, and lets it work.
struct RecordBoot {
    /// Heartbeat interval in the answer to a boot, seconds (charging.md §1).
    static let heartbeatSeconds: Int64 = 300

    /// What billing needs to know of a 1.6 station (charging.md §10, §11): displays, offline starts, refused tokens.
    private static let settings = [
        TellCost.setting16, "NumberOfDecimalsForCostValues", "LocalPreAuthorize", "LocalAuthorizeOffline",
        "AllowOfflineTxForUnknownId", "AuthorizationCacheEnabled", "StopTransactionOnInvalidId",
        "MaxEnergyOnInvalidId", "MeterValueSampleInterval",
    ]

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
        if station.ocppVersion == "1.6" {
            try SendCommand(desk: visit.desk)(
                .readConfiguration(keys: Self.settings), about: SendCommand.Subject(station: station), in: tx,
                at: visit.now)
        }
        tx.note(.station, station.id.text)
        return .boot(.accepted, intervalSeconds: Self.heartbeatSeconds)
    }
}
