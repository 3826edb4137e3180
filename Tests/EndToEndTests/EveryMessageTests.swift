// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Every message that the JSON schemas of the Open Charge Alliance know, against the real server: valid ones get valid
/// answers, broken ones the error of their version. The schemas come with PyPI `ocpp`, the judge is `jsonschema`.
@Suite("Every message of the schemas", .serialized, .withPeers)
struct EveryMessageTests {
    @Test(
        "C11, C15, C16: each gets an answer that its schema accepts, or the right error",
        .timeLimit(.minutes(4)), arguments: ["1.6", "2.0.1", "2.1"])
    func play(version: String) async throws {
        let python = try #require(ChargerProcess.python)
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let network = try await Network.build(at: server.url)
        let (_, password) = try await network.addStation("EVERY-1")
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let table = tests.deletingLastPathComponent().appendingPathComponent("docs/specs/ocpp-\(version).md")

        let run = try await ServerProcess.runTool(
            python,
            [
                tests.appendingPathComponent("Peers/ocpp/every_message.py").path,
                "--url", server.url.absoluteString.replacingOccurrences(of: "http", with: "ws") + "/ocpp",
                "--id", "EVERY-1", "--password", password, "--version", version, "--table", table.path,
            ])

        #expect(run.status == 0, "\(run.output) \(run.errors)")
        await server.stop()
    }
}
