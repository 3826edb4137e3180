// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// Read and written by every message of a station: without `Codable`.
extension StationRecord: DirectRecord {
    static let properties = [
        "id", "organisation", "site", "ocppIdentity", "securityProfile", "passwordHash", "tariff",
        "meterIntervalSeconds", "ocppVersion", "vendor", "model", "serialNumber", "firmwareVersion",
        "bootedAt", "configuration", "clock", "meter", "connectedAt", "lastSeenAt", "windowUntil",
        "createdAt",
        "version",
    ]

    func put(into row: inout RowWriter) throws {
        row.put(id)
        row.put(organisation)
        row.put(site)
        row.put(ocppIdentity)
        row.put(securityProfile)
        row.put(passwordHash)
        row.put(tariff)
        row.put(meterIntervalSeconds)
        row.put(ocppVersion)
        row.put(vendor)
        row.put(model)
        row.put(serialNumber)
        row.put(firmwareVersion)
        row.put(bootedAt)
        try row.put(coded: configuration)
        try row.put(coded: clock)
        try row.put(coded: meter)
        row.put(connectedAt)
        row.put(lastSeenAt)
        row.put(windowUntil)
        row.put(createdAt)
        row.put(version)
    }

    init(taking row: inout RowReader) throws {
        id = try row.take()
        organisation = try row.take()
        site = try row.take()
        ocppIdentity = try row.take()
        securityProfile = try row.take()
        passwordHash = try row.take()
        tariff = try row.take()
        meterIntervalSeconds = try row.take()
        ocppVersion = try row.take()
        vendor = try row.take()
        model = try row.take()
        serialNumber = try row.take()
        firmwareVersion = try row.take()
        bootedAt = try row.take()
        configuration = try row.take(coded: [String: String].self)
        clock = try row.take(coded: ClockOffset.self)
        meter = try row.take(coded: StationMeter.self)
        connectedAt = try row.take()
        lastSeenAt = try row.take()
        windowUntil = try row.take()
        createdAt = try row.take()
        version = try row.take()
    }
}
