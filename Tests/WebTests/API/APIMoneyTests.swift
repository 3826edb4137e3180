// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Simulation
import Storage
import Testing
import Web

@Suite("API: money", .timeLimit(.minutes(3)))
struct APIMoneyTests {
    /// A network on which twelve visits were played, faults included, and a key to look at it.
    private static let played = Task { () -> (server: APIServer, client: APIClient, report: World.Report) in
        // The world's Sandbox has no address of its own.
        let server = try await APIServer(publicURL: "")
        let world = try await World(desk: server.desk, givesBack: false)
        let report = try await world.play(visits: 12, seed: 13)
        let client = APIClient(url: server.url, key: "a key that the first operator chose")
        return (server, client, report)
    }

    @Test("the story has everything that is looked at below")
    func story() async throws {
        let report = try await Self.played.value.report

        #expect(report.broken.isEmpty, "\(report.broken)")
        #expect((report.outcomes["settled"] ?? 0) > 5, "\(report.outcomes)")
        #expect((report.outcomes["card"] ?? 0) > 1, "\(report.outcomes)")
    }

    @Test("every session, with its bill, its price line by line and its receipt, says the same")
    func sessions() async throws {
        let client = try await Self.played.value.client
        let sessions = try await all("/v1/sessions", client)

        for session in sessions where session["bill"]?["status"]?.string == "settled" {
            let id = try #require(session["id"]?.string)
            let breakdown = try await client.get("/v1/sessions/\(id)/breakdown")
            let receipt = try await client.get("/v1/receipts/\(try #require(session["receipt"]?.string))")
            let payment = try await client.get(
                "/v1/payments/\(try #require(session["funding"]?["payment"]?.string))")

            #expect(breakdown["final"] == true)
            #expect(breakdown["total"] == session["cost"])
            #expect(breakdown["total"] == session["bill"]?["total"])
            #expect(receipt["gross"] == breakdown["total"])
            #expect(payment["captured"] == breakdown["total"])
            #expect(payment["session"]?.string == id)
            let lines = breakdown["lines"]?.array?.compactMap { $0["amount"]?["amount"]?.int64 } ?? []
            #expect(lines.reduce(0, +) == breakdown["total"]?["amount"]?.int64)
            let net = try #require(receipt["net"]?["amount"]?.int64)
            let taxes = receipt["taxes"]?.array?.compactMap { $0["amount"]?["amount"]?.int64 } ?? []
            #expect(net + taxes.reduce(0, +) == receipt["gross"]?["amount"]?.int64)
        }
        #expect(sessions.contains { $0["bill"]?["status"]?.string == "settled" })
    }

    @Test("past sessions are rated under a draft: the same price changes nothing, twice the price is dearer")
    func compareTariffs() async throws {
        let client = try await Self.played.value.client
        let window: [String: JSON] = ["from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"]
        func compare(_ energy: String) async throws -> APIClient.Answer {
            try await client.post(
                "/v1/tariffs/compare",
                [
                    "from": window["from"] ?? .null, "to": window["to"] ?? .null,
                    "elements": [
                        ["price_components": [["type": "ENERGY", "price": .string(energy), "step_size": 1]]]
                    ],
                ])
        }

        let free = try await compare("0")
        let cheap = try await compare("0.10")
        let dear = try await compare("9.90")
        let backwards = try await client.post(
            "/v1/tariffs/compare",
            ["from": window["to"] ?? .null, "to": window["from"] ?? .null, "elements": []])

        let count = try #require(free["sessions"]?.int64)
        #expect(count > 5)
        #expect(free["after"]?["amount"] == 0)
        #expect(free["cheaper"]?.int64 == count)
        #expect(cheap["before"] == dear["before"])
        #expect((cheap["difference"]?["amount"]?.int64 ?? 0) < 0)
        #expect((dear["difference"]?["amount"]?.int64 ?? 0) > 0)
        #expect(dear["largest"]?.array?.isEmpty == false)
        #expect(backwards.code == "invalid_field")
    }

