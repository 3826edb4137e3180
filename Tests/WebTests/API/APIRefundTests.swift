// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Payments
import Quantities
import Simulation
import Storage
import Testing
import Web

@Suite("API: refunds", .timeLimit(.minutes(2)))
struct APIRefundTests {
    /// A network on which sessions were paid by card and from a wallet, with the Sandbox at work.
    private static let played = Task { () -> (server: APIServer, client: APIClient) in
        let server = try await APIServer(publicURL: "")
        _ = try await World(desk: server.desk, givesBack: false).play(visits: 12, seed: 5)
        return (server, APIClient(url: server.url, key: "a key that the first operator chose"))
    }

    /// A payment of that source that took something and gave nothing back.
    private func taken(_ source: String, _ client: APIClient) async throws -> (id: String, captured: Int64) {
        let all = try await client.get("/v1/payments?limit=200")["data"]?.array ?? []
        let fits = all.first { payment in
            payment["source"]?.string == source && (payment["captured"]?["amount"]?.int64 ?? 0) > 200
                && payment["refunded"]?["amount"]?.int64 == 0 && payment["status"]?.string == "captured"
        }
        let payment = try #require(fits)
        return (
            try #require(payment["id"]?.string), try #require(payment["captured"]?["amount"]?.int64)
        )
    }

    private func euros(_ cents: Int64) -> JSON { ["amount": JSON(cents), "currency": "EUR"] }

    @Test("a refund that has not left is taken back; its credit note stays, so nothing is credited twice")
    func cancelled() async throws {
        let server = try await APIServer(publicURL: "")
        _ = try await World(desk: server.desk, givesBack: false).play(visits: 12, seed: 5)
        let client = APIClient(url: server.url, key: "a key that the first operator chose")
        let payment = try await taken("card", client).id
        let elsewhere = try await client.post(
            "/v1/payments/\(payment)/refunds", ["reason": "charger fault", "to": "wallet"], key: "else")
        #expect(elsewhere["param"]?.string == "/to")
        let asked = try await client.post(
            "/v1/payments/\(payment)/refunds",
            ["reason": "charger fault", "to": "original", "metadata": ["ticket": "9"]], key: "first")
        let refund = try #require(asked["id"]?.string)
        #expect(asked.status == 202)
        #expect(asked["metadata"] == ["ticket": "9"])
        let found = try await client.get("/v1/refunds?metadata[ticket]=9")
        #expect(found["data"]?.array?.compactMap { $0["id"]?.string } == [refund])
        #expect(try await client.get("/v1/refunds?metadata[ticket]=8")["data"] == [])

        let taken = try await client.post("/v1/refunds/\(refund)/cancel")
        let again = try await client.post("/v1/refunds/\(refund)/cancel")

        #expect(taken["status"] == "cancelled", "\(taken.text)")
        #expect(again["status"] == "cancelled")
        #expect(try await client.get("/v1/payments/\(payment)")["refunded"]?["amount"] == 0)
        let attempts = try await client.get("/v1/payments/\(payment)/attempts")
        #expect(attempts["data"]?.array?.contains { $0["status"] == "withdrawn" } == true)
        let anew = try await client.post(
            "/v1/payments/\(payment)/refunds", ["reason": "charger fault"], key: "second")
        #expect(anew.code == "refund_exceeds_captured", "its credit note stays")
        #expect(anew["available"]?["amount"] == 0)
        let fromWallet = try await self.taken("wallet", client)
        let paid = try await client.post(
            "/v1/payments/\(fromWallet.id)/refunds", ["reason": "charger fault"], key: "third")
        let late = try await client.post("/v1/refunds/\(paid["id"]?.string ?? "")/cancel")
        #expect(late.code == "invalid_state", "a wallet has it at once")
    }

