// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("API: events", .timeLimit(.minutes(2)))
struct APIEventTests {
    /// What `GET /v1/events` tells of an object, oldest first.
    private func types(_ client: APIClient, _ object: String) async throws -> [String] {
        let answer = try await client.get("/v1/events?object=\(object)&limit=200")
        return (answer["data"]?.array ?? []).reversed().compactMap { $0["type"]?.string }
    }

    @Test("a guest's way is told step by step, numbered for each object")
    func guest() async throws {
        let server = try await APIServer(works: true)
        let client = APIClient(url: server.url, key: "a key that the first operator chose")
        let organisation = try await server.desk.store.read { tx in try tx.organisations().first }
        let seeded = try await SeedDemonstration(desk: server.desk)(in: try #require(organisation?.id))
        let opened = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(seeded.stations[0].code)], key: "open")
        let checkout = try #require(opened["id"]?.string)
        let guest = APIClient(url: server.url, key: opened["guest_token"]?.string)
        let accept: JSON = ["accept_quote": opened["quote"]?["hash"] ?? .null, "auto_start": false]
        let paid = try await guest.post("/v1/checkouts/\(checkout)/pay", accept, key: "pay")
        let payment = try #require(paid["payment"]?.string)
        try await TestGateway(desk: server.desk).choose(
            "ok", on: try #require(paid["next_action"]?["url"]?.string))
        var last = try await guest.get("/v1/checkouts/\(checkout)")
        while last["status"] != "funded" { last = try await guest.get("/v1/checkouts/\(checkout)?wait=1") }
        _ = try await guest.post("/v1/checkouts/\(checkout)/cancel")
        while last["released_at"]?.string == nil {
            last = try await guest.get("/v1/checkouts/\(checkout)?wait=1")
        }

        #expect(
            try await types(client, checkout) == [
                "checkout.created", "checkout.funded", "checkout.cancelled",
            ])
        #expect(
            try await types(client, payment) == [
                "payment.action_required", "payment.authorized", "payment.voided", "hold.released",
            ])
        let events = try await client.get("/v1/events?object=\(payment)")
        #expect(events["data"]?.array?.compactMap { $0["sequence"]?.int64 } == [4, 3, 2, 1])
        let one = try #require(events["data"]?[1])
        #expect(one["data"]?["object"]?["status"] == "voided")
        #expect(one["data"]?["previous"]?["status"] == "voiding")
        #expect(one["data"]?["object"]?["amount"]?["amount"] == 4000)
        let again = try await client.get("/v1/events/\(one["id"]?.string ?? "")")
        #expect(again.json == one)
    }

    @Test("events are filtered by type, paged, and another organisation's are not there")
    func lists() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let account = try await client.made("/v1/accounts", ["kind": "personal", "name": "Kim"])
        for (version, status) in [(1, "blocked"), (2, "active"), (3, "blocked")] {
            _ = try await client.patch(
                "/v1/accounts/\(account)", ["status": .string(status)], version: Int64(version))
        }

        let blocked = try await client.get("/v1/events?type=account.blocked&limit=1")
        let next = try await client.get(try #require(blocked["next"]?.string))
        #expect(blocked["data"]?[0]?["sequence"] == 3)
        #expect(next["data"]?[0]?["sequence"] == 1)
        #expect(next["has_more"] == false)
        let unknown = try await client.get("/v1/events?type=account.vanished")
        #expect(unknown.code == "invalid_field")

        let other = try await server.tenant().client
        let others = try await other.get("/v1/events")
        #expect(others["data"]?.array?.isEmpty == true)
        let hidden = try await other.get("/v1/events/\(blocked["data"]?[0]?["id"]?.string ?? "")")
        #expect(hidden.code == "not_found")
    }

    @Test("the types are those of the design, all of them")
    func typesOfTheDesign() throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let text = try String(
            contentsOf: root.appending(path: "docs/design/api.md"), encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Types: ") })
        var wanted: Set<String> = []
        for part in line.split(separator: "`") where part.contains(".") && !part.contains(" ") {
            let family = part.split(separator: ".", maxSplits: 1)
            let words = family[1].filter { $0 != "{" && $0 != "}" }.split(separator: ",")
            for word in words { wanted.insert("\(family[0]).\(word)") }
        }
        #expect(wanted == Set(EventType.allCases.map(\.rawValue)))
    }
}
