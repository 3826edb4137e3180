// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Synchronization
import Testing

/// The server is killed like a power cut at numbered moments of one walk, and started again. Nothing may be lost, and the
/// guest is charged once (I15, I16, I27).
@Suite("Killed and started again", .withPeers)
struct CrashTests {
    /// Moments before and after commits and gateway calls, spread over the walk.
    @Test(
        "killed at a moment of the walk, the session is charged once", .timeLimit(.minutes(3)),
        arguments: [2, 5, 8, 12, 16, 21, 27, 34, 42, 51])
    func killed(at moment: Int) async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let options = ["--port", "\(try FreePort.next())", "--clock-rate", "8"]
        let first = try await ServerProcess(database: database.address, options: options)
        let network = try await Network.build(at: first.url)
        let (code, password) = try await network.addStation("CRASH-1")
        await first.stop()

        let doomed = try await ServerProcess(
            database: database.address, options: options + ["--crash-at", "\(moment)"], awaitingStart: false)
        let nurse = Nurse(doomed, database: database.address, options: options)
        async let watched: ServerProcess = nurse.revive()

        let charger = try ChargerProcess(
            "CRASH-1", version: "1.6", at: network.server,
            options: [
                "--password", password, "--kwh", "2", "--minutes", "1", "--speed", "8", "--stay", "--persist",
                "--sessions", "3",
            ])
        try await Self.chargeOnce(code, at: network.server, key: "crash-\(moment)")
        nurse.walkIsOver()
        let server = try await watched

        let payments = try await network.operatorClient.get("/v1/payments").json["data"]?.array ?? []
        let captured = payments.compactMap { $0["captured"]?["amount"]?.int64 }.reduce(0, +)
        #expect(captured == 98, "2 kWh at 0.49, once")
        let receipts = try await network.operatorClient.get("/v1/receipts").json["data"]?.array ?? []
        #expect(receipts.count == 1)
        try await Accounts.check(network, database: database)
        charger.stop()
        await server.stop()
    }
}

extension CrashTests {
    /// What a guest does whose charger or server goes away: looks again, tries the start again, and if the reservation was
    /// given back, begins anew.
    private static func chargeOnce(_ code: String, at server: URL, key: String) async throws {
        for round in 1...3 {
            let guest = try await Persistent.retry {
                try await Guest.scan(code, at: server, key: "\(key)-\(round)")
            }
            try await Persistent.retry { try await guest.pay() }
            while true {
                let seen = try await guest.client.poll(
                    "/v1/checkouts/\(guest.checkout)", within: .seconds(60)
                ) {
                    ["settled", "nothing_charged", "cancelled", "start_failed"].contains($0["status"]?.string)
                }
                if seen["status"]?.string == "settled" { return }
                guard seen["status"]?.string == "start_failed" else { break }
                // A second start may be refused because the first succeeded after all; the next look tells.
                _ = try? await guest.client.post("/v1/checkouts/\(guest.checkout)/start")
                try await Task.sleep(for: .milliseconds(300))  // the charger connects again
            }
        }
        throw Trouble("three visits, and none was settled")
    }
}

/// Starts a server again when it has died.
final class Nurse: Sendable {
    private let isOver = Mutex(false)
    let doomed: ServerProcess
    let database: String
    let options: [String]

    init(_ doomed: ServerProcess, database: String, options: [String]) {
        self.doomed = doomed
        self.database = database
        self.options = options
    }

    /// Nobody waits for the moment any longer.
    func walkIsOver() { isOver.withLock { $0 = true } }

    /// The server that comes after: one whose moment did not come is killed at the end of the walk.
    func revive() async throws -> ServerProcess {
        while doomed.isRunning {
            if isOver.withLock({ $0 }) { await doomed.kill() }
            try await Task.sleep(for: .milliseconds(50))  // a poll of another process, ended with the test
        }
        return try await ServerProcess(database: database, options: options)
    }
}

/// A client that keeps trying with the same keys while the server is away.
enum Persistent {
    @discardableResult
    static func retry<Value: Sendable>(_ attempt: () async throws -> Value) async throws -> Value {
        // Longer than a request waits for its answer: one that a dying server has taken may get none.
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await attempt()
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(200))  // the server is being started again
            }
        }
    }
}
