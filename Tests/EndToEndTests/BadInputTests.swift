// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// Whatever is wrong gets a clear answer, and nothing is lost.
@Suite("Bad input", .serialized)
struct BadInputTests {
    @Test(
        "a station nobody knows is answered 404 and waits on the operator's list", .withPeers,
        .timeLimit(.minutes(1)))
    func unknownStation() async throws {
        try await withServer { server, network, _ in
            let charger = try ChargerProcess("STRANGER-1", version: "1.6", at: server.url)
            #expect(try await charger.event("refused")["status"]?.int64 == 404)
            let waiting = try await network.operatorClient.get("/v1/stations/waiting").json
            #expect(waiting.text().contains("STRANGER-1"))
        }
    }

    @Test("a wrong password is answered 401", .withPeers, .timeLimit(.minutes(1)))
    func wrongPassword() async throws {
        try await withServer { server, network, _ in
            _ = try await network.addStation("LOCKED-1")
            let charger = try ChargerProcess(
                "LOCKED-1", version: "2.0.1", at: server.url, options: ["--password", "not-the-password"])
            #expect(try await charger.event("refused")["status"]?.int64 == 401)
        }
    }

    /// What is sent, and what the answer begins with; nil for no answer.
    private static let frames: [String: [(sent: String, answer: String?)]] = [
        "1.6": [
            ("{{{", nil), ("[2,\"1\"]", "[4,\"1\",\"FormationViolation\""),
            ("[2,\"2\",\"Frobnicate\",{}]", "[4,\"2\",\"NotImplemented\""),
            ("[2,\"3\",\"BootNotification\",[]]", "[4,\"3\",\"OccurenceConstraintViolation\""),
            ("[2,\"4\",\"Heartbeat\",{}]", "[3,\"4\",{\"currentTime\""),
        ],
        "2.0.1": [
            ("{{{", "[4,\"-1\","), ("[2,\"1\"]", "[4,\"1\",\"FormatViolation\""),
            ("[2,\"2\",\"Frobnicate\",{}]", "[4,\"2\",\"NotImplemented\""),
            ("[2,\"3\",\"BootNotification\",[]]", "[4,\"3\",\"OccurrenceConstraintViolation\""),
            ("[2,\"4\",\"Heartbeat\",{}]", "[3,\"4\",{\"currentTime\""),
        ],
    ]

    @Test(
        "a malformed frame gets the error of its version, and the line stays", .withPeers,
        .timeLimit(.minutes(2)),
        arguments: ["1.6", "2.0.1"])
    func malformedFrames(version: String) async throws {
        try await withServer { server, network, _ in
            let (_, password) = try await network.addStation("BROKEN-1")
            let frames = try #require(Self.frames[version])
            let replies = try await ChargerProcess.send(
                frames.map(\.sent), as: "BROKEN-1", version: version, password: password, to: server.url)

            #expect(replies.count == frames.count)
            for (frame, reply) in zip(frames, replies) {
                if let answer = frame.answer {
                    #expect(reply?.hasPrefix(answer) == true, "\(frame.sent) got \(reply ?? "nothing")")
                } else {
                    #expect(reply == nil, "\(frame.sent)")
                }
            }
        }
    }

    @Test("an unknown card is refused and charges nothing", .withPeers, .timeLimit(.minutes(1)))
    func unknownCard() async throws {
        try await withServer { server, network, _ in
            let (_, password) = try await network.addStation("CARDLESS-1")
            let charger = try ChargerProcess(
                "CARDLESS-1", version: "1.6", at: server.url,
                options: [
                    "--password", password, "--token", "NOBODY", "--kwh", "1", "--minutes", "1", "--speed",
                    "60",
                ])
            _ = try await charger.event("not_authorized")
            let payments = try await network.operatorClient.get("/v1/payments").json
            #expect(payments["data"]?.array?.isEmpty == true)
        }
    }

    @Test(
        "an unknown EVSE code, bad JSON, a wrong key and a missing field are named", .timeLimit(.minutes(1)))
    func badRequests() async throws {
        try await withServer { server, network, _ in
            let anonymous = Client(server: server.url, key: nil)
            let page = try await anonymous.get("/e/ZZZZZZ", accept: "text/html")
            #expect(page.status == 404)
            #expect(page.text.contains("ZZZZZZ"))
            let unknown = try await anonymous.post("/v1/checkouts", ["evse": "ZZZZZZ"], idempotencyKey: "k1")
            #expect(unknown.status == 404)
            #expect(unknown.json["code"]?.string == "unknown_evse")
            let broken = try await network.operatorClient.send(
                "POST", "/v1/sites", body: Array("{\"name\": ".utf8),
                headers: ["Content-Type": "application/json"])
            #expect(broken.status == 400)
            #expect(broken.json["code"]?.string == "malformed_json")
            let stranger = try await Client(server: server.url, key: "amp_test_nobody").get("/v1/sites")
            #expect(stranger.status == 401)
            #expect(stranger.json["code"]?.string == "unauthenticated")
            let missing = try await network.operatorClient.post("/v1/tokens", ["kind": "rfid"])
            #expect(missing.status == 400)
            #expect(missing.json["code"]?.string == "missing_field")
            let unasked = try await network.operatorClient.post("/v1/sites", ["nmae": "typing error"])
            #expect(unasked.json["code"]?.string == "unknown_field")
            #expect(unasked.json["param"]?.string == "/nmae")
        }
    }

