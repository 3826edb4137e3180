// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Foundation
import JSONText
import Payments
import Quantities
import Storage
import Testing
import Web

@Suite("API: problems", .timeLimit(.minutes(2)))
struct APIProblemTests {
    /// A request and the problem it provokes, with the place it names.
    struct Provocation: Sendable, CustomTestStringConvertible {
        let code: Problem.Code
        var place: String?
        let request: @Sendable (APIServer, APIClient) async throws -> APIClient.Answer

        var testDescription: String { code.rawValue + (place.map { " at \($0)" } ?? "") }

        init(
            _ code: Problem.Code, at place: String? = nil,
            _ request: @escaping @Sendable (APIServer, APIClient) async throws -> APIClient.Answer
        ) {
            self.code = code
            self.place = place
            self.request = request
        }
    }

    static let bodies: [Provocation] = [
        .init(.malformedJSON) { _, client in
            try await client.send("POST", "/v1/sites", body: Array("{\"name\": ".utf8))
        },
        .init(.malformedJSON, at: "/name") { _, client in
            try await client.send("POST", "/v1/sites", body: Array("{\"name\": \"a\", \"name\": \"b\"}".utf8))
        },
        .init(.unknownField, at: "/nmae") { _, client in try await client.post("/v1/sites", ["nmae": "x"]) },
        .init(.unknownField, at: "/address/ctiy") { _, client in
            try await client.post("/v1/sites", ["name": "x", "address": ["ctiy": "y"]])
        },
        .init(.unknownField, at: "?limti") { _, client in try await client.get("/v1/sites?limti=5") },
        .init(.missingField, at: "/name") { _, client in try await client.post("/v1/sites") },
        .init(.missingField, at: "/name") { _, client in try await client.post("/v1/sites", ["name": .null])
        },
        .init(.missingField, at: "/evses/0/number") { _, client in
            try await client.post(
                "/v1/stations",
                [
                    "site": "site_1", "ocpp_identity": "X",
                    "evses": [["current_type": "ac", "power_w_max": 11000]],
                ])
        },
        .init(.invalidField, at: "/name") { _, client in try await client.post("/v1/sites", ["name": 5]) },
        .init(.invalidField, at: "/country") { _, client in
            try await client.post("/v1/sites", ["name": "x", "country": "Germany"])
        },
        .init(.invalidField, at: "/time_zone") { _, client in
            try await client.post("/v1/sites", ["name": "x", "time_zone": "Europe/Atlantis"])
        },
        .init(.invalidField, at: "/tax_profile/energy") { _, client in
            try await client.post(
                "/v1/sites", ["name": "x", "tax_profile": ["energy": "190", "included": true]])
        },
        .init(.invalidField, at: "?limit") { _, client in try await client.get("/v1/sites?limit=201") },
        .init(.invalidField, at: "/amount/amount") { _, client in
            try await client.post(
                "/v1/wallets/wal_1/credits",
                ["amount": ["amount": .number("18.37"), "currency": "EUR"], "reason": "x"], key: "k")
        },
        .init(.cardNumberInRequest, at: "/name") { _, client in
            try await client.post("/v1/sites", ["name": "my card 4242 4242 4242 4242"])
        },
        .init(.cardNumberInRequest, at: "/address/street") { _, client in
            try await client.post(
                "/v1/sites", ["name": "x", "address": ["street": "5555555555554444", "city": "y"]])
        },
        .init(.unsupportedMediaType) { _, client in
            try await client.send(
                "POST", "/v1/sites", body: Array("name=x".utf8),
                headers: ["Content-Type": "application/x-www-form-urlencoded"])
        },
        .init(.bodyTooLarge) { _, client in
            try await client.send("POST", "/v1/sites", body: [UInt8](repeating: 32, count: 1 << 20 | 1))
        },
        .init(.invalidCursor, at: "?starting_after") { _, client in
            try await client.get("/v1/sites?starting_after=ses_1")
        },
        .init(.unsupportedVersion) { _, client in
            try await client.get("/v1/sites", headers: ["Amptill-Version": "2019-01-01"])
        },
    ]

