// SPDX-License-Identifier: Apache-2.0
import JSONText
import Quantities

/// A small network made through the API: a tariff, a site, a station with one EVSE.
struct APINetwork: Sendable {
    let client: APIClient
    let tariff: String
    let site: String
    let station: JSON
    var code: String { station["evses"]?[0]?["evse_code"]?.string ?? "" }
    var evse: String { station["evses"]?[0]?["id"]?.string ?? "" }
    var password: String { station["password"]?.string ?? "" }

    /// 0.49 €/kWh; after the car is full 0.10 €/min; 19 % included.
    static let version: JSON = [
        "elements": [
            ["price_components": [["type": "ENERGY", "price": "0.49", "step_size": 1]]],
            ["price_components": [["type": "PARKING_TIME", "price": "6.00", "step_size": 1]]],
        ]
    ]

    static let site: JSON = [
        "name": "Harbour", "time_zone": "Europe/Berlin", "country": "DE",
        "address": ["street": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"],
        "support_phone": "+49 40 123456",
        "tax_profile": ["energy": "19", "time": "19", "parking": "19", "flat": "19", "included": true],
    ]

    init(_ client: APIClient, identity: String) async throws {
        self.client = client
        let tariff = try await client.made(
            "/v1/tariffs", ["name": "Standard", "currency": "EUR", "version": Self.version, "publish": true])
        let wish = (Self.site.object ?? []) + [JSON.Member("default_tariff", .string(tariff))]
        self.tariff = tariff
        site = try await client.made("/v1/sites", .object(wish))
        let answer = try await client.post("/v1/stations", Self.station(identity, at: site))
        guard answer.status == 201 else { throw Trouble("no station: \(answer.text)") }
        station = answer.json
    }

    static func station(_ identity: String, at site: String) -> JSON {
        [
            "site": .string(site), "ocpp_identity": .string(identity),
            "evses": [["number": 1, "current_type": "dc", "power_w_max": 150000]],
        ]
    }
}