    @Test("a dry run gives back nothing, and a key with a limit no more than that")
    func limitAndRehearsal() async throws {
        // A network of its own: the other tests give money back at the same time.
        let server = try await APIServer(publicURL: "")
        _ = try await World(desk: server.desk, givesBack: false).play(visits: 12, seed: 5)
        let client = APIClient(url: server.url, key: "a key that the first operator chose")
        let (payment, captured) = try await taken("card", client)
        let path = "/v1/payments/\(payment)/refunds"
        let wish: JSON = ["amount": euros(150), "reason": "charger fault"]

        let rehearsed = try await client.post(path + "?dry_run=true", wish)
        #expect(rehearsed.status == 200, "\(rehearsed.text)")
        #expect(rehearsed["amount"]?["amount"] == 150)
        #expect(rehearsed.headers["location"] == nil)
        let untouched = try await client.get("/v1/refunds?payment=\(payment)")
        #expect(untouched["data"] == [])

        let made = try await client.post(
            "/v1/api_keys", ["scope": "service", "name": "till", "refund_limit": euros(150)])
        let till = APIClient(url: server.url, key: made["secret"]?.string)
        let more = try await till.post(path, ["amount": euros(151), "reason": "x"], key: "till-1")
        let all = try await till.post(path, ["reason": "x"], key: "till-2")
        let within = try await till.post(path, wish, key: "till-3")
        #expect(more.code == "limit_of_key_exceeded")
        #expect(all.code == "limit_of_key_exceeded", "\(captured)")
        #expect(within.status == 202)

        // A bank claims the money back: until that is decided nothing is given back twice.
        let id = try #require(PaymentID(payment))
        let (desk, now) = (server.desk, server.desk.clock.now)
        try await desk.store.transaction { tx in
            guard let row = try tx.find(PaymentRecord.self, id) else { return }
            try tx.insert(
                DisputeRecord(
                    id: desk.ids.new(at: now), of: row, reference: "dp_1",
                    machine: Dispute(.eur(100), isInquiry: false), fee: .eur(0), reason: "fraudulent",
                    dueAt: nil, at: now))
        }
        let disputed = try await client.post(path, ["amount": euros(1), "reason": "x"], key: "disputed")
        #expect(disputed.code == "dispute_open", "\(disputed.text)")
        let disputes = try await client.get("/v1/disputes")
        #expect(disputes["data"]?[0]?["status"] == "needs_response")

        let expanded = try await client.get("/v1/refunds?payment=\(payment)&expand=payment")
        #expect(expanded["data"]?[0]?["payment"]?["id"]?.string == payment)
        let unknown = try await client.get("/v1/refunds?expand=nothing&limit=1")
        #expect(unknown["param"]?.string == "?expand")
    }

