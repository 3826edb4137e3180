// SPDX-License-Identifier: Apache-2.0
import Billing
import Digests
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("API: conventions", .timeLimit(.minutes(2)))
struct APIConventionTests {
    @Test("a list keeps its place while rows come in, and its next page keeps every filter")
    func pagination() async throws {
        let client = try await APIServer.shared().tenant().client
        var made: [String] = []
        for number in 0..<5 {
            made.append(
                try await client.made("/v1/accounts", ["kind": "personal", "name": .string("\(number)")]))
            try await nextMillisecond()
        }

        let first = try await client.get("/v1/accounts?kind=personal&limit=2")
        let next = try #require(first["next"]?.string)
        _ = try await client.made("/v1/accounts", ["kind": "personal", "name": "new"])
        let second = try await client.get(next)
        let third = try await client.get(try #require(second["next"]?.string))
        let back = try await client.get("/v1/accounts?ending_before=\(made[1])&limit=2&kind=personal")

        #expect(first["has_more"] == true)
        #expect(next.contains("kind=personal") && next.contains("limit=2"))
        #expect(ids(first) + ids(second) + ids(third) == Array(made.reversed()))
        #expect(third["has_more"] == false)
        #expect(third["next"] == .null)
        #expect(ids(back) == [made[3], made[2]])
    }

    @Test("times narrow a list, the end left out")
    func times() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        _ = try await client.made("/v1/accounts", ["kind": "personal", "name": "before"])
        try await nextMillisecond()
        let middle = server.desk.clock.now.iso8601
        try await nextMillisecond()
        _ = try await client.made("/v1/accounts", ["kind": "personal", "name": "after"])

        let before = try await client.get("/v1/accounts?created_to=\(middle)")
        let after = try await client.get("/v1/accounts?created_from=\(middle)")

        #expect(before["data"]?.array?.compactMap { $0["name"]?.string } == ["before"])
        #expect(after["data"]?.array?.compactMap { $0["name"]?.string } == ["after"])
    }

    @Test("every answer carries its request id, the version, and continues a trace")
    func headers() async throws {
        let client = try await APIServer.shared().tenant().client
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

        let one = try await client.get("/v1/sites", headers: ["traceparent": trace])
        let two = try await client.get("/v1/sites", headers: ["traceparent": "rubbish"])

        #expect(one.headers["request-id"]?.hasPrefix("req_") == true)
        #expect(one.headers["request-id"] != two.headers["request-id"])
        #expect(one.headers["amptill-version"] == "2026-12-01")
        #expect(one.headers["cache-control"] == "no-store")
        let continued = one.headers["traceparent"]
        #expect(continued?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
        #expect(continued != trace)
        #expect(two.headers["traceparent"] == nil)
    }

    @Test("too many calls are refused with the time to wait, and guesses count by address")
    func rateLimits() async throws {
        var limits = RateLimits.relaxed
        limits.key = RateLimits.Bucket(burst: 3, perMinute: 1)
        limits.anonymous = RateLimits.Bucket(burst: 2, perMinute: 1)
        let server = try await APIServer(limits: limits)
        let (client, _) = try await server.tenant()

        var answers: [APIClient.Answer] = []
        for _ in 0..<4 { answers.append(try await client.get("/v1/sites")) }
        var guesses: [Int] = []
        for number in 0..<3 {
            guesses.append(
                try await APIClient(url: server.url, key: "guess \(number)").get("/v1/sites").status)
        }

        #expect(answers.map(\.status) == [200, 200, 200, 429])
        #expect(answers[0].headers["ratelimit-limit"] == "3")
        #expect(answers.map { $0.headers["ratelimit-remaining"] } == ["2", "1", "0", "0"])
        #expect(answers[3].code == "rate_limited")
        #expect(answers[3].headers["retry-after"].flatMap(Int.init).map { (1...60).contains($0) } == true)
        #expect(guesses == [401, 401, 429])
    }

    @Test("the defaults of the limits are those of the design")
    func defaults() {
        let limits = RateLimits()

        #expect(limits.key == RateLimits.Bucket(burst: 200, perMinute: 50 * 60))
        #expect(limits.guest == RateLimits.Bucket(burst: 20, perMinute: 2 * 60))
        #expect(limits.anonymous == RateLimits.Bucket(burst: 10, perMinute: 60))
        #expect(limits.checkouts == RateLimits.Bucket(burst: 6, perMinute: 6))
    }

    @Test("new checkouts of one address have a limit of their own")
    func checkoutLimit() async throws {
        var limits = RateLimits.relaxed
        limits.checkouts = RateLimits.Bucket(burst: 2, perMinute: 1)
        let server = try await APIServer(limits: limits)
        let network = try await APINetwork(server.tenant().client, identity: "LIMIT-1")

        var statuses: [Int] = []
        for number in 0..<3 {
            statuses.append(
                try await server.anonymous.post(
                    "/v1/checkouts", ["evse": .string(network.code)], key: "\(number)"
                )
                .status)
        }

        #expect(statuses == [201, 201, 429])
    }

