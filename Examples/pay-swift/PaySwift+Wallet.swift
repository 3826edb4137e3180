// SPDX-License-Identifier: Apache-2.0

import Foundation

extension PaySwift {
    private struct NewAccount: Encodable {
        let kind = "personal"
        let name = "Kim"
        let funding = "wallet"
    }

    private struct Made: Decodable { let id: String }
    private struct List<Element: Decodable>: Decodable { let data: [Element] }
    private struct ForAccount: Encodable { let account: String }
    private struct Minted: Decodable { let token: String }
    private struct Amount: Encodable {
        struct Value: Encodable {
            let amount: Int
            let currency: String
        }
        let amount: Value

        init(_ cents: Int) { amount = Value(amount: cents, currency: "EUR") }
    }

    private struct Payment: Decodable {
        struct Action: Decodable { let url: URL }
        let id: String
        let status: String
        let captured: Money
        let nextAction: Action?
    }

    private struct PayOut: Decodable { let refunds: [Refund] }
    private struct Refund: Decodable {
        let id: String
        let status: String
        let amount: Money
    }

    private struct Wallet: Decodable { let available: Money }

    /// A prepaid balance: a driver tops it up on the gateway's page, and has part of it refunded to the same card.
    static func wallet(at server: URL, key: String) async throws {
        let shop = Amptill(server: server, credential: key)
        let account: Made = try await shop.post("/v1/accounts", NewAccount())
        let wallets: List<Made> = try await shop.get("/v1/accounts/\(account.id)/wallets")
        guard let wallet = wallets.data.first?.id else { return }
        // The driver's app gets a token of its own, short-lived and for this account only; never the key.
        let minted: Minted = try await shop.post("/v1/driver_tokens", ForAccount(account: account.id))
        let driver = Amptill(server: server, credential: minted.token)

        let begun: Payment = try await driver.post("/v1/wallets/\(wallet)/top_ups", Amount(50_00))
        let path = "/v1/payments/" + begun.id
        let open: Payment = try await driver.wait(path) { $0.nextAction != nil }
        if let page = open.nextAction?.url { try await confirm(at: page) }
        // Credited when it is captured, never on approval.
        let paid: Payment = try await driver.wait(path) { $0.status == "captured" }
        print("topped up", paid.captured.description)

        // 202: the refund is on its way. It is done when it says so, by event or by asking.
        let out: PayOut = try await driver.post("/v1/wallets/\(wallet)/pay_out", Amount(20_00))
        guard var refund = out.refunds.first else { return }
        while !["succeeded", "failed"].contains(refund.status) {
            try await Task.sleep(for: .milliseconds(200))
            refund = try await shop.get("/v1/refunds/" + refund.id)
        }
        print("refunded", refund.status, refund.amount.description)
        let left: Wallet = try await driver.get("/v1/wallets/" + wallet)
        print("left", left.available.description)
    }
}
