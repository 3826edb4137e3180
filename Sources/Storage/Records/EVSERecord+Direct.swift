// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// Read and written by every message of a station: without `Codable`.
extension EVSERecord: DirectRecord {
    static let properties = [
        "id", "organisation", "station", "number", "evseCode", "evseId", "currentType", "powerMax",
        "connectors", "tariff", "status", "wireStatus", "statusAt", "version",
    ]

    func put(into row: inout RowWriter) throws {
        row.put(id)
        row.put(organisation)
        row.put(station)
        row.put(number)
        row.put(evseCode)
        row.put(evseId)
        row.put(currentType)
        row.put(powerMax)
        try row.put(json: connectors)
        row.put(tariff)
        row.put(status)
        row.put(wireStatus)
        row.put(statusAt)
        row.put(version)
    }

    init(taking row: inout RowReader) throws {
        id = try row.take()
        organisation = try row.take()
        station = try row.take()
        number = try row.take()
        evseCode = try row.take()
        evseId = try row.take()
        currentType = try row.take()
        powerMax = try row.take()
        connectors = try row.take(json: [ConnectorType].self)
        tariff = try row.take()
        status = try row.take()
        wireStatus = try row.take()
        statusAt = try row.take()
        version = try row.take()
    }
}

extension CurrentType: ColumnValue {}
extension EVSEStatus: ColumnValue {}

extension [ConnectorType]: ColumnJSON {
    func write(to json: inout DirectJSON) {
        json.beginArray()
        for connector in self {
            json.beginObject()
            json.member("number", Int64(connector.number))
            json.member("standard", connector.standard)
            json.endObject()
        }
        json.endArray()
    }

    init(at mark: Int, of tape: ColumnTape) throws {
        self = try tape.elements(of: mark).map {
            ConnectorType(
                number: try tape.integer(at: tape.required("number", of: $0)),
                standard: try tape.text("standard", of: $0))
        }
    }
}
