// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Storage
import Testing
import Web

extension APIProblemTests {
    private static let personal: JSON = ["kind": "personal", "name": "Kim"]
    private static let prepaid: JSON = ["kind": "personal", "name": "Kim", "funding": "wallet"]

    private static func fleet(_ more: [JSON.Member] = []) -> JSON {
        .object(
            [
                JSON.Member("kind", "fleet"), JSON.Member("name", "Vans"), JSON.Member("funding", "invoice"),
            ] + more)
    }

    /// What stands against starts for accounts, their saved cards and their holds.
    static let accounts: [Provocation] = [
        .init(.testOnly) { server, _ in
            try await server.tenant(.live).client.post(
                "/v1/gateway_accounts", ["kind": "sandbox", "name": "Sandbox", "secret": "x"])
        },
        .init(.testOnly) { server, _ in
            try await server.tenant(.live).client.post(
                "/v1/gateway_accounts", ["kind": "stripe", "name": "Stripe", "secret": "sk_test_x"])
        },
        .init(.liveOnly, at: "/secret") { _, client in
            try await client.post(
                "/v1/gateway_accounts", ["kind": "stripe", "name": "Stripe", "secret": "rk_live_x"])
        },
        .init(.outstandingDebt) { server, client in
            let bench = try await AccountBench(server, client, account: personal)
            let bill = try await APIFundingTests.debt(of: bench.account, server, client, isInDoubt: false)
            let answer = try await bench.start()
            #expect(answer["bill"]?.string == bill)
            #expect(answer["pay_url"]?.string?.hasSuffix("/v1/bills/\(bill)/pay") == true)
            return answer
        },
        .init(.insufficientBalance) { server, client in
            try await AccountBench(server, client, account: prepaid).start()
        },
        .init(.creditLimitReached) { server, client in
            let bench = try await AccountBench(
                server, client,
                account: fleet([
                    JSON.Member("credit_limit", AccountBench.euros(39_99)),
                    JSON.Member("invoice_address", ["city": "Hamburg", "country": "DE"]),
                ]))
            let answer = try await bench.start()
            #expect(answer["available"]?["amount"] == 39_99)
            return answer
        },
        .init(.billingDataRequired) { server, client in
            try await AccountBench(server, client, account: fleet()).start()
        },
        .init(.billingDataRequired) { _, client in
            let account = try await client.made("/v1/accounts", fleet())
            return try await client.post("/v1/accounts/\(account)/invoices")
        },
        .init(.alreadyCharging) { server, client in
            let bench = try await AccountBench(server, client, account: prepaid)
            _ = try await bench.wallet(100_00)
            #expect(try await bench.start().status == 202)
            return try await bench.start()
        },
        .init(.evseOccupied) { server, client in
            let bench = try await AccountBench(server, client, account: prepaid)
            _ = try await bench.wallet(100_00)
            #expect(try await bench.start().status == 202)
            let other = try await client.made("/v1/accounts", prepaid)
            return try await client.post("/v1/sessions", try await bench.wish(account: other), key: "k")
        },
        .init(.priceChanged, at: "/accept_quote") { server, client in
            let bench = try await AccountBench(server, client, account: prepaid)
            return try await client.post(
                "/v1/sessions",
                [
                    "evse": .string(bench.network.code), "account": .string(bench.account),
                    "accept_quote": "sha256:other",
                ], key: "k")
        },
        .init(.captureExceedsHold, at: "/amount") { server, client in
            let payment = try await held(server, client)
            return try await client.post(
                "/v1/payments/\(payment)/capture", ["amount": AccountBench.euros(40_01)], key: "k")
        },
        .init(.invalidState) { server, client in
            // The session has no price yet: nobody knows what may be taken.
            let payment = try await held(server, client)
            return try await client.post(
                "/v1/payments/\(payment)/capture", ["amount": AccountBench.euros(1_00)], key: "k")
        },
        .init(.adjustNotSupported) { server, client in
            let payment = try await held(server, client)
            return try await client.post(
                "/v1/payments/\(payment)/adjust", ["new_total": AccountBench.euros(50_00)], key: "k")
        },
        .init(.reloadCapReached, at: "/amount") { _, _ in
            let (server, client) = try await AccountBench.working()
            let bench = try await AccountBench(server, client, account: prepaid)
            let (wallet, card) = (try await bench.wallet(), try await bench.saveCard("ok"))
            let changed = try await client.patch(
                "/v1/wallets/\(wallet)",
                [
                    "auto_reload": [
                        "amount": AccountBench.euros(20_00), "cap_per_day": AccountBench.euros(30_00),
                        "payment_method": .string(card),
                    ]
                ], version: 1)
            #expect(changed.status == 200, "\(changed.text)")
            return try await client.post(
                "/v1/wallets/\(wallet)/top_ups",
                ["amount": AccountBench.euros(30_01), "payment_method": .string(card)], key: UUID().uuidString
            )
        },
        .init(.paymentDeclined) { _, _ in try await topUp(on: "insufficient_funds") },
        .init(.authenticationRequired) { _, _ in
            let answer = try await topUp(on: "off_session_challenge")
            #expect(answer["next_action"]?["type"] == "redirect", "\(answer.text)")
            #expect(answer["decline"]?["advice"] == "needs_authentication")
            return answer
        },
        .init(.preAuthorizationFailed) { _, _ in
            let answer = try await cardStart(on: "insufficient_funds")
            #expect(answer["decline"]?["advice"] == "needs_new_method")
            return answer
        },
        .init(.authenticationRequired) { _, _ in
            let answer = try await cardStart(on: "off_session_challenge")
            #expect(answer["next_action"]?["url"]?.string?.contains("/sandbox/") == true, "\(answer.text)")
            return answer
        },
    ]

    /// The payment of a start from a wallet, 40.00 held.
    private static func held(_ server: APIServer, _ client: APIClient) async throws -> String {
        let bench = try await AccountBench(server, client, account: prepaid)
        _ = try await bench.wallet(100_00)
        return try #require(try await bench.start()["payment"]?.string)
    }

    private static func topUp(on instrument: String) async throws -> APIClient.Answer {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(server, client, account: prepaid)
        let (wallet, card) = (try await bench.wallet(), try await bench.saveCard(instrument))
        return try await client.post(
            "/v1/wallets/\(wallet)/top_ups",
            ["amount": AccountBench.euros(20_00), "payment_method": .string(card)], key: UUID().uuidString)
    }

    private static func cardStart(on instrument: String) async throws -> APIClient.Answer {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(server, client, account: personal)
        _ = try await bench.saveCard(instrument)
        return try await bench.start()
    }
}