    @Test(
        "paying again with the same key replays; once funded a second payment is refused",
        .timeLimit(.minutes(1)))
    func secondPayment() async throws {
        try await withServer { server, network, _ in
            let (code, _) = try await network.addStation("TWICE-1")
            let guest = try await Guest.scan(code, at: server.url)
            try await guest.pay(key: "first")
            _ = try await guest.client.poll("/v1/checkouts/\(guest.checkout)") {
                ["funded", "starting", "start_failed"].contains($0["status"]?.string)
            }
            let hash = try await guest.look()["quote"]?["hash"]?.string ?? ""
            let repeated = try await guest.client.post(
                "/v1/checkouts/\(guest.checkout)/pay",
                ["accept_quote": .string(hash), "method": "card", "auto_start": true],
                idempotencyKey: "first" + guest.checkout)
            #expect(repeated.status == 200)
            #expect(repeated.headers["idempotent-replayed"] == "true")
            let again = try await guest.client.post(
                "/v1/checkouts/\(guest.checkout)/pay", ["accept_quote": .string(hash), "method": "card"],
                idempotencyKey: "second" + guest.checkout)
            #expect(again.status == 409)
            #expect(again.json["code"]?.string == "invalid_state")
        }
    }

    @Test("C83: a start that fails releases its hold within a minute", .timeLimit(.minutes(2)))
    func failedStart() async throws {
        try await withServer(options: ["--clock-rate", "30"]) { server, network, _ in
            let (code, _) = try await network.addStation("ASLEEP-1")
            let guest = try await Guest.scan(code, at: server.url)
            try await guest.pay()
            let over = try await guest.wait(for: "cancelled", within: .seconds(60))
            // The visit is over in the commit that asks for the release; the gateway confirms it a moment later.
            let payment = try await network.operatorClient.poll(
                "/v1/payments/\(over["payment"]?.string ?? "")"
            ) { $0["status"]?.string == "voided" }
            #expect(payment["captured"]?["amount"]?.int64 == 0)
            let page = guest.trackURL.dropFirst(server.url.absoluteString.count)
            for (language, title, released) in [
                ("en", "The charger did not start", "Released 40.00"),
                ("de", "Das Ladegerät ist nicht gestartet", "freigegeben"),
            ] {
                let text = try await guest.client.get("\(page)?lang=\(language)", accept: "text/html").text
                #expect(text.contains(title) && text.contains(released), "\(text)")
            }
        }
    }

    @Test("a database of a newer release is refused, by every command, with one clear line", .withPeers)
    func newerSchema() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        await server.stop()
        let sql = "INSERT INTO schema_migration VALUES (9999, 'from-the-future', 'SELECT 1', 0)"
        let python = try #require(ChargerProcess.python)
        let script =
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"
        let changed = try await ServerProcess.runTool(python, ["-c", script, database.address, sql])
        #expect(changed.status == 0, "\(changed.errors)")

        for command in [["serve", "--port", "0"], ["migrate"], ["audit"], ["export"]] {
            let refused = try await ServerProcess.run(command + ["--database", database.address])
            #expect(refused.status == 2, "\(command)")
            #expect(refused.errors.contains("newer"), "\(refused.errors)")
            #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
        }
    }

    @Test("an installation with a live organisation runs on real time, and its keys say that they are live")
    func liveOrganisation() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        await (try await ServerProcess(database: database.address)).stop()
        let make = [
            "organisations", "create", "--live", "--name", "Stadtwerk", "--database", database.address,
        ]
        let wrong = try await ServerProcess.run(make + ["--time-zone", "Europe/Atlantis"])
        #expect(wrong.status == 2)
        #expect(wrong.errors.contains("--time-zone") && wrong.errors.contains("Europe/Atlantis"))
        let made = try await ServerProcess.run(make)
        #expect(made.output.contains("org_") && made.output.contains("amp_live_"), "\(made.errors)")
        let listed = try await ServerProcess.run(["organisations", "--database", database.address])
        #expect(listed.output.contains("live") && listed.output.contains("Stadtwerk"))

        let fast = try await ServerProcess.run(
            ["serve", "--port", "0", "--database", database.address, "--clock-rate", "10"])
        #expect(fast.status == 2)
        #expect(fast.errors.contains("--clock-rate") && fast.errors.contains("live"))
    }

    @Test("a port in use, a locked file and another operator key end the start with one clear line")
    func startErrors() async throws {
        try await withServer { server, _, database in
            let port = server.url.port ?? 0
            let other = try await Engine.sqlite.freshDatabase()
            let taken = try await ServerProcess.run([
                "serve", "--port", "\(port)", "--database", other.address,
            ])
            #expect(taken.status == 2)
            #expect(taken.errors.contains("--port"))
            let locked = try await ServerProcess.run(["serve", "--port", "0", "--database", database.address])
            #expect(locked.status == 2)
            #expect(locked.errors.contains("--database"))
            await server.stop()
            let stranger = try await ServerProcess.run(
                ["serve", "--port", "0", "--database", database.address],
                environment: ["AMPTILL_OPERATOR_KEY": "another_key_of_at_least_24_characters"])
            #expect(stranger.status == 2)
            #expect(stranger.errors.contains("AMPTILL_OPERATOR_KEY"))
            for result in [taken, locked, stranger] {
                let lines = result.errors.split(separator: "\n")
                #expect(lines.count == 1, "one line, not \(lines.count): \(result.errors)")
            }
        }
    }

    private func withServer(
        options: [String] = [], _ body: (ServerProcess, Network, Database) async throws -> Void
    ) async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: options)
        let network = try await Network.build(at: server.url)
        try await body(server, network, database)
        await server.stop()
    }
}