    static let credentials: [Provocation] = [
        .init(.unauthenticated) { server, _ in try await server.anonymous.get("/v1/sites") },
        .init(.unauthenticated) { server, _ in
            try await APIClient(url: server.url, key: "amp_test_nobody").get("/v1/sites")
        },
        .init(.unauthenticated) { server, _ in
            try await APIClient(url: server.url, key: "gst_nobody").get("/v1/sites")
        },
        .init(.unauthenticated) { server, _ in
            try await server.anonymous.get("/v1/sites", headers: ["Authorization": "Basic YTpi"])
        },
        .init(.ipNotAllowed) { server, client in
            let made = try await client.post(
                "/v1/api_keys", ["scope": "service", "name": "far", "allowed_ips": ["192.0.2.0/24"]])
            return try await APIClient(url: server.url, key: made["secret"]?.string).get("/v1/sites")
        },
        .init(.scopeMissing) { server, client in
            let made = try await client.post("/v1/api_keys", ["scope": "read_only", "name": "reader"])
            return try await APIClient(url: server.url, key: made["secret"]?.string).post(
                "/v1/sites", ["name": "x"])
        },
        .init(.scopeMissing) { server, client in
            let made = try await client.post("/v1/api_keys", ["scope": "service", "name": "shop"])
            return try await APIClient(url: server.url, key: made["secret"]?.string).get(
                "/v1/ledger/trial_balance")
        },
        .init(.keyExpired) { server, client in
            let soon = (server.desk.clock.now + .seconds(3600)).iso8601
            let made = try await client.post(
                "/v1/api_keys", ["scope": "service", "name": "short", "expires_at": .string(soon)])
            let secret = try #require(made["secret"]?.string)
            // The hour passes.
            try await server.desk.store.transaction { tx in
                guard var key = try tx.apiKey(secretHash: APIKey.hash(secret)) else { return }
                key.expiresAt = key.createdAt
                try tx.update(&key)
            }
            return try await APIClient(url: server.url, key: secret).get("/v1/sites")
        },
        .init(.invalidField, at: "/expires_at") { _, client in
            try await client.post(
                "/v1/api_keys",
                ["scope": "service", "name": "late", "expires_at": "2020-01-01T00:00:00.000Z"])
        },
    ]

