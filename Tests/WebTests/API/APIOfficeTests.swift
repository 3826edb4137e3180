// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Simulation
import Storage
import Testing
import Web

@Suite("API: the office", .timeLimit(.minutes(2)))
struct APIOfficeTests {
    /// Sessions that were played and paid, to have something to look at.
    private static let played = Task { () -> (server: APIServer, client: APIClient) in
        let server = try await APIServer(publicURL: "")
        _ = try await World(desk: server.desk, givesBack: true).play(visits: 8, seed: 3)
        return (server, APIClient(url: server.url, key: "a key that the first operator chose"))
    }

    @Test(
        "the reports have the rows that the lists have, in CSV and in JSON",
        arguments: ["sessions", "payments", "refunds"])
    func reports(name: String) async throws {
        let client = try await Self.played.value.client
        let csv = try await client.get("/v1/reports/\(name).csv")
        let json = try await client.get("/v1/reports/\(name)?format=json")
        let list = try await client.get("/v1/\(name)?limit=200")

        let lines = csv.text.split(separator: "\r\n")
        let ids = Set((list["data"]?.array ?? []).compactMap { $0["id"]?.string })
        #expect(csv.headers["content-type"]?.hasPrefix("text/csv") == true)
        #expect(lines.count == ids.count + 1)
        #expect(Set(lines.dropFirst().compactMap { $0.split(separator: ",").first.map(String.init) }) == ids)
        #expect(json["rows"]?.array?.count == ids.count)
        let none = try await client.get("/v1/reports/\(name).csv?to=2001-01-01")
        #expect(none.text.split(separator: "\r\n").count == 1)
    }

    @Test("the report of taxes adds up to what was booked")
    func vat() async throws {
        let client = try await Self.played.value.client
        let rows = try await client.get("/v1/reports/vat?format=json")["rows"]?.array ?? []
        let books = try await client.get("/v1/ledger/accounts")["data"]?.array ?? []
        #expect(!rows.isEmpty)
        for row in rows {
            let account = books.first { $0["name"] == row["account"] }
            let posted = account?["balances"]?[0]?["posted"]?["amount"]?.int64
            #expect(posted.map { -$0 } == row["amount_minor"]?.int64)
        }
        #expect(try await client.get("/v1/reports/nothing.csv").code == "not_found")
    }

    @Test("metrics count what the lists show")
    func metrics() async throws {
        let client = try await Self.played.value.client
        let text = try await client.get("/v1/metrics").text
        let captured = try await client.get("/v1/payments?status=captured&limit=200")["data"]?.array ?? []
        #expect(text.contains("amptill_payments{status=\"captured\"} \(captured.count)\n"))
        #expect(text.contains("# TYPE amptill_doubts gauge\namptill_doubts 0\n"))
    }

    @Test("the audit log tells who did what, and every invariant is checked")
    func audit() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let site = try await client.made("/v1/sites", ["name": "x"])
        let log = try await client.get("/v1/audit?object=\(site)")
        #expect(log["data"]?[0]?["action"] == "site.created")
        #expect(log["data"]?[0]?["request_id"]?.string?.hasPrefix("req_") == true)
        let checked = try await Self.played.value.client.post("/v1/audit/check")
        #expect(checked["ok"] == true, "\(checked.text)")
        #expect((checked["invariants"]?.array?.count ?? 0) > 10)
    }

    @Test("what a person books stands in the journal, and can be taken back once")
    func manual() async throws {
        let client = try await APIServer.shared().tenant().client
        let wish = APIProblemTests.posting(1250, -1250)
        let tried = try await client.post("/v1/ledger/transactions?dry_run=true", wish)
        #expect(tried.status == 200 && tried["template"] == "Manual", "\(tried.text)")
        #expect(try await client.get("/v1/ledger/transactions")["data"] == [], "nothing of it stays")
        let posted = try await client.post("/v1/ledger/transactions", wish, key: "one")
        let again = try await client.post("/v1/ledger/transactions", wish, key: "one")
        let id = try #require(posted["id"]?.string, "\(posted.text)")
        #expect(posted.status == 201)
        #expect(posted["template"] == "Manual")
        #expect(again["id"]?.string == id)

        let path = "/v1/ledger/transactions/\(id)/reverse"
        let reversing = try await client.post(path + "?dry_run=true", ["reason": "a mistake"])
        #expect(reversing.status == 200 && reversing["reverses"]?.string == id)
        let reversed = try await client.post(path, ["reason": "a mistake"], key: "back")
        #expect(reversed["reverses"]?.string == id)
        #expect(reversed["entries"]?[0]?["amount"]?.int64?.magnitude == 1250)
        let twice = try await client.post(path, ["reason": "a mistake"], key: "back-again")
        #expect(twice.code == "invalid_state")
        let goodwill = try await client.get("/v1/ledger/accounts/Expenses:Goodwill")
        #expect(goodwill["balances"]?[0]?["posted"]?["amount"] == 0)
        let closed = try await client.post("/v1/ledger/periods/2026-02/close")
        let once = try await client.post("/v1/ledger/periods/2026-02/close")
        #expect(closed["month"] == "2026-02")
        #expect(once["closed_at"] == closed["closed_at"])
        let told = try await client.get("/v1/events?type=period.closed")
        #expect(told["data"]?.array?.count == 1)
    }
}
