// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// What an integrator's tests may turn, through the API of a real server (api.md §3.12).
@Suite("Test controls", .serialized, .withPeers)
struct TestControlsTests {
    @Test("the clock jumps, a fault is armed, a simulated charger charges", .timeLimit(.minutes(3)))
    func controls() async throws {
        let engine = try #require(Engine.available.first)
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "8"])
        let network = try await Network.build(at: server.url)
        let client = network.operatorClient
        let (code, password) = try await network.addStation("SIM-1")

        let before = try await client.get("/v1/test/clock").json["now"]?.string ?? ""
        let after =
            try await client.post("/v1/test/clock/advance", ["by_s": 86_400]).json["now"]?.string ?? ""
        #expect(!before.isEmpty && before.prefix(10) < after.prefix(10), "\(before) \(after)")
        #expect(try await client.post("/v1/test/clock/advance", ["by_s": -1]).status == 400)
        #expect(try await Client(server: server.url, key: nil).get("/v1/test/clock").status == 401)

        let on = try await client.post(
            "/v1/test/chargers/SIM-1/connect",
            ["password": .string(password), "power_w": 60_000, "energy_wh": 2_000, "version": "1.6"])
        #expect(on.json["identity"]?.string == "SIM-1", "\(on.text)")
        _ = try await client.poll("/v1/test/chargers/SIM-1") { $0["connected"]?.bool == true }
        #expect(try await client.post("/v1/test/chargers/SIM-1/connect").status == 409)
        #expect(try await client.post("/v1/test/chargers/NOBODY/unplug").status == 404)

        // F1: the answer to the authorisation is lost; a look-up finds the page, and there is one hold.
        #expect(try await client.post("/v1/test/faults", ["fault": "F1"]).status == 204)
        #expect(try await client.post("/v1/test/faults", ["fault": "F33"]).status == 400)
        #expect(try await client.get("/v1/test/faults").json["faults"]?.array?.isEmpty == false)
        let guest = try await Guest.scan(code, at: server.url)
        try await guest.pay()
        let running = try await guest.wait(for: "running")
        let attempts = try await client.get(
            "/v1/payments/\(running["payment"]?.string ?? "")/attempts"
        ).json
        #expect(attempts["data"]?.array?.count == 1)
        // Enough to cost something.
        _ = try await client.poll("/v1/test/chargers/SIM-1") {
            ($0["register_wh"]?.int64 ?? 0) >= (on.json["register_wh"]?.int64 ?? 0) + 500
        }
        #expect(try await client.post("/v1/test/chargers/SIM-1/unplug").json["busy"] != nil)
        _ = try await guest.wait(for: "settled")
        #expect(try await client.post("/v1/test/chargers/SIM-1/disconnect").json["connected"]?.bool == false)
        await server.stop()
        withExtendedLifetime(database) {}
    }

    @Test("F17: what never left and what nobody knows are kept apart", .timeLimit(.minutes(2)))
    func line() async throws {
        let engine = try #require(Engine.available.first)
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let client = Client(server: server.url, key: ServerProcess.operatorKey)
        let peer = try PythonProcess("Tests/Peers/gateways/hang_up.py")
        let ports = try await peer.line(with: "gone")
        for (port, verdict) in [("gone", "unreachable"), ("there", "no_answer")] {
            let number = try #require(ports[port]?.int64)
            let id = try await client.created(
                "/v1/gateway_accounts",
                [
                    "kind": "stripe", "name": .string("Line-\(verdict.prefix(2))"), "secret": "sk_1",
                    "api_base": .string("http://127.0.0.1:\(number)"),
                ])
            var last = JSON.null
            for _ in 0..<5 { last = try await client.post("/v1/gateway_accounts/\(id)/check").json }
            #expect(last["check"]?.string == verdict)
            // Five in a row: it is left alone for a while.
            #expect(last["is_resting"]?.bool == true)
        }
        await peer.kill()
        await server.stop()
        withExtendedLifetime(database) {}
    }
}
