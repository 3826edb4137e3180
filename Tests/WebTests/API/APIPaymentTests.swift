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

@Suite("API: payments that a program asks for, limits and return addresses", .timeLimit(.minutes(2)))
struct APIPaymentTests {
    private static let prepaid: JSON = ["kind": "personal", "name": "Kim", "funding": "wallet"]

    private func wish(
        _ purpose: String, _ bench: AccountBench, _ more: [JSON.Member] = []
    ) -> JSON {
        .object(
            [JSON.Member("account", .string(bench.account)), JSON.Member("purpose", .string(purpose))] + more)
    }

    @Test("a program tops a wallet up and pays a debt by one and the same route, each once")
    func topUpAndDebt() async throws {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let (wallet, card) = (try await bench.wallet(), try await bench.saveCard("ok", maximum: 50_00))
        let onCard = JSON.Member("payment_method", .string(card))
        let topUp = wish(
            "top_up", bench,
            [
                onCard, .init("amount", AccountBench.euros(25_00)), .init("capture", "automatic"),
                .init("metadata", ["order": "7"]),
            ])

        let keyless = try await client.post("/v1/payments", topUp)
        let key = UUID().uuidString
        let paid = try await client.post("/v1/payments", topUp, key: key)
        let again = try await client.post("/v1/payments", topUp, key: key)
        #expect(keyless.code == "idempotency_key_required")
        #expect(paid.status == 201, "\(paid.text)")
        #expect(paid["purpose"] == "top_up" && paid["captured"]?["amount"] == 25_00)
        #expect(paid["metadata"] == ["order": "7"])
        #expect(again["id"] == paid["id"] && again.headers["idempotent-replayed"] == "true")
        #expect(try await client.get("/v1/wallets/\(wallet)")["posted"]?["amount"] == 25_00)

        let nothing = try await client.post("/v1/payments", wish("debt", bench), key: UUID().uuidString)
        #expect(nothing.code == "invalid_state" && nothing["state"] == "nothing_owed")
        _ = try await APIFundingTests.debt(of: bench.account, server, client, isInDoubt: false)
        let part = try await client.post(
            "/v1/payments", wish("debt", bench, [onCard, .init("amount", AccountBench.euros(4_29))]),
            key: UUID().uuidString)
        #expect(part.code == "invalid_state" && part["open"]?["amount"] == 4_30, "\(part.text)")
        let cleared = try await client.post(
            "/v1/payments", wish("debt", bench, [onCard, .init("amount", AccountBench.euros(4_30))]),
            key: UUID().uuidString)
        #expect([201, 202].contains(cleared.status), "\(cleared.text)")
        #expect(cleared["purpose"] == "debt" && cleared["amount"]?["amount"] == 4_30)
    }

    @Test("what a payment is for decides what it needs, and what does not fit is refused with its place")
    func refusals() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let amount = JSON.Member("amount", AccountBench.euros(20_00))
        let stranger = try await server.tenant().client
        let session = SessionID(at: server.desk.clock.now, random: 1).text

