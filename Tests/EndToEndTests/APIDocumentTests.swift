// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// Two programs of others read `/openapi.json`: one judges it, the other tries everything it promises.
@Suite("The API's document, read by others", .serialized, .withPeers)
struct APIDocumentTests {
    @Test("openapi-spec-validator finds nothing wrong", .timeLimit(.minutes(2)))
    func isValid() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let document = try await Client(server: server.url, key: nil).get("/openapi.json").text
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        try Data(document.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // what is left is the system's to clean up
        let run = try await PythonProcess.module("openapi_spec_validator", ["--schema", "3.1", file.path])
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        await server.stop()
    }

    /// A few cases for each operation, made from the document: good ones and broken ones. No answer may be a mistake of
    /// ours, and none may have a status, a type or a shape that the document does not name. Streams never end, so they
    /// are left to tests of their own.
    @Test("schemathesis provokes no server error and no undocumented answer", .timeLimit(.minutes(6)))
    func schemathesis() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address, options: ["--clock-rate", "2"])
        let network = try await Network.build(at: server.url)
        let config = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString).toml")
        try Data(try await Self.things(in: network).utf8).write(to: config)
        defer { try? FileManager.default.removeItem(at: config) }  // what is left is the system's to clean up
        let run = try await PythonProcess.module(
            "schemathesis.cli",
            [
                "--config-file", config.path, "run", server.url.absoluteString + "/openapi.json", "--header",
                "Authorization: Bearer " + ServerProcess.operatorKey, "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
                // Streams do not end; the other two would end the key that asks.
                "--exclude-path-regex", "/stream$|/roll$|/revoke$", "--phases", "examples,coverage,fuzzing",
                "--max-examples", "2", "--seed", "7", "--no-shrink", "--continue-on-failure",
                "--suppress-health-check", "all", "--warnings", "off",
                // One: Python's parser of its own sources fails now and then when two threads use it (CPython gh-106905), and
                // schemathesis parses to describe what it tries.
                "--workers", "1", "--request-timeout", "60",
            ])
        #expect(run.status == 0, "\(run.output.suffix(12_000))\(run.errors)")
        #expect(server.isRunning)
        await server.stop()
    }

    /// Identifiers of things that are there, so that more is met than "not found"; and no long polls.
    private static func things(in network: Network) async throws -> String {
        let client = network.operatorClient
        let (code, _) = try await network.addStation("FUZZ-1")
        let driver = try await network.addDriver(card: "04AA", wallet: 10_00)
        let guest = try await Guest.scan(code, at: network.server)
        let endpoint = try await client.created(
            "/v1/webhook_endpoints", ["url": "https://shop.example/hook", "types": ["*"]])
        var ids = [
            "sites": network.site, "tariffs": network.tariff, "accounts": driver.account,
            "wallets": driver.wallet, "checkouts": guest.checkout, "webhook_endpoints": endpoint,
        ]
        for name in ["stations", "evses", "tokens", "events", "ledger/transactions"] {
            ids[name] = try await client.get("/v1/\(name)?limit=1").json["data"]?[0]?["id"]?.string
        }
        return ids.sorted { $0.key < $1.key }.map { name, id in
            let wait = name == "checkouts" ? ", \"query.wait\" = 0" : ""
            return """
                [[operations]]
                include-path-regex = "^/v1/\(name)/\\\\{id\\\\}"
                parameters = { "path.id" = "\(id)"\(wait) }

                """
        }.joined()
    }
}