    private func ids(_ answer: APIClient.Answer) -> [String] {
        answer["data"]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    /// Ids begin with milliseconds; the order of two rows of one millisecond is left open.
    private func nextMillisecond() async throws {
        let clock = try await APIServer.shared().desk.clock
        let now = clock.now.milliseconds
        while clock.now.milliseconds == now { await Task.yield() }
    }
}

@Suite("API: idempotency", .timeLimit(.minutes(2)))
struct IdempotencyTests {
    /// What the door makes of organisation, credential, method, path and key.
    static func scope(
        _ organisation: OrganisationID, _ scope: String, _ method: String, _ path: String, _ key: String
    ) -> String {
        hash([organisation.text, scope, method, path, key].joined(separator: "\n"))
    }

    static func hash(_ text: String) -> String { SHA256Digest.hex(of: Array(text.utf8)) }

    @Test("fifty requests at once with one key make one thing")
    func concurrency() async throws {
        let client = try await APIServer.shared().tenant().client

        let answers = try await withThrowingTaskGroup(of: APIClient.Answer.self) { group in
            for _ in 0..<50 {
                group.addTask { try await client.post("/v1/sites", ["name": "once"], key: "one") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(Set(answers.filter { $0.status == 201 }.compactMap { $0["id"]?.string }).count == 1)
        #expect(answers.allSatisfy { $0.status == 201 || $0.code == "idempotency_in_progress" })
        #expect(try await client.get("/v1/sites")["data"]?.array?.count == 1)
    }

    @Test("a refusal is an answer too, and is repeated; what was refused at the counter is not remembered")
    func refusals() async throws {
        let client = try await APIServer.shared().tenant().client

        let first = try await client.post("/v1/stations/sta_1/evses", Self.evse, key: "k1")
        let again = try await client.post("/v1/stations/sta_1/evses", Self.evse, key: "k1")
        let wrong = try await client.post("/v1/sites", ["nmae": "x"], key: "k2")
        let right = try await client.post("/v1/sites", ["name": "x"], key: "k2")

        #expect(first.status == 404)
        #expect(again.headers["idempotent-replayed"] == "true")
        #expect(again["request_id"] == first["request_id"])
        #expect(wrong.status == 400)
        #expect(right.status == 201)
    }

    @Test(
        "F58: a client's key: another body is refused, others' are other keys, and a month later the answer is the same"
    )
    func keyAgain() async throws {
        let server = try await APIServer()
        let one = try await server.tenant().client
        let two = try await server.tenant().client

        let first = try await one.post("/v1/sites", ["name": "x"], key: "k")
        let otherBody = try await one.post("/v1/sites", ["name": "y"], key: "k")
        let otherPath = try await one.post("/v1/accounts", ["kind": "personal", "name": "x"], key: "k")
        let otherTenant = try await two.post("/v1/sites", ["name": "x"], key: "k")
        server.desk.clock.advance(by: .hours(24 * 31))
        let late = try await one.post("/v1/sites", ["name": "x"], key: "k")

        #expect(first.status == 201)
        #expect(otherBody.code == "idempotency_key_reused")
        #expect(otherPath.status == 201)
        #expect(otherTenant.status == 201 && otherTenant["id"] != first["id"])
        #expect(late.status == 201 && late["id"] == first["id"])
        #expect(late.headers["idempotent-replayed"] == "true")
        #expect(try await one.get("/v1/sites")["data"]?.array?.count == 1)
    }

    @Test("the same key means different things to two tenants, and on two paths")
    func scopes() async throws {
        let server = try await APIServer.shared()
        let one = try await server.tenant().client
        let two = try await server.tenant().client

        let sites = [
            try await one.post("/v1/sites", ["name": "x"], key: "k"),
            try await two.post("/v1/sites", ["name": "x"], key: "k"),
        ]
        let account = try await one.post("/v1/accounts", ["kind": "personal", "name": "x"], key: "k")

        #expect(sites.map(\.status) == [201, 201])
        #expect(sites[0]["id"] != sites[1]["id"])
        #expect(account.status == 201)
    }

    @Test("a request whose process died is done again after a pause, and not before")
    func takeOver() async throws {
        let server = try await APIServer()
        let (client, organisation) = try await server.tenant()
        let scope = Self.scope(organisation, "operator", "POST", "/v1/sites", "crashed")
        let dead = IdempotentAnswers(desk: server.desk)
        let claim = try await dead.claim(scope, requestHash: Self.hash(#"{"name":"x"}"#))

        let early = try await client.post("/v1/sites", ["name": "x"], key: "crashed")
        server.desk.clock.advance(by: .seconds(6))
        let late = try await client.post("/v1/sites", ["name": "x"], key: "crashed")

        #expect(claim == .first)
        #expect(early.code == "idempotency_in_progress")
        #expect(late.status == 201)
    }

    private static let evse: JSON = ["number": 1, "current_type": "ac", "power_w_max": 11000]
}
