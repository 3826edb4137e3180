// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// What the documents tell a newcomer to do works as it is written there.
@Suite("The documents", .serialized, .withPeers)
struct DocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("the walk-through with curl in the README runs line by line", .timeLimit(.minutes(1)))
    func walkThrough() async throws {
        let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let section = try #require(
            readme.components(separatedBy: "## Walk through with curl").dropFirst().first)
        let script = try #require(
            section.components(separatedBy: "```sh\n").dropFirst().first?.components(
                separatedBy: "```"
            ).first)
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let result = try await ServerProcess.runTool(
            "/bin/bash", ["-euo", "pipefail", "-c", script],
            environment: ["AMPTILL": server.url.absoluteString, "KEY": ServerProcess.operatorKey],
            folder: URL(fileURLWithPath: database.address).deletingLastPathComponent())
        let said = result.output
        #expect(result.status == 0, "\(said)\(result.errors)")
        #expect(said.contains("guest_token"))
        await server.stop()
    }

    @Test("the OpenAPI document is served and names the routes of the walk-through")
    func openAPI() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let document = try await Client(server: server.url, key: nil).get("/openapi.json").json
        #expect(document["openapi"]?.string?.hasPrefix("3.1") == true)
        for path in ["/v1/tariffs", "/v1/sites", "/v1/stations", "/v1/checkouts", "/v1/ledger/trial_balance"]
        {
            #expect(document["paths"]?[path] != nil, "\(path) is missing")
        }
        await server.stop()
    }

    /// The picture in the README is taken here: set SNAPSHOT_UPDATE=1 to replace it.
    @Test("a browser shows the live page, and its numbers rise without a reload", .timeLimit(.minutes(2)))
    func livePage() async throws {
        let python = try #require(ChargerProcess.python, "AMPTILL_PYTHON is not set; run make test")
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "10"])
        let network = try await Network.build(at: server.url)
        let (code, password) = try await network.addStation("PICTURE-1")
        let charger = try ChargerProcess(
            "PICTURE-1", version: "2.0.1", at: server.url,
            options: [
                "--password", password, "--kwh", "40", "--minutes", "20", "--speed", "10", "--meter-interval",
                "10",
                "--stay",
            ])
        _ = try await charger.event("boot")
        let guest = try await Guest.scan(code, at: server.url)
        try await guest.pay()
        _ = try await charger.event("session_started")
        let picture = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString).png")
        let result = try await ServerProcess.runTool(
            python,
            [
                Self.root.appendingPathComponent("Tests/Browser/live_page.py").path, guest.trackURL,
                picture.path,
            ])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        if ProcessInfo.processInfo.environment["SNAPSHOT_UPDATE"] != nil {
            let kept = Self.root.appendingPathComponent("docs/pictures/live-session.png")
            try Data(contentsOf: picture).write(to: kept)
        }
        try FileManager.default.removeItem(at: picture)
        charger.stop()
        await server.stop()
    }
}
