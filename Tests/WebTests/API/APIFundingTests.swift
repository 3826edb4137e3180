// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Payments
import Quantities
import Storage
import Testing
import Web

@Suite("API: money that drivers bring and owe", .timeLimit(.minutes(2)))
struct APIFundingTests {
    private static func euros(_ cents: Int64) -> JSON { ["amount": JSON(cents), "currency": "EUR"] }

    @Test("a driver tops up on the gateway's page, and has unused balance paid out to the same card")
    func topUpAndPayOut() async throws {
        let server = try await APIServer(works: true)
        let client = APIClient(url: server.url, key: "a key that the first operator chose")
        let account = try await client.made(
            "/v1/accounts", ["kind": "personal", "name": "Kim", "funding": "wallet"])
        let wallets = try await client.get("/v1/accounts/\(account)/wallets")
        let wallet = try #require(wallets["data"]?[0]?["id"]?.string)
        let minted = try await client.post("/v1/driver_tokens", ["account": .string(account)])
        let driver = APIClient(url: server.url, key: minted["token"]?.string)
        let path = "/v1/wallets/\(wallet)"

        let begun = try await driver.post(
            path + "/top_ups", ["amount": Self.euros(50_00)], key: "top-up")
        let again = try await driver.post(
            path + "/top_ups", ["amount": Self.euros(50_00)], key: "top-up")
        let payment = try #require(begun["id"]?.string, "\(begun.text)")
        #expect(begun.status == 202)
        #expect(begun["purpose"] == "top_up")
        #expect(again["id"]?.string == payment, "the same key is the same payment")
        var shown = begun
        while shown["next_action"]?["url"]?.string == nil {
            shown = try await driver.get("/v1/payments/\(payment)?wait=1")
        }
        try await TestGateway(desk: server.desk).choose(
            "ok", on: try #require(shown["next_action"]?["url"]?.string))
        var balance = try await driver.get(path)
        while balance["posted"]?["amount"] != 50_00 {
            await Task.yield()
            balance = try await driver.get(path)
        }
        let told = try await client.get("/v1/events?object=\(wallet)&type=wallet.credited")
        #expect(told["data"]?.array?.count == 1)

        let much = try await driver.post(path + "/pay_out", ["amount": Self.euros(50_01)], key: "out-1")
        #expect(much.code == "insufficient_balance")
        #expect(much["available"]?["amount"] == 50_00)
        let out = try await driver.post(path + "/pay_out", ["amount": Self.euros(20_00)], key: "out-2")
        #expect(out.status == 202, "\(out.text)")
        #expect(out["refunds"]?[0]?["payment"]?.string == payment)
        while balance["posted"]?["amount"] != 30_00 { balance = try await driver.get(path) }
        #expect(balance["pending"]?["amount"] == 0)
    }

    @Test("what is open of a session is listed, paid once at a time, and told")
    func debts() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let account = try await client.made("/v1/accounts", ["kind": "personal", "name": "Kim"])
        let bill = try await Self.debt(of: account, server, client, isInDoubt: false)

        let debts = try await client.get("/v1/accounts/\(account)/debts")
        #expect(debts["data"]?[0]?["bill"]?.string == bill)
        #expect(debts["data"]?[0]?["amount"]?["amount"] == 4_30)
        let shown = try await client.get("/v1/accounts/\(account)")
        #expect(shown["blocked_by"]?[0]?["code"] == "outstanding_debt")
        #expect(shown["blocked_by"]?[0]?["bill"]?.string == bill)
        let told = try await client.get("/v1/events?object=\(account)")
        #expect(told["data"]?[0]?["type"] == "account.blocked")
        let other = try await server.tenant().client
        #expect(try await other.post("/v1/bills/\(bill)/pay", key: "k").code == "not_found")
        for path in ["payment_methods", "debts"] {
            #expect(try await other.get("/v1/accounts/\(account)/\(path)").code == "not_found")
        }
        for path in ["/v1/disputes", "/v1/invoices", "/v1/settlements"] {
            #expect(try await client.get(path)["data"] == [])
        }
        #expect(try await client.post("/v1/accounts/\(account)/invoices").code == "invalid_state")
    }

    /// A bill of an account of which 4.30 are open; in doubt, a try to collect it is with the gateway.
    static func debt(
        of account: String, _ server: APIServer, _ client: APIClient, isInDoubt: Bool
    ) async throws -> String {
        let network = try await APINetwork(client, identity: "D-\(UUID().uuidString)")
        let quoted = try await client.post("/v1/quotes", ["evse": .string(network.code)])
        let (desk, now) = (server.desk, server.desk.clock.now)
        guard let quote = quoted["id"]?.string.flatMap({ QuoteID($0) }), let payer = AccountID(account) else {
            throw Trouble("no quote: \(quoted.text)")
        }
        return try await desk.store.transaction { tx in
            guard let row = try tx.find(AccountRecord.self, payer) else { throw Trouble("no account") }
            var machine = Bill()
            for event: Bill.Event in [.fund, .funded, .start, .on, .end, .rate, .short] {
                _ = try machine.apply(event)
            }
            let bill = BillRecord(
                id: desk.ids.new(at: now), organisation: row.organisation, quote: quote, account: payer,
                currency: .eur, status: machine.state.rawValue, machine: machine, totalMinor: 4_30,
                createdAt: now)
            try tx.insert(bill)
            var debt = DebtRecord(
                id: desk.ids.new(at: now), of: .eur(4_30), for: bill, fingerprint: nil, cause: "test", at: now
            )
            if isInDoubt {
                var payment = Payment()
                for event: Payment.Event in [.authorize, .unknown] { _ = try payment.apply(event) }
                let collector = PaymentRecord(
                    id: desk.ids.new(at: now), organisation: row.organisation, bill: bill.id, purpose: .debt,
                    source: .card, status: payment.state.rawValue, machine: payment, currency: .eur,
                    amountMinor: 4_30, capturedMinor: 0, createdAt: now)
                try tx.insert(collector)
                debt.collector = collector.id
            }
            try tx.insert(debt)
            return bill.id.text
        }
    }
}