    static let resources: [Provocation] = [
        .init(.notFound) { _, client in try await client.get("/v1/sites/site_01J9ZQ4X7M8Q3T5V6W8Y0A1B2C") },
        .init(.notFound) { _, client in try await client.get("/v1/sites/ses_1") },
        .init(.notFound) { _, client in try await client.get("/v1/nothing") },
        .init(.notFound) { _, client in try await client.send("DELETE", "/v1/sites") },
        .init(.ifMatchRequired) { _, client in
            let site = try await client.made("/v1/sites", ["name": "x"])
            return try await client.patch("/v1/sites/\(site)", ["name": "y"], version: nil)
        },
        .init(.versionConflict) { _, client in
            let site = try await client.made("/v1/sites", ["name": "x"])
            _ = try await client.patch("/v1/sites/\(site)", ["name": "y"], version: 1)
            return try await client.patch("/v1/sites/\(site)", ["name": "z"], version: 1)
        },
        .init(.idempotencyKeyRequired) { server, _ in
            try await server.anonymous.post("/v1/checkouts", ["evse": "ABCDEF"])
        },
        .init(.idempotencyKeyReused) { _, client in
            _ = try await client.post("/v1/sites", ["name": "x"], key: "same")
            return try await client.post("/v1/sites", ["name": "y"], key: "same")
        },
        .init(.idempotencyInProgress) { server, client in
            let stuck = IdempotentAnswers(desk: server.desk)
            let secret = try #require(client.key)
            let key = try await server.desk.store.read { tx in try tx.apiKey(secretHash: APIKey.hash(secret))
            }
            let organisation = try #require(key?.organisation)
            let hash = IdempotencyTests.hash(#"{"name":"x"}"#)
            var answer: APIClient.Answer?
            // A request of another process is taken for dead after 5 s; on a busy machine the second may come too late.
            for attempt in 1...10 where answer?.status != 409 {
                let name = "stuck-\(attempt)"
                let scope = IdempotencyTests.scope(organisation, "operator", "POST", "/v1/sites", name)
                _ = try await stuck.claim(scope, requestHash: hash)
                answer = try await client.post("/v1/sites", ["name": "x"], key: name)
            }
            return try #require(answer)
        },
        .init(.unknownEVSE) { server, _ in
            try await server.anonymous.post("/v1/checkouts", ["evse": "NOSUCH"], key: UUID().uuidString)
        },
        .init(.tokenAlreadyBound) { _, client in
            _ = try await client.post("/v1/tokens", ["kind": "rfid", "uid": "04AA"])
            return try await client.post("/v1/tokens", ["kind": "rfid", "uid": "04aa"])
        },
        .init(.tariffHasErrors) { _, client in
            try await client.post("/v1/tariffs", ["name": "x", "version": ["elements": []]])
        },
        .init(.invalidState) { _, client in
            let tariff = try await client.made("/v1/tariffs", ["name": "x"])
            _ = try await client.post("/v1/tariffs/\(tariff)/archive")
            return try await client.post("/v1/tariffs/\(tariff)/versions", APINetwork.version)
        },
        .init(.badSignature) { server, _ in
            let account = try await server.desk.store.read { tx in
                try tx.organisations().compactMap { try tx.gatewayAccount(of: $0.id) }.first
            }
            return try await server.anonymous.send(
                "POST", "/v1/hooks/\(try #require(account?.id))", body: Array("{}".utf8))
        },
    ]

    static let money: [Provocation] = [
        .init(.evseUnavailable) { server, client in
            let network = try await APINetwork(client, identity: "P-\(UUID().uuidString)")
            let evse = network.evse
            try await server.desk.store.transaction { tx in
                guard var row = try tx.lock(EVSERecord.self, id: evse) else { return }
                row.status = .faulted
                try tx.update(&row)
            }
            return try await server.anonymous.post(
                "/v1/checkouts", ["evse": .string(network.code)], key: UUID().uuidString)
        },
        .init(.evseUnavailable) { server, client in
            let site = try await client.made("/v1/sites", ["name": "no price"])
            let station = try await client.post(
                "/v1/stations", APINetwork.station("P-\(UUID().uuidString)", at: site))
            return try await server.anonymous.post(
                "/v1/checkouts", ["evse": station["evses"]?[0]?["evse_code"] ?? .null], key: UUID().uuidString
            )
        },
        .init(.currencyMismatch) { server, client in
            let network = try await APINetwork(client, identity: "P-\(UUID().uuidString)")
            return try await server.anonymous.post(
                "/v1/checkouts",
                ["evse": .string(network.code), "limit": ["amount": 2000, "currency": "USD"]],
                key: UUID().uuidString)
        },
        .init(.amountTooSmall) { server, client in
            let network = try await APINetwork(client, identity: "P-\(UUID().uuidString)")
            return try await server.anonymous.post(
                "/v1/checkouts",
                ["evse": .string(network.code), "limit": ["amount": 50, "currency": "EUR"]],
                key: UUID().uuidString)
        },
        .init(.amountTooSmall) { _, client in
            try await credit(0, client)
        },
        .init(.amountTooLarge) { _, client in try await credit(100_000_01, client) },
        .init(.returnURLNotAllowed, at: "/return_url") { server, client in
            let network = try await APINetwork(client, identity: "P-\(UUID().uuidString)")
            return try await server.anonymous.post(
                "/v1/checkouts", ["evse": .string(network.code), "return_url": "https://evil.example/"],
                key: UUID().uuidString)
        },
        .init(.priceChanged, at: "/accept_quote") { server, client in
            let guest = try await guest(server, client)
            return try await guest.client.post(
                "/v1/checkouts/\(guest.id)/pay", ["accept_quote": "sha256:other"], key: "pay")
        },
        .init(.quoteExpired) { server, client in
            let organisation = try await client.patch(
                "/v1/organisation", ["policy": ["quote_validity_s": 0]], version: 1)
            #expect(organisation.status == 200)
            let guest = try await guest(server, client)
            return try await guest.client.post(
                "/v1/checkouts/\(guest.id)/pay", ["accept_quote": guest.json["quote"]?["hash"] ?? .null],
                key: "pay")
        },
        .init(.gatewayUnavailable) { server, client in
            let guest = try await guest(server, client)
            return try await guest.client.post(
                "/v1/checkouts/\(guest.id)/pay", ["accept_quote": guest.json["quote"]?["hash"] ?? .null],
                key: "pay")
        },
        .init(.invalidState) { server, client in
            let guest = try await guest(server, client)
            return try await guest.client.post("/v1/checkouts/\(guest.id)/start")
        },
        .init(.invalidState) { server, client in
            let guest = try await guest(server, client)
            return try await guest.client.post("/v1/checkouts/\(guest.id)/stop")
        },
        .init(.unbalanced, at: "/entries") { _, client in
            try await client.post("/v1/ledger/transactions", posting(100, -99), key: "k")
        },
        .init(.invalidField, at: "/entries/0/account") { _, client in
            try await client.post(
                "/v1/ledger/transactions", posting(100, -100, debit: "Liabilities:Wallet"), key: "k")
        },
        .init(.periodClosed) { _, client in
            _ = try await client.post("/v1/ledger/periods/2026-01/close")
            return try await client.post(
                "/v1/ledger/transactions", posting(100, -100, on: "2026-01-31"), key: "k")
        },
        .init(.periodNotReady) { server, client in
            let month = server.desk.clock.now.iso8601.prefix(7)
            return try await client.post("/v1/ledger/periods/\(month)/close")
        },
        .init(.insufficientBalance, at: "/amount") { _, client in
            let account = try await client.made(
                "/v1/accounts", ["kind": "personal", "name": "K", "funding": "wallet"])
            let wallets = try await client.get("/v1/accounts/\(account)/wallets")
            return try await client.post(
                "/v1/wallets/\(wallets["data"]?[0]?["id"]?.string ?? "")/pay_out",
                ["amount": ["amount": 100, "currency": "EUR"]], key: "k")
        },
        .init(.paymentInDoubt) { server, client in
            let account = try await client.made("/v1/accounts", ["kind": "personal", "name": "K"])
            let bill = try await APIFundingTests.debt(of: account, server, client, isInDoubt: true)
            return try await client.post("/v1/bills/\(bill)/pay", key: "k")
        },
        .init(.stationOffline) { server, client in
            let guest = try await funded(server, client, failedAgo: nil)
            return try await guest.client.post("/v1/checkouts/\(guest.id)/start")
        },
        .init(.mailNotConfigured) { _, client in
            try await client.post("/v1/receipts/rcp_1/send", ["email": "kim@example.org"])
        },
        .init(.retryWindowOver) { server, client in
            let guest = try await funded(server, client, failedAgo: .minutes(5))
            return try await guest.client.post("/v1/checkouts/\(guest.id)/start")
        },
        .init(.notFound) { server, client in
            let one = try await guest(server, client)
            let other = try await guest(server, client)
            return try await one.client.get("/v1/checkouts/\(other.id)")
        },
    ]

    /// The whole of each list, one request after the other for each case in parallel.
    @Test(
        "a request that is wrong is answered with the code, the status and the place of what is wrong",
        arguments: bodies + credentials + resources + money + accounts)
    func provoke(_ provocation: Provocation) async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client

        let answer = try await provocation.request(server, client)

        #expect(answer.code == provocation.code.rawValue, "\(answer.text)")
        #expect(answer.status == provocation.code.status)
        #expect(answer.headers["content-type"]?.hasPrefix("application/problem+json") == true)
        #expect(answer["type"]?.string == "/problems/" + provocation.code.rawValue)
        #expect(answer["title"]?.string == provocation.code.title)
        #expect(answer["retryable"]?.bool == provocation.code.isRetryable)
        #expect(answer["request_id"]?.string == answer.headers["request-id"])
        if let place = provocation.place { #expect(answer["param"]?.string == place) }
        #expect(!answer.text.contains("4242 4242"), "the number itself is never told")
    }

    @Test("every code is provoked by a test")
    func everyCodeHasATest() {
        let provoked = Set(
            (Self.bodies + Self.credentials + Self.resources + Self.money + Self.accounts).map(\.code))
        let elsewhere: Set<Problem.Code> = [
            .rateLimited, .keyRevoked, .internal, .storageUnavailable, .readOnlyMode,
            .limitOfKeyExceeded, .refundExceedsCaptured, .disputeOpen,
        ]

        #expect(provoked.union(elsewhere) == Set(Problem.Code.allCases))
    }

    @Test("every code has a page that explains it", arguments: Problem.Code.allCases)
    func pages(_ code: Problem.Code) async throws {
        let server = try await APIServer.shared()

        let page = try await server.anonymous.get("/problems/\(code.rawValue)")

        #expect(page.status == 200)
        #expect(page.text.contains(code.rawValue))
        #expect(code.title != code.rawValue)
    }

    @Test("a database that is closed is told as unavailable, and as a mistake of ours to nobody")
    func storage() async throws {
        let server = try await APIServer()
        let (client, _) = try await server.tenant()
        await server.desk.store.close()

        let answer = try await client.get("/v1/sites")
        let ready = try await server.anonymous.get("/v1/health/ready")

        #expect(answer.code == "storage_unavailable")
        #expect(answer.headers["retry-after"] != nil)
        #expect(ready.status == 503)
        #expect(ready["database"] == "unavailable")
    }

    @Test("F52: on a full disk a write is refused with 503, and everything that was acknowledged is there")
    func diskFull() async throws {
        let server = try await APIServer(roomInPages: 320)
        let (client, organisation) = try await server.tenant()
        let gateway = try #require(
            try await server.desk.store.read { tx in
                try tx.organisations().compactMap { try tx.gatewayAccount(of: $0.id) }.first
            })
        var made: Set<String> = []
        var refused: [Int] = []
        for number in 0..<600 where refused.count < 3 {
            let answer = try await client.post(
                "/v1/sites", ["name": .string("\(number) " + String(repeating: "x", count: 90))],
                key: "k\(number)")
            if answer.status == 201 {
                made.insert(try #require(answer["id"]?.string))
            } else {
                refused.append(answer.status)
            }
            if answer.status != 201 {
                #expect(answer.code == "storage_unavailable" && answer.headers["retry-after"] != nil)
            }
        }
        #expect(refused == [503, 503, 503])

        // A gateway is told the same, and sends its webhook again.
        let event: JSON = [
            "id": "evt-full", "type": "payment.captured",
            "object": ["currency": "EUR", "status": .string(String(repeating: "x", count: 30_000))],
        ]
        let body = event.serialized()
        let signature = SandboxGateway.signature(
            of: body, secret: WebhookSecret(gateway.webhookSecret), at: server.desk.clock.now)
        let told = try await server.anonymous.send(
            "POST", "/v1/hooks/\(gateway.id)", body: body,
            headers: [SandboxGateway.signatureHeader: signature])
        #expect(told.status == 503)

        let stored = try await server.desk.store.read { tx in
            try tx.all(SiteRecord.self).filter { $0.organisation == organisation }.map(\.id.text)
        }
        // One whose answer found no room may be there, and was not acknowledged.
        #expect(made.isSubset(of: stored) && stored.count - made.count <= refused.count)
        #expect(try await server.desk.store.read { tx in try tx.all(DeliveryRecord.self) }.isEmpty)
    }

    @Test("what nobody foresaw is told without its inside")
    func internalError() async throws {
        let server = try await APIServer()
        let (client, organisation) = try await server.tenant()
        let tariff = try await client.made("/v1/tariffs", ["name": "x"])
        let (id, now) = (try #require(TariffID(tariff)), server.desk.clock.now)
        try await server.desk.store.transaction { tx in
            try tx.insert(
                TariffVersionRecord(
                    id: server.desk.ids.new(at: now), organisation: organisation, tariff: id, number: 1,
                    startsAt: now, body: Array("not json".utf8), hash: "", createdAt: now))
        }

        let answer = try await client.get("/v1/tariffs/\(tariff)")

        #expect(answer.status == 500)
        #expect(answer.code == "internal")
        #expect(!answer.text.contains("not json"))
    }

    @Test("a server that may only be looked at refuses every change, and hears gateways")
    func readOnly() async throws {
        let server = try await APIServer(isReadOnly: true)
        let (client, _) = try await server.tenant()
        let account = try await server.desk.store.read { tx in
            try tx.organisations().compactMap { try tx.gatewayAccount(of: $0.id) }.first
        }

        let looked = try await client.get("/v1/sites")
        let changed = try await client.post("/v1/sites", ["name": "x"])
        let heard = try await server.anonymous.send(
            "POST", "/v1/hooks/\(try #require(account?.id))", body: Array("{}".utf8))

        #expect(looked.status == 200)
        #expect(changed.code == "read_only_mode")
        #expect(changed.headers["retry-after"] == "60")
        #expect(heard.code == "bad_signature")
    }

    /// A guest whose hold stands; nil for a start that was never tried.
    static func funded(
        _ server: APIServer, _ client: APIClient, failedAgo: Elapsed?
    ) async throws -> (client: APIClient, id: String) {
        let guest = try await guest(server, client)
        let now = server.desk.clock.now
        try await server.desk.store.transaction { tx in
            guard var checkout = try tx.lock(CheckoutRecord.self, id: guest.id),
                var bill = try tx.lock(BillRecord.self, id: checkout.bill)
            else { return }
            for event: Bill.Event in [.fund, .funded] { _ = try bill.machine.apply(event) }
            bill.status = bill.machine.state.rawValue
            try tx.update(&bill)
            checkout.startFailedAt = failedAgo.map { now - $0 }
            try tx.update(&checkout)
        }
        return (guest.client, guest.id)
    }

    /// Two entries by hand.
    static func posting(
        _ debit: Int64, _ credit: Int64, debit account: String = "Expenses:Goodwill", on day: String? = nil
    ) -> JSON {
        [
            "entries": [
                ["account": .string(account), "amount": JSON(debit), "currency": "EUR"],
                ["account": "Equity:Opening", "amount": JSON(credit), "currency": "EUR"],
            ],
            "reason": "a test", "booked_on": day.map(JSON.string) ?? .null,
        ]
    }

    static func credit(_ cents: Int64, _ client: APIClient) async throws -> APIClient.Answer {
        let account = try await client.made(
            "/v1/accounts", ["kind": "personal", "name": "K", "funding": "wallet"])
        let wallet = try await client.get("/v1/accounts/\(account)/wallets")["data"]?[0]?["id"]?.string ?? ""
        return try await client.post(
            "/v1/wallets/\(wallet)/credits",
            ["amount": ["amount": JSON(cents), "currency": "EUR"], "reason": "x"],
            key: "once")
    }

    /// A guest with an open checkout.
    static func guest(
        _ server: APIServer, _ client: APIClient
    ) async throws -> (client: APIClient, id: String, json: JSON) {
        let network = try await APINetwork(client, identity: "G-\(UUID().uuidString)")
        let opened = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(network.code)], key: UUID().uuidString)
        guard opened.status == 201, let id = opened["id"]?.string, let token = opened["guest_token"]?.string
        else {
            throw Trouble("no checkout: \(opened.text)")
        }
        return (APIClient(url: server.url, key: token), id, opened.json)
    }
}
