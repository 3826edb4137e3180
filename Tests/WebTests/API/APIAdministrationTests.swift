// SPDX-License-Identifier: Apache-2.0
import Billing
import Digests
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("API: administration", .timeLimit(.minutes(2)))
struct APIAdministrationTests {
    @Test("an organisation reads and changes itself, holds included")
    func organisation() async throws {
        let client = try await APIServer.shared().tenant().client

        let before = try await client.get("/v1/organisation")
        let version = try #require(before["version"]?.int64)
        let changed = try await client.patch(
            "/v1/organisation",
            [
                "legal_name": "Harbour Power GmbH", "vat_id": "DE123456789",
                "policy": ["hold_dc": ["amount": 5000, "currency": "EUR"], "trivial_energy_wh": 200],
            ], version: version)

        #expect(changed.status == 200)
        #expect(changed["legal_name"] == "Harbour Power GmbH")
        #expect(changed["policy"]?["hold_dc"]?["amount"] == 5000)
        #expect(changed["policy"]?["hold_ac"]?["amount"] == 2500)
        #expect(changed["policy"]?["trivial_energy_wh"] == 200)
        #expect(changed["version"]?.int64 == version + 1)
    }

    @Test("a hold outside its bounds and an unknown zone are refused with their place")
    func organisationBounds() async throws {
        let client = try await APIServer.shared().tenant().client

        let hold = try await client.patch(
            "/v1/organisation", ["policy": ["hold_dc": ["amount": 90000, "currency": "EUR"]]], version: 1)
        let zone = try await client.patch("/v1/organisation", ["time_zone": "Europe/Atlantis"], version: 1)
        let currency = try await client.patch(
            "/v1/organisation", ["policy": ["hold_dc": ["amount": 4000, "currency": "USD"]]], version: 1)

        #expect(hold.code == "invalid_field")
        #expect(hold["param"] == "/policy/hold_dc")
        #expect(zone["param"] == "/time_zone")
        #expect(currency.code == "currency_mismatch")
    }

    @Test("a key's secret is told once, works, rolls with an overlap, and ends when revoked")
    func keys() async throws {
        let server = try await APIServer.shared()
        let (client, _) = try await server.tenant()

        let made = try await client.post(
            "/v1/api_keys", ["scope": "read_only", "name": "reports"], key: "make-reports")
        let again = try await client.post(
            "/v1/api_keys", ["scope": "read_only", "name": "reports"], key: "make-reports")
        let secret = try #require(made["secret"]?.string)
        let id = try #require(made["id"]?.string)
        #expect(APIKey.isWellFormed(secret))
        #expect(again.headers["idempotent-replayed"] == "true")
        #expect(again["id"] == made["id"])
        #expect(again["secret"] == .null, "a secret is not kept for repeats")

        let reader = APIClient(url: server.url, key: secret)
        #expect(try await reader.get("/v1/sites").status == 200)
        #expect(try await client.get("/v1/api_keys").json.text().contains(secret) == false)

        let rolled = try await client.post("/v1/api_keys/\(id)/roll")
        #expect(rolled.status == 201)
        #expect(try await reader.get("/v1/sites").status == 200, "the old key works for 24 more hours")
        let old = try await client.get("/v1/api_keys").json["data"]?.array?.first { $0["id"]?.string == id }
        #expect(old?["expires_at"]?.string != nil)

        _ = try await client.post("/v1/api_keys/\(id)/revoke")
        #expect(try await reader.get("/v1/sites").code == "key_revoked")
        #expect(try await client.post("/v1/api_keys/\(id)/roll").code == "invalid_state")
    }

