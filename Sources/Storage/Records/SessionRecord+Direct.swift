// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// Read and written by every message of a station: without `Codable`.
extension SessionRecord: DirectRecord {
    static let properties = [
        "id", "organisation", "site", "station", "evse", "number", "name", "startKey", "remoteStart",
        "token", "tokenMasked", "account", "checkout", "bill", "status", "folded", "energy", "startedAt",
        "endedAt", "live", "ratedAt", "lastFactAt", "dueAt", "finalAt", "stopAskedAt", "stopCause",
        "clockOffset", "meter",
        "stationAskedAt", "drainedAt", "signedFrames", "createdAt", "version",
    ]

    func put(into row: inout RowWriter) throws {
        row.put(id)
        row.put(organisation)
        row.put(site)
        row.put(station)
        row.put(evse)
        row.put(number)
        row.put(name)
        row.put(startKey)
        row.put(remoteStart)
        row.put(token)
        row.put(tokenMasked)
        row.put(account)
        row.put(checkout)
        row.put(bill)
        row.put(status)
        try row.put(json: folded)
        row.put(energy)
        row.put(startedAt)
        row.put(endedAt)
        try row.put(coded: live)
        row.put(ratedAt)
        row.put(lastFactAt)
        row.put(dueAt)
        row.put(finalAt)
        row.put(stopAskedAt)
        row.put(stopCause)
        row.put(clockOffset)
        try row.put(coded: meter)
        row.put(stationAskedAt)
        row.put(drainedAt)
        row.put(signedFrames)
        row.put(createdAt)
        row.put(version)
    }

    init(taking row: inout RowReader) throws {
        id = try row.take()
        organisation = try row.take()
        site = try row.take()
        station = try row.take()
        evse = try row.take()
        number = try row.take()
        name = try row.take()
        startKey = try row.take()
        remoteStart = try row.take()
        token = try row.take()
        tokenMasked = try row.take()
        account = try row.take()
        checkout = try row.take()
        bill = try row.take()
        status = try row.take()
        folded = try row.take(json: Session.self)
        energy = try row.take()
        startedAt = try row.take()
        endedAt = try row.take()
        live = try row.take(coded: LiveBill.self)
        ratedAt = try row.take()
        lastFactAt = try row.take()
        dueAt = try row.take()
        finalAt = try row.take()
        stopAskedAt = try row.take()
        stopCause = try row.take()
        clockOffset = try row.take()
        meter = try row.take(coded: StationMeter.self)
        stationAskedAt = try row.take()
        drainedAt = try row.take()
        signedFrames = try row.take()
        createdAt = try row.take()
        version = try row.take()
    }
}

extension SessionStatus: ColumnValue {}
extension StopCause: ColumnValue {}