        for (more, purpose, code, place) in [
            ([], "top_up", "missing_field", "/amount"), ([amount], "session", "missing_field", "/session"),
            ([.init("session", .string(session))], "session", "missing_field", "/amount"),
            ([amount, .init("capture", "manual")], "top_up", "invalid_field", "/capture"),
            ([amount, .init("capture", "automatic")], "session", "invalid_field", "/capture"),
            ([amount, .init("session", .string(session))], "top_up", "invalid_field", "/session"),
            ([amount, .init("session", .string(session))], "session", "not_found", nil),
            ([.init("session", .string(session))], "debt", "not_found", nil),
            (
                [.init("amount", ["amount": 1, "currency": "CHF"])], "top_up", "currency_mismatch",
                "/amount/currency"
            ),
            (
                [amount, .init("return_url", "https://evil.example/")], "top_up", "return_url_not_allowed",
                "/return_url"
            ),
            ([amount], "set_up", "invalid_field", "/purpose"),
        ] as [([JSON.Member], String, String, String?)] {
            let answer = try await client.post(
                "/v1/payments", wish(purpose, bench, more), key: UUID().uuidString)
            #expect(answer.code == code && answer["param"]?.string == place, "\(purpose) \(answer.text)")
        }
        let strange = try await stranger.post(
            "/v1/payments", wish("top_up", bench, [amount]), key: UUID().uuidString)
        #expect(strange.code == "not_found")
    }

    @Test("many programs that ask for one debt at once collect it once")
    func debtRace() async throws {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let card = try await bench.saveCard("ok")
        let bill = try await APIFundingTests.debt(of: bench.account, server, client, isInDoubt: false)
        let body = wish("debt", bench, [.init("payment_method", .string(card))])

        let answers = try await withThrowingTaskGroup(of: APIClient.Answer.self) { group in
            for number in 0..<12 {
                group.addTask {
                    try await client.post("/v1/payments", body, key: "race-\(bill)-\(number % 4)")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        let payments = Set(answers.filter { $0.status < 300 }.compactMap { $0["id"]?.string })
        #expect(payments.count == 1)
        #expect(
            answers.allSatisfy {
                $0.status < 300
                    || ["payment_in_doubt", "idempotency_in_progress", "invalid_state"].contains($0.code)
            }, "\(answers.map(\.text))")
        let rows = try await client.get("/v1/payments?bill=\(bill)")
        #expect(rows["data"]?.array?.count == 1)
    }

    @Test("a bank that refuses the hold of a session says so in the driver's words")
    func hold() async throws {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(
            server, client, account: ["kind": "personal", "name": "Kim", "funding": "payment_method"])
        let (bad, good) = (try await bench.saveCard("insufficient_funds"), try await bench.saveCard("ok"))
        let session = try await running(bench)
        func ask(_ card: String) async throws -> APIClient.Answer {
            try await client.post(
                "/v1/payments",
                wish(
                    "session", bench,
                    [
                        .init("session", .string(session.text)), .init("amount", AccountBench.euros(30_00)),
                        .init("payment_method", .string(card)), .init("capture", "manual"),
                    ]), key: UUID().uuidString)
        }

        let refused = try await ask(bad)
        #expect(refused.code == "pre_authorization_failed", "\(refused.text)")
        #expect(refused["decline"]?["code"] == "insufficient_funds")
        let held = try await ask(good)
        #expect(held.status == 201, "\(held.text)")
        #expect(held["status"] == "authorized" && held["session"]?.string == session.text)
        let second = try await ask(good)
        #expect(second.code == "invalid_state" && second["payment"] == held["id"], "\(second.text)")
    }

    @Test("a session whose vehicle has finished tells from when standing there costs something")
    func idle() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let now = server.desk.clock.now
        func session(_ states: [(Elapsed, ChargingState)]) async throws -> APIClient.Answer {
            let facts = states.map { ago, state in
                Fact(.state(state), measuredAt: now - ago, receivedAt: now - ago)
            }
            let begun = Fact(
                .started(register: .zero), measuredAt: now - .minutes(30), receivedAt: now - .minutes(30))
            let folded = Session(folding: [begun] + facts, under: SessionRules(powerMax: nil))
            return try await client.get(
                "/v1/sessions/\(try await running(bench, as: folded, number: Int64(states.count)))")
        }

        let charging = try await session([(.minutes(30), .charging)])
        let finished = try await session([(.minutes(30), .charging), (.minutes(10), .suspendedByVehicle)])

        #expect(charging["idle"]?["starts_at"] == .null)
        #expect(finished["idle"]?["starts_at"]?.string == (now - .minutes(10)).iso8601)
    }

    /// A session of the account that charges, with a bill and nothing behind it.
    private func running(
        _ bench: AccountBench, as folded: Session = SessionFixture.empty, number: Int64 = 1
    ) async throws -> SessionID {
        let quoted = try await bench.client.post("/v1/quotes", ["evse": .string(bench.network.code)])
        let quote = try #require(quoted["id"]?.string.flatMap { QuoteID($0) })
        let account = try #require(AccountID(bench.account))
        let (desk, now, evse) = (bench.server.desk, bench.server.desk.clock.now, bench.network.evse)
        return try await desk.store.transaction { tx in
            guard let evse = try tx.find(EVSERecord.self, evse) else { throw Trouble("no EVSE") }
            let place = try Place(of: evse, in: tx)
            var machine = Bill()
            for event: Bill.Event in [.fund, .funded, .start, .on] { _ = try machine.apply(event) }
            var bill = BillRecord(
                id: desk.ids.new(at: now), organisation: place.organisation.id, quote: quote,
                account: account, currency: .eur, status: machine.state.rawValue, machine: machine,
                createdAt: now)
            bill.source = .paymentMethod
            let session = SessionRecord(
                id: desk.ids.new(at: now), organisation: place.organisation.id, site: place.site.id,
                station: place.station.id, evse: evse.id, number: number, account: account, bill: bill.id,
                status: .running, folded: folded, energy: .zero, startedAt: now,
                lastFactAt: now, createdAt: now)
            try tx.insert(bill)
            try tx.insert(session)
            bill.session = session.id
            try tx.update(&bill)
            return session.id
        }
    }

    @Test("limits of energy and time are kept with the start and shown, for accounts and guests")
    func limits() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        _ = try await bench.wallet(100_00)

        let begun = try await bench.start([
            JSON.Member(
                "limits", ["cost": AccountBench.euros(30_00), "energy_wh": 30_000, "duration_s": 3600])
        ])
        #expect(begun.status == 202, "\(begun.text)")
        #expect(
            begun["limits"]
                == ["cost": AccountBench.euros(30_00), "energy_wh": 30_000, "duration_s": 3600])
        #expect(begun["held"]?["amount"] == 30_00, "energy and time change nothing of the hold")
        let other = try await APINetwork(client, identity: "L-\(UUID().uuidString)")
        let guest = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(other.code), "limits": ["energy_wh": 5000]],
            key: UUID().uuidString)
        #expect(guest["limits"] == ["cost": .null, "energy_wh": 5000, "duration_s": .null])
        let free = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(other.code)], key: UUID().uuidString)
        #expect(free["limits"] == .null)
        for (limit, place) in [
            (["energy_wh": 0], "/limits/energy_wh"), (["duration_s": 59], "/limits/duration_s"),
            (["power_w": 11], "/limits/power_w"),
        ] as [(JSON, String)] {
            let wrong = try await server.anonymous.post(
                "/v1/checkouts", ["evse": .string(other.code), "limits": limit], key: UUID().uuidString)
            #expect(wrong["param"]?.string == place, "\(wrong.text)")
        }
    }

    @Test(
        "drivers come back to the addresses on the organisation's list, from checkouts and from leaving a card"
    )
    func returnAddresses() async throws {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let consent: JSON.Member = .init(
            "consent", ["text_version": "1", "maximum": AccountBench.euros(50_00)])
        let path = "/v1/accounts/\(bench.account)/payment_methods"
        let back: JSON = "https://app.example/back/7?from=charge"

        let early = try await client.post(path, .object([consent, .init("return_url", back)]))
        #expect(early.code == "return_url_not_allowed", "\(early.text)")
        let version = try #require(try await client.get("/v1/organisation")["version"]?.int64)
        let wrong = try await client.patch(
            "/v1/organisation", ["return_urls": ["http://app.example/"]], version: version)
        #expect(wrong["param"]?.string == "/return_urls/0", "\(wrong.text)")
        let listed = try await client.patch(
            "/v1/organisation", ["return_urls": ["https://app.example/back"]], version: version)
        #expect(listed["return_urls"] == ["https://app.example/back"])

        let nobody = GatewayAccountID(at: server.desk.clock.now, random: 1).text
        let strange = try await client.post(
            path, .object([consent, .init("gateway_account", .string(nobody))]))
        #expect(strange["param"]?.string == "/gateway_account", "\(strange.text)")
        let accounts = try await client.get("/v1/gateway_accounts")
        let asked = try await client.post(
            path,
            .object([
                consent, .init("return_url", back),
                .init("gateway_account", accounts["data"]?[0]?["id"] ?? .null),
            ]))
        let payment = try #require(asked["id"]?.string, "\(asked.text)")
        var shown = asked
        while shown["next_action"]?["url"]?.string == nil {
            shown = try await client.get("/v1/payments/\(payment)?wait=1")
        }
        let page = try await server.desk.store.read { tx in try tx.sandboxObject("payment", payment) }
        #expect(try JSON.parse(Array(try #require(page).utf8))["return_url"] == back)
        let guest = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(bench.network.code), "return_url": back], key: UUID().uuidString
        )
        #expect(guest.status == 201, "\(guest.text)")
    }
}