    @Test("a site is made, changed by version, and archived only without stations")
    func sites() async throws {
        let client = try await APIServer.shared().tenant().client
        let network = try await APINetwork(client, identity: "SITES-1")

        let site = try await client.get("/v1/sites/\(network.site)")
        #expect(site["tax_profile"]?["energy"] == "19")
        #expect(site["default_tariff"]?.string == network.tariff)
        let renamed = try await client.patch("/v1/sites/\(network.site)", ["name": "Old harbour"], version: 1)
        #expect(renamed["name"] == "Old harbour")
        #expect(renamed["support_phone"] == site["support_phone"])

        #expect(try await client.post("/v1/sites/\(network.site)/archive").code == "invalid_state")
        let empty = try await client.made("/v1/sites", ["name": "Empty"])
        #expect(try await client.post("/v1/sites/\(empty)/archive")["archived_at"]?.string != nil)
        let listed = try await client.get("/v1/sites")["data"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(listed == [network.site])
        let all = try await client.get("/v1/sites?archived=true")["data"]?.array?.count
        #expect(all == 2)
    }

    @Test("a station gets a password once, which is stored hashed, and codes that differ")
    func stations() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let network = try await APINetwork(client, identity: "STATIONS-1")

        #expect(network.password.utf8.count == 20)
        #expect(network.code.utf8.count == 6)
        let id = try #require(network.station["id"]?.string)
        let row = try await server.desk.store.read { tx in try tx.find(StationRecord.self, id) }
        let hash = try #require(row?.passwordHash)
        #expect(!hash.contains(network.password))
        #expect(StationPassword.matches(Array(network.password.utf8), stored: hash))

        let shown = try await client.get("/v1/stations/\(id)")
        #expect(shown["password"] == nil)
        let second = try await client.post(
            "/v1/stations/\(id)/evses", ["number": 2, "current_type": "ac", "power_w_max": 22000])
        #expect(second["evse_code"] != nil)
        #expect(second["evse_code"]?.string != network.code)
        let twice = try await client.post(
            "/v1/stations/\(id)/evses", ["number": 2, "current_type": "ac", "power_w_max": 22000])
        #expect(twice["param"] == "/number")

        let renewed = try await client.patch(
            "/v1/stations/\(id)", ["new_password": true, "meter_interval_s": 30], version: 1)
        #expect(renewed["password"]?.string?.utf8.count == 20)
        #expect(renewed["password"]?.string != network.password)
        #expect(renewed["meter_interval_s"] == 30)
        #expect(renewed["meter_location"] == "outlet")
        #expect(renewed["samples_from_zero"] == false)
        let read = try await client.patch(
            "/v1/stations/\(id)", ["meter_location": "inlet", "samples_from_zero": true], version: 2)
        #expect(read["meter_location"] == "inlet")
        #expect(read["samples_from_zero"] == true)
        let usual = try await client.patch(
            "/v1/stations/\(id)", ["meter_location": "outlet", "samples_from_zero": false], version: 3)
        #expect(usual["meter_location"] == "outlet")
        let unknown = try await client.patch("/v1/stations/\(id)", ["meter_location": "cable"], version: 4)
        #expect(unknown["param"] == "/meter_location")

        let taken = try await client.post("/v1/stations", APINetwork.station("STATIONS-1", at: network.site))
        #expect(taken["param"] == "/ocpp_identity")
        for identity in ["a b", "CP:1"] {
            let odd = try await client.post("/v1/stations", APINetwork.station(identity, at: network.site))
            #expect(odd["param"] == "/ocpp_identity")
        }
    }

    @Test("a station that knocks waits, and is accepted or refused")
    func waiting() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let network = try await APINetwork(client, identity: "WAITING-0")
        let now = server.desk.clock.now
        for identity in ["WAITING-1", "WAITING-2"] {
            try await server.desk.store.transaction { tx in
                try tx.noteWaiting((identity, "192.0.2.7", "ocpp2.0.1", false), at: now)
            }
        }

        let listed = try await client.get("/v1/stations/waiting")["data"]?.array ?? []
        #expect(listed.contains { $0["identity"] == "WAITING-1" && $0["offered"] == "ocpp2.0.1" })
        let accepted = try await client.post(
            "/v1/stations/waiting/WAITING-1/accept",
            [
                "site": .string(network.site),
                "evses": [["number": 1, "current_type": "ac", "power_w_max": 11000]],
            ])
        let refused = try await client.post("/v1/stations/waiting/WAITING-2/refuse")

