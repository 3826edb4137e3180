// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// Two hundred connections whose last byte leaves at the same moment.
@Suite("Idempotency, 200 at once", .serialized, .withPeers)
struct IdempotencyRaceTests {
    private struct Answer {
        let status: Int64
        let body: JSON
    }

    private func race(
        _ server: URL, _ path: String, key: String, body: JSON
    ) async throws -> [Answer] {
        let run = try await PythonProcess.run(
            "Tests/Peers/api/race.py",
            [
                server.absoluteString + path, "--credential", ServerProcess.operatorKey, "--body",
                body.text(),
                "--count", "200", "--key", key,
            ])
        guard run.status == 0 else { throw Trouble(run.errors) }
        return try (JSON.parse(Array(run.output.utf8)).array ?? []).map { answer in
            let text = answer[1]?.string ?? ""
            return Answer(status: answer[0]?.int64 ?? 0, body: try JSON.parse(Array(text.utf8)))
        }
    }

    @Test(
        "one key has one effect, two hundred keys have two hundred", .timeLimit(.minutes(2)),
        arguments: Engine.available)
    func credits(engine: Engine) async throws {
        let database = try await engine.freshDatabase()
        // A clock that runs fast lifts the limits per second, which are not what is looked at here.
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "2"])
        let network = try await Network.build(at: server.url)
        let driver = try await network.addDriver(card: "04AA", wallet: 1_00)
        let path = "/v1/wallets/\(driver.wallet)/credits"
        let body: JSON = ["amount": ["amount": 100, "currency": "EUR"], "reason": "race"]

        let same = try await race(server.url, path, key: "one", body: body)
        let made = same.filter { $0.status == 201 }
        #expect(same.count == 200)
        #expect(!made.isEmpty)
        #expect(Set(made.compactMap { $0.body["transaction"]?.string }).count == 1)
        for answer in same where answer.status != 201 {
            #expect(answer.body["code"]?.string == "idempotency_in_progress", "\(answer.body.text())")
        }
        #expect(try await posted(network, driver.account) == 2_00)

        let different = try await race(server.url, path, key: "each-", body: body)
        #expect(different.allSatisfy { $0.status == 201 })
        #expect(Set(different.compactMap { $0.body["transaction"]?.string }).count == 200)
        #expect(try await posted(network, driver.account) == 202_00)
        let balance = try await network.operatorClient.get("/v1/ledger/trial_balance").json
        for currency in balance["currencies"]?.array ?? [] { #expect(currency["difference"]?.int64 == 0) }
        await server.stop()
    }

    private func posted(_ network: Network, _ account: String) async throws -> Int64? {
        let wallets = try await network.operatorClient.get("/v1/accounts/\(account)/wallets").json
        return wallets["data"]?[0]?["posted"]?["amount"]?.int64
    }
}
