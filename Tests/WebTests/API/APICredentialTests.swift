// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("API: credentials", .timeLimit(.minutes(2)))
struct APICredentialTests {
    @Test(
        "a key is pinned to the version that it was made for; a request may name another, and both are answered by name"
    )
    func pinnedVersion() async throws {
        let server = try await APIServer.shared()
        let (client, _) = try await server.tenant()
        let made = try await client.post("/v1/api_keys", ["scope": "service", "name": "pinned"])
        #expect(made["api_version"] == "2026-12-01", "\(made.text)")
        let id = try #require(APIKeyID(made["id"]?.string ?? ""))
        let pinned = APIClient(url: server.url, key: made["secret"]?.string)
        #expect(try await pinned.get("/v1/sites").headers["amptill-version"] == "2026-12-01")

        // As a key of a version that this release does not speak any more.
        try await server.desk.store.transaction { tx in
            guard var key = try tx.lock(APIKeyRecord.self, id: id) else { return }
            key.apiVersion = "2020-01-01"
            try tx.update(&key)
        }
        let refused = try await pinned.get("/v1/sites")
        #expect(refused.status == 400 && refused.code == "unsupported_version")
        #expect(refused.headers["amptill-version"] == "2026-12-01", "what it would be answered by")
        let named = try await pinned.get("/v1/sites", headers: ["Amptill-Version": "2026-12-01"])
        #expect(named.status == 200 && named.headers["amptill-version"] == "2026-12-01")
        let rolled = try await client.post("/v1/api_keys/\(id)/roll")
        #expect(rolled["api_version"] == "2020-01-01", "a program that gets a new key speaks as before")
    }

    /// An organisation with two sites, each with a station and a session of an account.
    private struct Two: Sendable {
        let server: APIServer
        let client: APIClient
        let organisation: OrganisationID
        let here: APINetwork
        let there: APINetwork
        let account: String
        let sessions: [String]

        init(_ name: String) async throws {
            server = try await APIServer.shared()
            (client, organisation) = try await server.tenant()
            here = try await APINetwork(client, identity: name + "-HERE")
            there = try await APINetwork(client, identity: name + "-THERE")
            account = try await client.made(
                "/v1/accounts", ["kind": "personal", "name": "Kim", "funding": "wallet"])
            var made: [String] = []
            for (network, payer) in [(here, account), (there, nil)] {
                made.append(
                    try await Self.session(server.desk, organisation, at: network, paidBy: payer))
            }
            sessions = made
        }

        private static func session(
            _ desk: Desk, _ organisation: OrganisationID, at network: APINetwork, paidBy account: String?
        ) async throws -> String {
            let now = desk.clock.now
            let id: SessionID = desk.ids.new(at: now)
            let site = try #require(SiteID(network.site))
            let station = try #require(StationID(network.station["id"]?.string ?? ""))
            let evse = try #require(EVSEID(network.evse))
            try await desk.store.transaction { tx in
                try tx.insert(
                    SessionRecord(
                        id: id, organisation: organisation, site: site, station: station, evse: evse,
                        number: 1, tokenMasked: "•••• 1234", account: account.flatMap { AccountID($0) },
                        status: .running, folded: SessionFixture.empty, energy: .zero, startedAt: now,
                        lastFactAt: now, createdAt: now))
            }
            return id.text
        }

        func key(_ wish: JSON) async throws -> APIClient {
            let made = try await client.post("/v1/api_keys", wish)
            return APIClient(url: server.url, key: try #require(made["secret"]?.string, "\(made.text)"))
        }
    }

    private func ids(_ answer: APIClient.Answer) -> [String] {
        (answer["data"]?.array ?? []).compactMap { $0["id"]?.string }
    }

    @Test("a narrowed key sees its sites only, and nothing that cannot be told apart by site")
    func sites() async throws {
        let two = try await Two("SITES")
        let narrow = try await two.key([
            "scope": "service", "name": "narrow", "sites": [.string(two.here.site)],
        ])

        let sessions = try await narrow.get("/v1/sessions")
        let stations = try await narrow.get("/v1/stations")
        let evses = try await narrow.get("/v1/evses")
        let sites = try await narrow.get("/v1/sites")
        #expect(ids(sessions) == [two.sessions[0]])
        #expect(ids(stations) == [two.here.station["id"]?.string])
        #expect(ids(evses) == [two.here.evse])
        #expect(ids(sites) == [two.here.site])
        let elsewhere = try await narrow.get("/v1/sessions?site=\(two.there.site)")
        #expect(ids(elsewhere).isEmpty)
        #expect(try await narrow.get("/v1/sessions/\(two.sessions[0])").status == 200)
        #expect(try await narrow.get("/v1/sessions/\(two.sessions[1])").code == "not_found")
        #expect(try await narrow.get("/v1/sites/\(two.there.site)").code == "not_found")
        #expect(try await narrow.get("/v1/evses/\(two.there.evse)").code == "not_found")
        for path in ["/v1/accounts", "/v1/payments", "/v1/events", "/v1/webhook_endpoints", "/v1/tokens"] {
            #expect(try await narrow.get(path).code == "scope_missing", "\(path)")
        }
    }

