// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText

/// A small charging network, made through the API as an operator would: one site, one tariff, one station.
///
/// The prices are those that the tests compute by hand: 0.49 €/kWh and, after the car is full, 0.10 €/min from the
/// first minute; 19 % VAT included.
struct Network: Sendable {
    let server: URL
    let operatorClient: Client
    let site: String
    let tariff: String

    /// Makes the site and its tariff.
    static func build(at server: URL) async throws -> Network {
        let client = Client(server: server, key: ServerProcess.operatorKey)
        let tariff = try await client.created(
            "/v1/tariffs", ["name": "Standard", "currency": "EUR", "version": version, "publish": true])
        let site = try await client.created(
            "/v1/sites",
            [
                "name": "Harbour", "time_zone": "Europe/Berlin", "country": "DE",
                "address": ["street": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"],
                "support_phone": "+49 40 123456", "default_tariff": .string(tariff),
                "tax_profile": [
                    "energy": "19", "time": "19", "parking": "19", "flat": "19", "included": true,
                ],
            ])
        return Network(server: server, operatorClient: client, site: site, tariff: tariff)
    }

    /// 0.49 €/kWh and 6.00 €/h of parking, in OCPI's words.
    static let version: JSON = [
        "elements": [
            ["price_components": [["type": "ENERGY", "price": "0.49", "step_size": 1]]],
            ["price_components": [["type": "PARKING_TIME", "price": "6.00", "step_size": 1]]],
        ]
    ]

    /// A station with one EVSE; gives the code on the EVSE and the station's password.
    func addStation(_ identity: String, power: Int = 150_000) async throws -> (code: String, password: String)
    {
        let answer = try await operatorClient.post(
            "/v1/stations",
            [
                "site": .string(site), "ocpp_identity": .string(identity), "security_profile": 1,
                "evses": [["number": 1, "current_type": "dc", "power_w_max": JSON(power)]],
            ])
        guard answer.status == 201, let code = answer.json["evses"]?[0]?["evse_code"]?.string,
            let password = answer.json["password"]?.string
        else { throw Trouble("no station: \(answer.status) \(answer.text)") }
        return (code, password)
    }

    /// A driver with a card and a prepaid wallet of so many cents.
    func addDriver(card: String, wallet cents: Int) async throws -> (account: String, wallet: String) {
        let account = try await operatorClient.created(
            "/v1/accounts", ["kind": "personal", "name": "Kim", "funding": "wallet"])
        _ = try await operatorClient.created(
            "/v1/tokens", ["kind": "rfid", "uid": .string(card), "account": .string(account)])
        let wallets = try await operatorClient.get("/v1/accounts/\(account)/wallets").json
        guard let wallet = wallets["data"]?[0]?["id"]?.string else {
            throw Trouble("no wallet: \(wallets.text())")
        }
        let credit = try await operatorClient.post(
            "/v1/wallets/\(wallet)/credits",
            ["amount": ["amount": JSON(cents), "currency": "EUR"], "reason": "opening balance"],
            idempotencyKey: "credit-\(wallet)")
        guard credit.status == 201 else { throw Trouble("no credit: \(credit.text)") }
        return (account, wallet)
    }
}

extension Client {
    /// Makes a resource and gives its id.
    func created(_ path: String, _ body: JSON, idempotencyKey: String? = nil) async throws -> String {
        let answer = try await post(path, body, idempotencyKey: idempotencyKey)
        guard answer.status == 201, let id = answer.json["id"]?.string else {
            throw Trouble("POST \(path): \(answer.status) \(answer.text)")
        }
        return id
    }
}

/// A guest with a phone: scans, accepts the price, pays with a Sandbox instrument.
struct Guest: Sendable {
    let client: Client
    let checkout: String
    let token: String
    let trackURL: String

    /// Opens a checkout at an EVSE.
    static func scan(
        _ code: String, at server: URL, key: String = UUID().uuidString, email: String? = nil
    ) async throws -> Guest {
        let anonymous = Client(server: server, key: nil)
        let answer = try await anonymous.post(
            "/v1/checkouts", ["evse": .string(code), "email": email.map { .string($0) } ?? .null],
            idempotencyKey: "scan-" + key)
        guard answer.status == 201, let id = answer.json["id"]?.string,
            let token = answer.json["guest_token"]?.string, let url = answer.json["track_url"]?.string
        else { throw Trouble("no checkout: \(answer.status) \(answer.text)") }
        return Guest(client: Client(server: server, key: token), checkout: id, token: token, trackURL: url)
    }

    /// The checkout as the API shows it.
    func look() async throws -> JSON { try await client.get("/v1/checkouts/\(checkout)").json }

    /// Accepts the price, goes to the gateway's page and picks an instrument.
    func pay(with instrument: String = "ok", key: String = "pay-1") async throws {
        let quote = try await look()["quote"]?["hash"]?.string ?? ""
        let asked = try await client.post(
            "/v1/checkouts/\(checkout)/pay",
            ["accept_quote": .string(quote), "method": "card", "auto_start": true],
            idempotencyKey: key + checkout)
        // After a crash the first request counts as running for a while; who waits for its effect would wait in vain.
        guard asked.json["code"]?.string != "idempotency_in_progress" else {
            throw Trouble("the first request is still running")
        }
        let funding = try await client.poll("/v1/checkouts/\(checkout)") {
            $0["next_action"]?["url"]?.string != nil || !["quoted", "funding"].contains($0["status"]?.string)
        }
        // A server that died after the bank's word has nothing more to ask.
        guard let page = funding["next_action"]?["url"]?.string else { return }
        let answer = try await Client(server: client.server, key: nil).submit(
            page, ["instrument": instrument])
        guard (200...399).contains(answer.status) else {
            throw Trouble("the Sandbox said \(answer.status) \(answer.text)")
        }
    }

    /// Waits for a status.
    func wait(for status: String, within limit: Duration = .seconds(40)) async throws -> JSON {
        try await client.poll("/v1/checkouts/\(checkout)", within: limit) { $0["status"]?.string == status }
    }
}
