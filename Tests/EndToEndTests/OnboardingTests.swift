// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONText
import Testing

/// How stations come in, and what operators may ask of them, against the real server.
@Suite("Stations come in and are asked", .serialized, .withPeers)
struct OnboardingTests {
    private static let peers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Peers")

    @Test(
        "a station comes in through its window, gets a password, and nobody comes in without it any more",
        .timeLimit(.minutes(2)), arguments: ["1.6", "2.0.1"])
    func window(version: String) async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let network = try await Network.build(at: server.url)
        _ = try await network.addStation("NEWCOMER-1")
        let list = try await network.operatorClient.get("/v1/stations").json["data"]?.array ?? []
        let station = try #require(list.first?["id"]?.string)
        let opened = try await network.operatorClient.post("/v1/stations/\(station)/window")
        #expect(opened.status == 200 && opened.json["open_until"]?.string != nil)

        let run = try await Self.onboard(server.url, "NEWCOMER-1", version)

        let ends = try JSON.parse(Array(run.output.utf8))
        #expect(ends["length"]?.int64 == 20, "\(run.output) \(run.errors)")
        for handshake in ["second", "third"] { #expect(ends[handshake]?.int64 == 101, "\(run.output)") }
        #expect(ends["last"]?.int64 == 401, "\(run.output)")
        await server.stop()
    }

    @Test("over TLS a station of profile 2 comes in; without it, it does not", .timeLimit(.minutes(2)))
    func encrypted() async throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // the system clears it otherwise
        let (certificate, key) = try await Self.certificate(in: folder)
        let database = try await Engine.sqlite.freshDatabase()
        // Made over a plain line first: the client of these tests does not know the certificate.
        let port = "\(try FreePort.next())"
        let plain = try await ServerProcess(database: database.address, options: ["--port", port])
        let network = try await Network.build(at: plain.url)
        let made = try await network.operatorClient.post(
            "/v1/stations",
            [
                "site": .string(network.site), "ocpp_identity": "SECURE-1", "security_profile": 2,
                "evses": [["number": 1, "current_type": "dc", "power_w_max": 50_000]],
            ])
        let station = try #require(made.json["id"]?.string)
        _ = try await network.operatorClient.post("/v1/stations/\(station)/window")
        let refused = try await Self.onboard(plain.url, "SECURE-1", "1.6")
        #expect(refused.output.contains("401"), "\(refused.output)")
        await plain.stop()

        let server = try await ServerProcess(
            database: database.address,
            options: ["--port", port, "--tls-certificate", certificate, "--tls-key", key],
            awaitingStart: false)
        try await Self.waitForPort(port)
        let url = try #require(URL(string: "wss://localhost:\(port)"))
        let run = try await Self.onboard(url, "SECURE-1", "1.6", certificate)
        #expect(run.output.contains("\"second\": 101"), "\(run.output) \(run.errors)")
        await server.stop()

        let alone = try await ServerProcess.run(
            ["serve", "--port", "0", "--database", database.address, "--tls-certificate", certificate])
        #expect(alone.status == 2 && alone.errors.contains("--tls-key"))
    }

    @Test("an operator reads settings, takes an EVSE out of service, and resets", .timeLimit(.minutes(2)))
    func commands() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let network = try await Network.build(at: server.url)
        let (_, password) = try await network.addStation("ASKED-1")
        let charger = try ChargerProcess(
            "ASKED-1", version: "1.6", at: server.url, options: ["--password", password, "--stay"])
        let client = network.operatorClient
        let list = try await client.get("/v1/stations").json["data"]?.array ?? []
        let station = "/v1/stations/\(try #require(list.first?["id"]?.string))"
        let told = try await client.poll("\(station)/configuration") {
            $0["values"]?["MeterValueSampleInterval"] != nil
        }
        #expect(told["advice"]?.array != nil)

        for (route, body) in [
            ("availability", ["operative": false, "evse": 1]), ("trigger", ["message": "StatusNotification"]),
            ("clear_cache", [:]), ("configuration", ["key": "HeartbeatInterval", "value": "120"]),
            ("unlock", ["evse": 1]), ("configuration/read", ["keys": ["HeartbeatInterval"]]), ("reset", [:]),
        ] as [(String, JSON)] {
            let asked = try await client.post("\(station)/\(route)", body)
            #expect(asked.status == 202, "\(route) \(asked.text)")
            let command = try await client.poll(
                "\(station)/commands/\(asked.json["id"]?.string ?? "")"
            ) { !["queued", "sent"].contains($0["status"]?.string) }
            #expect(command["status"]?.string == "accepted", "\(route) \(command.text())")
        }
        let secret = try await client.post(
            "\(station)/configuration", ["key": "AuthorizationKey", "value": "00112233445566778899"])
        #expect(secret.status == 400 && secret.json["param"]?.string == "/key")
        let missing = try await client.post("\(station)/unlock", ["evse": 7])
        #expect(missing.status == 400 && missing.json["param"]?.string == "/evse")
        _ = charger
        await server.stop()
    }

    private static func onboard(
        _ url: URL, _ identity: String, _ version: String, _ certificate: String? = nil
    ) async throws -> (status: Int32, output: String, errors: String) {
        let python = try #require(ChargerProcess.python)
        let address = url.absoluteString.replacingOccurrences(of: "http://", with: "ws://")
        return try await ServerProcess.runTool(
            python,
            [
                peers.appendingPathComponent("ocpp/onboard.py").path, "--url", address + "/ocpp", "--id",
                identity,
                "--version", version,
            ] + (certificate.map { ["--ca", $0] } ?? []))
    }

    /// A certificate for localhost that signs itself.
    private static func certificate(in folder: URL) async throws -> (certificate: String, key: String) {
        let (certificate, key) = (
            folder.appendingPathComponent("cert.pem").path, folder.appendingPathComponent("key.pem").path
        )
        let run = try await ServerProcess.runTool(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
            ])
        try #require(run.status == 0, "\(run.errors)")
        return (certificate, key)
    }

    private static func waitForPort(_ port: String) async throws {
        let python = try #require(ChargerProcess.python)
        let script = """
            import socket, sys, time
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close(); sys.exit(0)
                except OSError:
                    time.sleep(0.1)
            sys.exit(1)
            """
        let run = try await ServerProcess.runTool(python, ["-c", script, port])
        try #require(run.status == 0)
    }
}