        #expect(accepted.status == 201)
        #expect(accepted["ocpp_identity"] == "WAITING-1")
        #expect(accepted["password"]?.string?.utf8.count == 20)
        #expect(refused.status == 204)
        let left = try await client.get("/v1/stations/waiting")["data"]?.array ?? []
        #expect(!left.contains { ["WAITING-1", "WAITING-2"].contains($0["identity"]?.string ?? "") })
        #expect(try await client.post("/v1/stations/waiting/NOBODY/refuse").code == "not_found")
    }

    @Test("an EVSE shows a driver its price in legal order, its hold and whom to call")
    func publicEVSE() async throws {
        let server = try await APIServer.shared()
        let network = try await APINetwork(server.tenant().client, identity: "PUBLIC-1")

        let shown = try await server.anonymous.get("/v1/public/evses/\(network.code.lowercased())")

        #expect(shown.status == 200)
        #expect(shown["prices"]?.array?.map { $0["kind"] } == ["energy", "idle"])
        #expect(shown["prices"]?[0]?["price"] == "0.49")
        #expect(shown["prices"]?[1]?["price"] == "0.1")
        #expect(shown["prices"]?[1]?["per"] == "min")
        #expect(shown["prices"]?[0]?["tax"] == "included")
        #expect(shown["hold"]?["amount"] == 4000)
        #expect(shown["support_phone"]?.string?.hasPrefix("+49") == true)
        #expect(try await server.anonymous.get("/v1/public/evses/NOSUCH").code == "unknown_evse")
    }

    @Test("the code of an EVSE is a picture that opens the driver's page")
    func qr() async throws {
        let client = try await APIServer.shared().tenant().client
        let network = try await APINetwork(client, identity: "QR-1")

        let picture = try await client.get("/v1/evses/\(network.evse)/qr?format=svg")
        let again = try await client.get("/v1/evses/\(network.evse)/qr")

        #expect(picture.headers["content-type"] == "image/svg+xml")
        #expect(picture.text.hasPrefix("<svg"))
        #expect(picture.body == again.body)
        #expect(
            try await client.get("/v1/evses/\(network.evse)")["url"]?.string?.hasSuffix("/e/\(network.code)")
                == true)
    }

    @Test("a tariff version never changes; a published one is quoted, a broken one is refused with findings")
    func tariffs() async throws {
        let client = try await APIServer.shared().tenant().client
        let network = try await APINetwork(client, identity: "TARIFFS-1")

        let dearer: JSON = [
            "elements": [["price_components": [["type": "ENERGY", "price": "0.59", "step_size": 1]]]],
            "hold": ["amount": 6000, "currency": "EUR"],
        ]
        let draft = try await client.post("/v1/tariffs/\(network.tariff)/versions", dearer)
        let version = try #require(draft["id"]?.string)
        #expect(draft["published_at"] == .null)
        #expect(draft["number"] == 2)
        #expect(try await client.get("/v1/public/evses/\(network.code)")["prices"]?[0]?["price"] == "0.49")
        _ = try await client.post("/v1/tariffs/\(network.tariff)/versions/\(version)/publish")
        let after = try await client.get("/v1/public/evses/\(network.code)")
        #expect(after["prices"]?[0]?["price"] == "0.59")
        #expect(after["hold"]?["amount"] == 6000)

        let broken: JSON = ["elements": [["price_components": [["type": "ENERGY", "price": "many"]]]]]
        let refused = try await client.post("/v1/tariffs/\(network.tariff)/versions", broken)
        #expect(refused.code == "tariff_has_errors")
        #expect(refused["findings"]?[0]?["path"] == "/elements/0/price_components/0/price")
        let lint = try await client.post("/v1/tariffs/lint", broken)
        #expect(lint["findings"]?[0]?["severity"] == "error")
        let fee: JSON = [
            "elements": [
                ["price_components": [["type": "FLAT", "price": "1"], ["type": "ENERGY", "price": "1"]]]
            ]
        ]
        let capped: JSON = [
            "elements": [["price_components": [["type": "ENERGY", "price": "0.40", "step_size": 1]]]],
            "rules": ["counters": [["id": "day", "cap": "12"]]],
        ]
        let counted = try await client.post("/v1/tariffs/\(network.tariff)/versions", capped)
        #expect(counted["rules"]?["counters"]?[0]?["cap"] == "12")
        let ad = try await client.post("/v1/tariffs/lint", fee)
        #expect(ad["findings"]?.array?.map { $0["code"]?.string } == ["afir_adhoc"])
        #expect(ad["findings"]?[0]?["severity"] == "info")

        let shown = try await client.get("/v1/tariffs/\(network.tariff)")
        #expect(shown["versions"]?.array?.count == 3)
        #expect(
            try await client.get("/v1/tariffs/\(network.tariff)/versions/\(version)")["hash"] == draft["hash"]
        )
        _ = try await client.post("/v1/tariffs/\(network.tariff)/archive")
        #expect(try await client.get("/v1/tariffs")["data"]?.array?.isEmpty == true)
    }

    @Test("a quote prices an imagined session with the one rater")
    func quotes() async throws {
        let server = try await APIServer.shared()
        let network = try await APINetwork(server.tenant().client, identity: "QUOTES-1")

        let quote = try await server.anonymous.post(
            "/v1/quotes",
            [
                "evse": .string(network.code),
                "usage": ["energy_wh": 20000, "duration_s": 2400, "idle_s": 600],
            ])

        // 20 kWh × 0.49 = 9.80, 10 min × 0.10 = 1.00; 10.80 with 19 % in it: 9.08 + 1.72.
        #expect(quote.status == 201)
        #expect(quote["total"]?["amount"] == 1080)
        #expect(quote["lines"]?.array?.map { $0["kind"] } == ["energy", "idle"])
        #expect(quote["lines"]?[0]?["quantity_wh"] == 20000)
        #expect(quote["taxes"]?[0]?["amount"]?["amount"] == 172)
        #expect(quote["hash"]?.string?.hasPrefix("sha256:") == true)
    }

    @Test("an account that pays from a wallet has one; a credit is booked once however often it is asked")
    func wallets() async throws {
        let client = try await APIServer.shared().tenant().client
        let account = try await client.made(
            "/v1/accounts", ["kind": "personal", "name": "Kim", "funding": "wallet"])
        let wallet = try #require(
            try await client.get("/v1/accounts/\(account)/wallets")["data"]?[0]?["id"]?.string)

        let body: JSON = ["amount": ["amount": 2500, "currency": "EUR"], "reason": "opening balance"]
        let credit = try await client.post("/v1/wallets/\(wallet)/credits", body, key: "credit-1")
        let again = try await client.post("/v1/wallets/\(wallet)/credits", body, key: "credit-1")

        #expect(credit.status == 201)
        #expect(credit["posted"]?["amount"] == 2500)
        #expect(again["transaction"] == credit["transaction"])
        #expect(try await client.get("/v1/wallets/\(wallet)")["available"]?["amount"] == 2500)
        let entries = try await client.get("/v1/wallets/\(wallet)/entries")
        #expect(entries["data"]?.array?.count == 1)
        #expect(entries["data"]?[0]?["amount"]?["amount"] == 2500)
        let transaction = try #require(credit["transaction"]?.string)
        let booked = try await client.get("/v1/ledger/transactions/\(transaction)")
        #expect(booked["template"] == "GoodwillGranted")
        #expect(booked["entries"]?.array?.compactMap { $0["amount"]?.int64 }.reduce(0, +) == 0)
    }

    @Test("a token's UID is never shown whole, and is bound once whatever its letters")
    func tokens() async throws {
        let client = try await APIServer.shared().tenant().client
        let account = try await client.made("/v1/accounts", ["kind": "personal", "name": "Kim"])

        let token = try await client.post(
            "/v1/tokens", ["kind": "rfid", "uid": "04A1B2C3D4", "account": .string(account)])
        let twice = try await client.post("/v1/tokens", ["kind": "rfid", "uid": "04a1b2c3d4"])
        let id = try #require(token["id"]?.string)
        let blocked = try await client.patch("/v1/tokens/\(id)", ["status": "blocked"], version: 1)

        #expect(token["uid_masked"] == "••••C3D4")
        #expect(twice.code == "token_already_bound")
        #expect(blocked["status"] == "blocked")
        #expect(try await client.get("/v1/tokens?account=\(account)")["data"]?.array?.count == 1)
        #expect(try await client.get("/v1/tokens?status=active")["data"]?.array?.isEmpty == true)
    }

    @Test("what belongs to one organisation does not exist for another")
    func tenants() async throws {
        let server = try await APIServer.shared()
        let network = try await APINetwork(server.tenant().client, identity: "TENANTS-1")
        let stranger = try await server.tenant().client
        let station = try #require(network.station["id"]?.string)

        for path in [
            "/v1/sites/\(network.site)", "/v1/stations/\(station)", "/v1/evses/\(network.evse)",
            "/v1/tariffs/\(network.tariff)",
        ] {
            #expect(try await stranger.get(path).code == "not_found", "\(path)")
        }
        #expect(try await stranger.get("/v1/sites")["data"]?.array?.isEmpty == true)
        let foreign = try await stranger.post(
            "/v1/stations", APINetwork.station("TENANTS-2", at: network.site))
        #expect(foreign["param"] == "/site")
        let borrowed = try await stranger.post(
            "/v1/sites", ["name": "Mine", "default_tariff": .string(network.tariff)])
        #expect(borrowed["param"] == "/default_tariff")
    }
}
