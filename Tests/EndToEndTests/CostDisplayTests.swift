// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// The California price messages (charging.md §11) with a charger that we did not write.
@Suite("What the charger shows", .serialized, .withPeers)
struct CostDisplayTests {
    /// 10 kWh at 0.49 is 4.90.
    @Test(
        "C78 a 1.6 station that can is told the running and the final cost; one that cannot is told nothing",
        .timeLimit(.minutes(3)), arguments: [true, false])
    func california(understands: Bool) async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "10"])
        let network = try await Network.build(at: server.url)
        let (code, password) = try await network.addStation("SHOW-1")
        let charger = try ChargerProcess(
            "SHOW-1", version: "1.6", at: server.url,
            options: ["--password", password, "--kwh", "10", "--minutes", "6", "--speed", "10", "--stay"]
                + (understands ? ["--california"] : []))
        _ = try await charger.event("boot")

        let guest = try await Guest.scan(code, at: server.url)
        try await guest.pay()
        _ = try await guest.wait(for: "settled", within: .seconds(100))
        let shown = charger.events.filter { $0["event"]?.string == "display" }
        let running = shown.filter { $0["message"]?.string == "RunningCost" }
        let final = shown.filter { $0["message"]?.string == "FinalCost" }

        if understands {
            #expect(running.count >= 2)
            #expect(running.contains { $0["content"]?["chargingPrice"]?["kWhPrice"]?.text() == "0.49" })
            #expect(final.count == 1, "the provisional total was the final one")
            #expect(final.last?["content"]?["cost"]?.text().hasPrefix("4.9") == true)
            #expect(final.last?["content"]?["qrCodeText"]?.string == guest.trackURL)
        } else {
            #expect(shown.isEmpty)
        }
        charger.stop()
        await server.stop()
    }
}
