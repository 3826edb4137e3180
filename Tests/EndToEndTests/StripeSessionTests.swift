// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// The Stripe adapter through the real server: our own HTTPS line to the Sandbox's Stripe-shaped part, and its webhooks
/// back; then Stripe's official library against the same part.
@Suite("Stripe, end to end", .serialized, .withPeers)
struct StripeSessionTests {
    @Test(
        "a session is held, captured and given a receipt through the Stripe adapter", .timeLimit(.minutes(3)))
    func session() async throws {
        let (server, network, database) = try await start()
        let (code, password) = try await network.addStation("STRIPE-1")
        let charger = try ChargerProcess(
            "STRIPE-1", version: "2.0.1", at: server.url,
            options: ["--password", password, "--kwh", "10", "--minutes", "4", "--speed", "10", "--stay"])
        _ = try await charger.event("boot")
        let guest = try await Guest.scan(code, at: server.url)
        try await guest.pay()
        _ = try await charger.event("session_ended", within: .seconds(60))
        let settled = try await guest.wait(for: "settled", within: .seconds(60))
        let id = try #require(settled["payment"]?.string)
        let payment = try await network.operatorClient.get("/v1/payments/\(id)").json
        #expect(payment["status"]?.string == "captured")
        #expect(payment["captured"]?["amount"]?.int64 == 490)
        #expect(payment["gateway_reference"]?.string?.hasPrefix("pi_") == true)
        #expect(payment["gateway_account"]?.string == "Stripe")
        #expect(payment["instrument"]?["last4"]?.string == "4242")
        try await Accounts.check(network, database: database)
        charger.stop()
        await server.stop()
    }

    @Test("Stripe's official library drives the Stripe-shaped Sandbox", .timeLimit(.minutes(2)))
    func library() async throws {
        let python = try #require(ChargerProcess.python, "AMPTILL_PYTHON is not set; run make test")
        let (server, _, database) = try await start()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Peers/gateways/stripe_flow.py")
        let flow = try await ServerProcess.runTool(
            python, [script.path(), server.url.absoluteString, "sk_test_end_to_end"])
        #expect(flow.output.trimmingCharacters(in: .whitespacesAndNewlines) == "ok", "\(flow.errors)")
        await server.stop()
        withExtendedLifetime(database) {}
    }

    private func start() async throws -> (ServerProcess, Network, Database) {
        let engine = try #require(Engine.available.first)
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "10"])
        let network = try await Network.build(at: server.url)
        let id = try await network.operatorClient.created(
            "/v1/gateway_accounts",
            [
                "kind": "stripe", "name": "Stripe", "secret": "sk_test_end_to_end",
                "webhook_secret": "whsec_end_to_end", "preferred": true,
                "api_base": .string(server.url.absoluteString + "/sandbox/stripe"),
            ])
        let check = try await network.operatorClient.post("/v1/gateway_accounts/\(id)/check")
        #expect(check.json["check"]?.string == "ok", "\(check.text)")
        #expect(!check.text.contains("sk_test_end_to_end"))
        return (server, network, database)
    }
}
