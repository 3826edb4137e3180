// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

/// An account that starts sessions through the API, at a charging point whose station is connected.
struct AccountBench: Sendable {
    let server: APIServer
    let client: APIClient
    let account: String
    let network: APINetwork

    /// A server with the Sandbox at work, for tests with saved cards.
    static func working() async throws -> (server: APIServer, client: APIClient) {
        let server = try await workingServer.value
        return (server, APIClient(url: server.url, key: "a key that the first operator chose"))
    }
    private static let workingServer = Task { try await APIServer(works: true) }

    init(_ server: APIServer, _ client: APIClient, account fields: JSON) async throws {
        self.server = server
        self.client = client
        account = try await client.made("/v1/accounts", fields)
        network = try await APINetwork(client, identity: "B-\(UUID().uuidString)")
        let station = try #require(network.station["id"]?.string)
        try await server.desk.store.transaction { tx in
            guard var row = try tx.lock(StationRecord.self, id: station) else { return }
            row.connectedAt = server.desk.clock.now
            try tx.update(&row)
        }
    }

    static func euros(_ cents: Int64) -> JSON { ["amount": JSON(cents), "currency": "EUR"] }

    /// What a session needs.
    func wish(_ more: [JSON.Member] = [], account other: String? = nil) async throws -> JSON {
        let quoted = try await client.post("/v1/quotes", ["evse": .string(network.code)])
        return .object(
            [
                JSON.Member("evse", .string(network.code)), JSON.Member("account", .string(other ?? account)),
                JSON.Member("accept_quote", quoted["hash"] ?? .null),
            ] + more)
    }

    /// Asks for a session.
    func start(_ more: [JSON.Member] = [], key: String = UUID().uuidString) async throws -> APIClient.Answer {
        try await client.post("/v1/sessions", try await wish(more), key: key)
    }

    /// The id of the account's first wallet, after it was given this much.
    func wallet(_ cents: Int64 = 0) async throws -> String {
        let wallets = try await client.get("/v1/accounts/\(account)/wallets")
        let wallet = try #require(wallets["data"]?[0]?["id"]?.string)
        if cents > 0 {
            let credited = try await client.post(
                "/v1/wallets/\(wallet)/credits", ["amount": Self.euros(cents), "reason": "a test"],
                key: UUID().uuidString)
            #expect(credited.status == 201)
        }
        return wallet
    }

    /// The id of a card that was left on the gateway's page; later charges go to `instrument`.
    func saveCard(_ instrument: String, maximum: Int64 = 120_00) async throws -> String {
        let path = "/v1/accounts/\(account)/payment_methods"
        let before = try await client.get(path)["data"]?.array?.count ?? 0
        let asked = try await client.post(
            path,
            ["consent": ["text_version": "2026-12", "maximum": Self.euros(maximum)]])
        #expect(asked.status == 202, "\(asked.text)")
        let payment = try #require(asked["id"]?.string)
        var shown = asked
        while shown["next_action"]?["url"]?.string == nil {
            shown = try await client.get("/v1/payments/\(payment)?wait=1")
        }
        try await TestGateway(desk: server.desk).choose(
            "ok", on: try #require(shown["next_action"]?["url"]?.string))
        var methods = try await client.get(path)
        while methods["data"]?.array?.count == before {
            await Task.yield()
            methods = try await client.get(path)
        }
        let method = try #require(methods["data"]?.array?.last?["id"]?.string)
        try await server.desk.store.transaction { tx in
            guard let row = try tx.find(PaymentMethodRecord.self, method),
                let stored = try tx.sandboxObject("method", row.reference)
            else { throw Trouble("no stored method") }
            try tx.saveSandboxObject(
                "method", row.reference,
                stored.replacingOccurrences(
                    of: #""instrument":"ok""#, with: "\"instrument\":\"\(instrument)\""))
        }
        return method
    }
}