    @Test("part and rest of a card payment: credit notes add up to the receipt, never more")
    func card() async throws {
        let (_, client) = try await Self.played.value
        let (payment, captured) = try await taken("card", client)
        let path = "/v1/payments/\(payment)/refunds"

        let first = try await client.post(
            path, ["amount": euros(101), "reason": "charger fault"], key: "card-1")
        let again = try await client.post(
            path, ["amount": euros(101), "reason": "charger fault"], key: "card-1")
        let tooMuch = try await client.post(
            path, ["amount": euros(captured), "reason": "all"], key: "card-2")
        let rest = try await client.post(path, ["reason": "the rest"], key: "card-3")
        let nothing = try await client.post(path, ["reason": "once more"], key: "card-4")

        #expect(first.status == 202 && first["status"] == "requested", "the gateway has not said yet")
        #expect(again["id"] == first["id"], "the same key is the same refund")
        #expect(tooMuch.code == "refund_exceeds_captured")
        #expect(tooMuch["available"]?["amount"]?.int64 == captured - 101)
        #expect(rest["amount"]?["amount"]?.int64 == captured - 101)
        #expect(nothing.code == "refund_exceeds_captured")
        #expect(try await client.get("/v1/payments/\(payment)")["refunded"]?["amount"]?.int64 == captured)

        let session = try #require(first["session"]?.string)
        let receipts = try await client.get("/v1/receipts?session=\(session)")
        let receipt = try #require(receipts["data"]?[0])
        let notes = try await client.get("/v1/credit_notes?session=\(session)")["data"]?.array ?? []
        func sum(_ of: (JSON) -> Int64?) -> Int64 { notes.compactMap(of).reduce(0, +) }
        #expect(notes.count == 2)
        #expect(sum { $0["net"]?["amount"]?.int64 } == receipt["net"]?["amount"]?.int64)
        #expect(
            sum { $0["taxes"]?[0]?["amount"]?["amount"]?.int64 }
                == receipt["taxes"]?[0]?["amount"]?["amount"]?.int64)
        for note in notes {
            let parts = (note["lines"]?.array ?? []).compactMap { $0["net"]?["amount"]?.int64 }
            #expect(parts.allSatisfy { $0 >= 0 })
            #expect(note["receipt_number"] == receipt["number"])
            let pdf = try await client.get("/v1/credit_notes/\(note["id"]?.string ?? "")/pdf")
            #expect(pdf.body.starts(with: Array("%PDF-".utf8)))
        }
    }

    /// What one kind of the receipt came to, tax included.
    private func shown(_ kind: String, of payment: String, _ client: APIClient) async throws -> Int64 {
        let session = try await client.get("/v1/payments/\(payment)")["session"]?.string ?? ""
        let receipts = try await client.get("/v1/receipts?session=\(session)")
        let lines = receipts["data"]?[0]?["lines"]?.array ?? []
        return try #require(lines.first { $0["kind"]?.string == kind }?["amount"]?["amount"]?.int64)
    }

    private func line(_ kind: String, _ amount: JSON) -> JSON { ["kind": .string(kind), "amount": amount] }

    @Test("single kinds are given back; lines that cannot be, or exceed a key's limit, are refused")
    func kinds() async throws {
        let server = try await APIServer(publicURL: "")
        _ = try await World(desk: server.desk, givesBack: false).play(visits: 12, seed: 5)
        let client = APIClient(url: server.url, key: "a key that the first operator chose")
        let payment = try await taken("card", client).id
        let path = "/v1/payments/\(payment)/refunds"
        func refused(_ lines: [JSON], _ more: [JSON.Member] = []) async throws -> APIClient.Answer {
            let body = JSON.object([.init("reason", "x"), .init("lines", .array(lines))] + more)
            return try await client.post(path, body, key: UUID().uuidString)
        }
        let one = line("energy", euros(100))

        for (answer, code, place) in [
            (try await refused([]), "invalid_field", "/lines"),
            (try await refused([one], [.init("amount", euros(99))]), "invalid_field", "/lines"),
            (try await refused([one, line("discount", euros(1))]), "invalid_field", "/lines/1/kind"),
            (try await refused([one, one]), "invalid_field", "/lines/1/kind"),
            (try await refused([line("energy", euros(0))]), "amount_too_small", "/lines/0/amount"),
            (
                try await refused([one, line("energy", ["amount": 1, "currency": "CHF"])]),
                "currency_mismatch", "/lines/1/amount/currency"
            ),
            (
                try await refused([line("energy", euros(.max)), line("idle", euros(.max))]),
                "refund_exceeds_captured", "/lines/0/amount"
            ),
            (try await refused([["kind": "energy"]]), "missing_field", "/lines/0/amount"),
        ] {
            #expect(answer.code == code && answer["param"]?.string == place, "\(answer.text)")
        }
        let unknown = try await refused([line("discount", euros(1))])
        #expect(unknown["allowed"]?.array?.contains("energy") == true)
        #expect(try await client.get("/v1/refunds?payment=\(payment)")["data"] == [])

        let made = try await client.post(
            "/v1/api_keys", ["scope": "service", "name": "till", "refund_limit": euros(150)])
        let till = APIClient(url: server.url, key: made["secret"]?.string)
        func ask(_ cents: Int64, key: String) async throws -> APIClient.Answer {
            try await till.post(path, ["lines": [line("energy", euros(cents))], "reason": "x"], key: key)
        }
        #expect(try await ask(151, key: "till-1").code == "limit_of_key_exceeded")
        #expect(try await ask(150, key: "till-2").status == 202)
        try await giveBackEnergy(client)
    }

    /// The credit notes correct these lines and no others, none twice.
    private func giveBackEnergy(_ client: APIClient) async throws {
        let (payment, captured) = try await taken("card", client)
        let energy = try await shown("energy", of: payment, client)
        let path = "/v1/payments/\(payment)/refunds"

        let part = try await client.post(
            path, ["lines": [line("energy", euros(101))], "reason": "charger fault"], key: "k-1")
        #expect(part.status == 202 && part["amount"]?["amount"] == 101, "\(part.text)")
        let tooMuch = try await client.post(
            path, ["lines": [line("energy", euros(energy - 100))], "reason": "x"], key: "k-2")
        #expect(tooMuch.code == "refund_exceeds_captured" && tooMuch["param"] == "/lines")
        #expect(tooMuch["available"]?["amount"]?.int64 == energy - 101)
        let rest = try await client.post(
            path,
            [
                "amount": euros(energy - 101), "lines": [line("energy", euros(energy - 101))],
                "reason": "the rest of it",
            ], key: "k-3")
        #expect(rest.status == 202, "\(rest.text)")

        let session = part["session"]?.string ?? ""
        let notes = try await client.get("/v1/credit_notes?session=\(session)")["data"]?.array ?? []
        let lines = notes.flatMap { $0["lines"]?.array ?? [] }
        #expect(lines.map { $0["kind"]?.string } == ["energy", "energy"])
        #expect(lines.compactMap { $0["gross"]?["amount"]?.int64 }.reduce(0, +) == energy)
        #expect(notes.compactMap { $0["gross"]?["amount"]?.int64 } == [energy - 101, 101])
        let all = try await client.post(path, ["reason": "all"], key: "k-4")
        #expect(all["amount"]?["amount"]?.int64 == (captured > energy ? captured - energy : nil))
    }

    @Test("a wallet has its money back at once")
    func wallet() async throws {
        let (_, client) = try await Self.played.value
        let (payment, _) = try await taken("wallet", client)
        let wallet = try #require(try await client.get("/v1/payments/\(payment)")["wallet"]?.string)
        let before = try await client.get("/v1/wallets/\(wallet)")["posted"]?["amount"]?.int64

        let refund = try await client.post(
            "/v1/payments/\(payment)/refunds", ["amount": euros(150), "reason": "goodwill"], key: "wallet-1")

        let after = try await client.get("/v1/wallets/\(wallet)")["posted"]?["amount"]?.int64
        #expect(refund.status == 201 && refund["status"] == "succeeded")
        #expect(after == before.map { $0 + 150 })
    }

    @Test("what took nothing, another currency and no amount are refused with their code")
    func refused() async throws {
        let (_, client) = try await Self.played.value
        let all = try await client.get("/v1/payments?limit=200")["data"]?.array ?? []
        let empty = try #require(all.first { $0["captured_at"] == .null }?["id"]?.string)
        // Whether another test has refunded part of it meanwhile does not matter here.
        let payment = try #require(all.first { $0["status"] == "captured" }?["id"]?.string)

        let none = try await client.post("/v1/payments/\(empty)/refunds", ["reason": "x"], key: "r-1")
        let other = try await client.post(
            "/v1/payments/\(payment)/refunds",
            ["amount": ["amount": 100, "currency": "CHF"], "reason": "x"], key: "r-2")
        let zero = try await client.post(
            "/v1/payments/\(payment)/refunds", ["amount": euros(0), "reason": "x"], key: "r-3")
        let keyless = try await client.post("/v1/payments/\(payment)/refunds", ["reason": "x"])

        #expect(none.code == "invalid_state")
        #expect(other.code == "currency_mismatch")
        #expect(zero.code == "amount_too_small")
        #expect(keyless.code == "idempotency_key_required")
    }
}