    @Test("a host sees the sessions of its sites, and neither drivers nor how they pay")
    func host() async throws {
        let two = try await Two("HOST")
        let nowhere = try await two.client.post("/v1/api_keys", ["scope": "site_host", "name": "host"])
        #expect(nowhere.code == "invalid_field")
        let host = try await two.key([
            "scope": "site_host", "name": "host", "sites": [.string(two.here.site)],
        ])

        let sessions = try await host.get("/v1/sessions")
        #expect(ids(sessions) == [two.sessions[0]])
        #expect(sessions["data"]?[0]?["account"] == .null)
        #expect(sessions["data"]?[0]?["token_masked"] == .null)
        #expect(sessions["data"]?[0]?["energy_wh"] == 0)
        let full = try await two.client.get("/v1/sessions/\(two.sessions[0])")
        #expect(full["account"]?.string == two.account)
        #expect(try await host.post("/v1/sessions/\(two.sessions[0])/stop").code == "scope_missing")
        #expect(try await host.get("/v1/payments").code == "scope_missing")
    }

    @Test("a driver sees the own account, wallets and sessions, for a while")
    func driver() async throws {
        let two = try await Two("DRIVER")
        let other = try await two.client.made(
            "/v1/accounts", ["kind": "personal", "name": "Lee", "funding": "wallet"])
        let minted = try await two.client.post("/v1/driver_tokens", ["account": .string(two.account)])
        #expect(minted.status == 201)
        let driver = APIClient(url: two.server.url, key: minted["token"]?.string)

        let account = try await driver.get("/v1/accounts/\(two.account)")
        #expect(account["name"] == "Kim")
        let wallets = try await driver.get("/v1/accounts/\(two.account)/wallets")
        let wallet = try #require(ids(wallets).first)
        #expect(try await driver.get("/v1/wallets/\(wallet)/entries").status == 200)
        let sessions = try await driver.get("/v1/sessions")
        #expect(ids(sessions) == [two.sessions[0]])
        let asked = try await driver.get("/v1/sessions?account=\(other)")
        #expect(ids(asked).isEmpty)
        #expect(try await driver.get("/v1/sessions/\(two.sessions[1])").code == "not_found")
        #expect(try await driver.get("/v1/accounts/\(other)").code == "not_found")
        #expect(try await driver.get("/v1/accounts/\(other)/wallets").code == "not_found")
        #expect(try await driver.get("/v1/accounts").code == "scope_missing")
        #expect(try await driver.get("/v1/receipts").status == 200)

        let unknown = APIClient(url: two.server.url, key: "drt_nobody")
        #expect(try await unknown.get("/v1/sessions").code == "unauthenticated")
        let (client, _) = try await two.server.tenant()
        let foreign = try await client.post("/v1/driver_tokens", ["account": .string(two.account)])
        #expect(foreign.code == "invalid_field")
    }

    @Test("a key works from its networks only, and after a roll both keys do for a day")
    func networksAndRoll() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let far = try await client.post(
            "/v1/api_keys",
            ["scope": "service", "name": "far", "allowed_ips": ["192.0.2.0/24", "2001:db8::/32"]])
        let near = try await client.post(
            "/v1/api_keys", ["scope": "service", "name": "near", "allowed_ips": ["127.0.0.0/8"]])
        let blocked = try await APIClient(url: server.url, key: far["secret"]?.string).get("/v1/sites")
        let open = try await APIClient(url: server.url, key: near["secret"]?.string).get("/v1/sites")
        #expect(blocked.code == "ip_not_allowed")
        #expect(open.status == 200)
        let wrong = try await client.post(
            "/v1/api_keys", ["scope": "service", "name": "x", "allowed_ips": ["the office"]])
        #expect(wrong["param"]?.string == "/allowed_ips/0")

        let rolled = try await client.post("/v1/api_keys/\(near["id"]?.string ?? "")/roll")
        #expect(rolled["allowed_ips"]?[0] == "127.0.0.0/8")
        for secret in [near["secret"], rolled["secret"]] {
            let answer = try await APIClient(url: server.url, key: secret?.string).get("/v1/sites")
            #expect(answer.status == 200)
        }
        _ = try await client.post("/v1/api_keys/\(near["id"]?.string ?? "")/revoke")
        let revoked = try await APIClient(url: server.url, key: near["secret"]?.string).get("/v1/sites")
        #expect(revoked.code == "key_revoked")
    }
}