    @Test("sessions can be filtered by state, account, EVSE and time")
    func filters() async throws {
        let client = try await Self.played.value.client
        let sessions = try await all("/v1/sessions", client)
        let accounts = sessions.compactMap { $0["account"]?.string }
        let account = try #require(accounts.first)

        let ofAccount = try await all("/v1/sessions?account=\(account)", client)
        let final = try await all("/v1/sessions?status=final&status=in_review", client)
        let later = try await all(
            "/v1/sessions?started_from=\(try #require(sessions[3]["started_at"]?.string))", client)

        #expect(ofAccount.allSatisfy { $0["account"]?.string == account })
        #expect(ofAccount.count == sessions.count { $0["account"]?.string == account })
        #expect(
            final.count == sessions.count { ["final", "in_review"].contains($0["status"]?.string ?? "") })
        #expect(
            later.count
                == sessions.count {
                    ($0["started_at"]?.string ?? "") >= (sessions[3]["started_at"]?.string ?? "")
                })
    }

    @Test("the timeline of a session holds charger, gateway, books and document, in order")
    func timeline() async throws {
        let client = try await Self.played.value.client
        let paid = try await all("/v1/sessions", client).first {
            $0["receipt"]?.string != nil && $0["funding"]?["kind"] == "card"
        }
        let settled = try #require(paid)
        let id = try #require(settled["id"]?.string)

        let entries = try await client.get("/v1/sessions/\(id)/timeline")["data"]?.array ?? []

        let sources = Set(entries.compactMap { $0["source"]?.string })
        #expect(sources.isSuperset(of: ["command", "payment", "ledger", "document"]))
        let times = entries.compactMap { $0["at"]?.string }
        #expect(times == times.sorted())
        #expect(entries.contains { $0["what"] == "SessionOwed" })
    }

    @Test("payments show their state, the doubtful ones by their base state, and every attempt")
    func payments() async throws {
        let client = try await Self.played.value.client
        let payments = try await all("/v1/payments", client)

        for payment in payments {
            let status = payment["status"]?.string ?? ""
            #expect(!status.hasSuffix("_unknown"))
            if status == "declined" { #expect(payment["decline"]?["message"]?.string != nil) }
            if status == "captured" { #expect(payment["captured_at"]?.string != nil) }
        }
        let taken = payments.first { $0["status"] == "captured" && $0["source"] == "card" }
        let captured = try #require(taken)
        let attempts = try await client.get("/v1/payments/\(captured["id"]?.string ?? "")/attempts")
        let operations = Set(attempts["data"]?.array?.compactMap { $0["operation"]?.string } ?? [])
        #expect(operations.isSuperset(of: ["authorize", "capture"]))
        let onlyCaptured = try await all("/v1/payments?status=captured", client)
        #expect(onlyCaptured.count == payments.count { $0["status"] == "captured" })
        #expect(payments.contains { $0["status"] == "declined" })
    }

    @Test("the books add up to zero, transaction by transaction and in all")
    func ledger() async throws {
        let client = try await Self.played.value.client

        let balance = try await client.get("/v1/ledger/trial_balance")
        let transactions = try await all("/v1/ledger/transactions", client)

        #expect(balance["currencies"]?.array?.isEmpty == false)
        #expect(balance["currencies"]?.array?.allSatisfy { $0["difference"] == 0 } == true)
        for transaction in transactions {
            let sum = transaction["entries"]?.array?.compactMap { $0["amount"]?.int64 }.reduce(0, +)
            #expect(sum == 0, "\(transaction.text())")
        }
        let numbers = transactions.compactMap { $0["seq"]?.int64 }
        #expect(numbers == Array((1...Int64(numbers.count)).reversed()), "no gap, newest first")
        for (newer, older) in zip(transactions, transactions.dropFirst()) {
            #expect(newer["previous_hash"] == older["hash"])
        }
        let clearing = try await client.get("/v1/ledger/accounts/Assets:Clearing:Sandbox")
        #expect(
            clearing["balances"]?[0]?["posted"]?["amount"]?.int64
                == (try await Self.played.value.report.keptHere))
        let owed = try await all("/v1/ledger/transactions?template=SessionOwed", client)
        #expect(owed.count == transactions.count { $0["template"] == "SessionOwed" })
    }

    @Test("the journal leaves in three languages of bookkeeping", arguments: ["hledger", "beancount", "csv"])
    func export(_ format: String) async throws {
        let client = try await Self.played.value.client

        let journal = try await client.get("/v1/ledger/export?format=\(format)")

        #expect(journal.status == 200)
        #expect(journal.text.contains("SessionOwed"), "\(journal.text.prefix(200))")
        #expect(journal.text.contains("Assets:Clearing:Sandbox"), "\(journal.text.prefix(200))")
        #expect(
            journal.headers["content-type"]?.hasPrefix(format == "csv" ? "text/csv" : "text/plain") == true)
    }

    @Test("a receipt is the same bytes every time, as JSON, as a page and as PDF")
    func receipts() async throws {
        let client = try await Self.played.value.client
        let newest = try await all("/v1/receipts", client).first
        let receipt = try #require(newest)
        let path = "/v1/receipts/\(receipt["id"]?.string ?? "")"

        let json = try await client.get(path)
        let again = try await client.get(path)
        let page = try await client.get(path, headers: ["Accept": "text/html"])
        let html = try await client.get(path + "/html")

        let pdf = try await client.get(path, headers: ["Accept": "application/pdf"])
        let file = try await client.get(path + "/pdf")

        #expect(json.body == again.body)
        #expect(json.headers["etag"] == again.headers["etag"])
        #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
        #expect(page.body == html.body)
        #expect(pdf.headers["content-type"] == "application/pdf")
        #expect(pdf.body.starts(with: Array("%PDF-".utf8)) && pdf.body == file.body)
        #expect(page.text.contains(receipt["number"]?.string ?? "?"))
    }

    @Test("a question for a person is listed, answered once, and the answer kept")
    func workItems() async throws {
        let (server, client, _) = try await Self.played.value
        let now = server.desk.clock.now
        try await server.desk.store.transaction { tx in
            guard let organisation = try tx.organisations().first else { return }
            try tx.open(
                WorkItemRecord(
                    id: server.desk.ids.new(at: now), organisation: organisation.id, reason: "test_question",
                    object: "ses_1", detail: "What now?", state: "open", openedAt: now))
        }
        let open = try await all("/v1/work_items?reason=test_question&status=open", client).first
        let item = try #require(open)
        let path = "/v1/work_items/\(item["id"]?.string ?? "")"

        let decided = try await client.post(
            path + "/decide", ["decision": "done", "note": "called the driver"])
        let twice = try await client.post(path + "/decide", ["decision": "done"])

        #expect(decided["status"] == "closed")
        #expect(decided["note"] == "called the driver")
        #expect(twice.code == "invalid_state")
        #expect(twice["allowed"] == ["open"])
    }

    private func all(_ path: String, _ client: APIClient) async throws -> [JSON] {
        var found: [JSON] = []
        var next: String? = path + (path.contains("?") ? "&" : "?") + "limit=7"
        while let address = next {
            let page = try await client.get(address)
            found += page["data"]?.array ?? []
            next = page["next"]?.string
        }
        return found
    }
}
