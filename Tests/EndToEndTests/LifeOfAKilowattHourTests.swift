// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// The ten steps of ARCHITECTURE.md, walked by a charger that we did not write and a guest with a phone.
@Suite("The life of a kilowatt-hour", .serialized, .withPeers)
struct LifeOfAKilowattHourTests {
    /// 10 kWh at 0.49 €/kWh, prices include 19 % VAT: 4.90 = 4.12 + 0.78.
    @Test(
        "one guest session, from the charger's frame to the page with the receipt", .timeLimit(.minutes(3)),
        arguments: Engine.available, ["1.6", "2.0.1"])
    func walk(engine: Engine, version: String) async throws {
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "10"])
        let network = try await Network.build(at: server.url)
        let (code, password) = try await network.addStation("LIFE-1")
        let charger = try ChargerProcess(
            "LIFE-1", version: version, at: server.url,
            options: ["--password", password, "--kwh", "10", "--minutes", "4", "--speed", "10", "--stay"])
        _ = try await charger.event("boot")

        let guest = try await Guest.scan(code, at: server.url)
        try await guest.pay()
        _ = try await charger.event("session_started")
        let ended = try await charger.event("session_ended", within: .seconds(60))
        let settled = try await guest.wait(for: "settled", within: .seconds(60))
        let sessionID = try #require(settled["session"]?.string)
        let session = try await network.operatorClient.get("/v1/sessions/\(sessionID)").json
        let timeline = try await network.operatorClient.get("/v1/sessions/\(sessionID)/timeline").json

        // Step 1: Frame
        let stop = version == "1.6" ? "StopTransaction" : "TransactionEvent"
        #expect(timeline.text().contains(stop), "the raw frame of the stop is kept")

        // Step 2: Session
        #expect(session["status"]?.string == "final")

        // Step 3: Usage
        #expect(session["energy_wh"]?.int64 == ended["energy_wh"]?.int64)
        #expect(session["energy_wh"]?.int64 == 10_000)

        // Step 4: Price
        let breakdown = try await network.operatorClient.get("/v1/sessions/\(sessionID)/breakdown").json
        #expect(breakdown["lines"]?.array?.count == 1)
        #expect(breakdown["lines"]?[0]?["kind"]?.string == "energy")
        #expect(breakdown["total"]?["amount"]?.int64 == 490)
        if version == "2.0.1" { #expect(charger.finalCostShown == 490, "the charger's display (I23)") }

        // Step 5: Payment
        let paymentID = try #require(settled["payment"]?.string)
        let payment = try await network.operatorClient.get("/v1/payments/\(paymentID)").json
        #expect(payment["status"]?.string == "captured")
        #expect(payment["captured"]?["amount"]?.int64 == 490)

        // Step 6: Ledger
        let postings = try await network.operatorClient.get("/v1/ledger/transactions?session=\(sessionID)")
            .json
        let templates = Set(postings["data"]?.array?.compactMap { $0["template"]?.string } ?? [])
        #expect(templates == ["SessionOwed", "CaptureReceived"])

        // Step 7: Settlement
        #expect(session["bill"]?["status"]?.string == "settled")
        #expect(session["cost"]?["amount"]?.int64 == 490)

        // Step 8: Outbox
        let attempts = try await network.operatorClient.get("/v1/payments/\(paymentID)/attempts").json
        #expect(attempts["data"]?.array?.allSatisfy { $0["status"]?.string == "succeeded" } == true)

        // Step 9: Receipt
        let receipt = try await guest.client.get("/v1/checkouts/\(guest.checkout)/receipt").json
        #expect(receipt["gross"]?["amount"]?.int64 == 490)
        #expect(receipt["net"]?["amount"]?.int64 == 412)
        #expect(receipt["taxes"]?[0]?["amount"]?["amount"]?.int64 == 78)

        // Step 10: Page
        let page = try await Client(server: server.url, key: nil).get(guest.trackURL, accept: "text/html")
            .text
        #expect(page.contains("4.90"))
        #expect(page.contains("10.000"))

        try await Accounts.check(network, database: database)
        charger.stop()
        await server.stop()
    }
}
