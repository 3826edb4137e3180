// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// A driver taps a card whose account has a prepaid wallet; the charger is one that we did not write.
@Suite("A card with a prepaid wallet", .serialized, .withPeers)
struct CardSessionTests {
    /// 8 kWh at 0.49 €/kWh is 3.92; then 30 min of idling at 0.10 €/min is 3.00; prices include 19 % VAT. 6.92 in all.
    @Test(
        "tap, charge, idle, wallet debited, receipt", .timeLimit(.minutes(3)), arguments: Engine.available,
        ["1.6", "2.0.1"])
    func tap(engine: Engine, version: String) async throws {
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "120"])
        let network = try await Network.build(at: server.url)
        let (_, password) = try await network.addStation("CARD-1")
        let driver = try await network.addDriver(card: "04AABBCCDD", wallet: 50_00)

        let charger = try ChargerProcess(
            "CARD-1", version: version, at: server.url,
            options: [
                "--password", password, "--token", "04aabbccdd", "--kwh", "8", "--minutes", "20",
                "--idle-minutes", "30",
                "--speed", "120",
            ])
        let ended = try await charger.event("session_ended", within: .seconds(90))
        #expect(ended["energy_wh"]?.int64 == 8000)

        let sessions = try await network.operatorClient.poll("/v1/sessions", within: .seconds(60)) {
            $0["data"]?[0]?["status"]?.string == "final"
        }
        let session = try #require(sessions["data"]?[0])
        #expect(session["energy_wh"]?.int64 == 8000)
        let breakdown = try await network.operatorClient.get(
            "/v1/sessions/\(session["id"]?.string ?? "")/breakdown"
        ).json
        let energy = breakdown["lines"]?.array?.first { $0["kind"]?.string == "energy" }
        let idle = breakdown["lines"]?.array?.first { $0["kind"]?.string == "idle" }
        #expect(energy?["amount"]?["amount"]?.int64 == 392)
        let idleCents = try #require(idle?["amount"]?["amount"]?.int64)
        #expect(
            (295...400).contains(idleCents),
            "30 min at 0.10, and what a busy machine adds to the charger's clock")

        let total = try #require(breakdown["total"]?["amount"]?.int64)
        #expect(total == 392 + idleCents)
        if version == "2.0.1" {
            // What the charger showed at the end is what was charged (I23).
            #expect(charger.finalCostShown == total)
        }
        let wallets = try await network.operatorClient.get("/v1/accounts/\(driver.account)/wallets").json
        #expect(wallets["data"]?[0]?["posted"]?["amount"]?.int64 == 5000 - total)
        #expect(wallets["data"]?[0]?["pending"]?["amount"]?.int64 == 0)
        let receipts = try await network.operatorClient.get("/v1/receipts").json
        #expect(receipts["data"]?.array?.count == 1)
        #expect(receipts["data"]?[0]?["gross"]?["amount"]?.int64 == total)
        try await Accounts.check(network, database: database)
        await server.stop()
    }
}
