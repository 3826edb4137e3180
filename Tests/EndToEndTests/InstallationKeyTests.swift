// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The key that seals secrets, as the command line meets it (decision 0020).
@Suite("The key of the installation", .serialized, .timeLimit(.minutes(2)))
struct InstallationKeyTests {
    /// No key from the environment.
    private static let none = ["AMPTILL_INSTALLATION_KEY": ""]

    @Test(
        "the first start makes a key that only its owner reads; without it the next one ends, and names what is missing"
    )
    func isMade() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let file = database.address + ".key"
        await (try await ServerProcess(database: database.address, environment: Self.none)).stop()
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let key = try String(contentsOfFile: file, encoding: .utf8)
        #expect(key.count == 65)
        await (try await ServerProcess(database: database.address, environment: Self.none)).stop()
        #expect(try String(contentsOfFile: file, encoding: .utf8) == key)

        try FileManager.default.removeItem(atPath: file)
        let missing = try await Self.start(database, Self.none)
        #expect(missing.status == 2)
        #expect(missing.errors.contains("\(file) is missing"), "\(missing.errors)")
        #expect(!FileManager.default.fileExists(atPath: file), "a key that opens nothing is not left behind")
        // Looking needs no key.
        let listed = try await ServerProcess.run(
            ["organisations", "--database", database.address], environment: Self.none)
        #expect(listed.status == 0, "\(listed.errors)")

        let wrong = try await Self.start(
            database, ["AMPTILL_INSTALLATION_KEY": String(repeating: "0", count: 64)])
        #expect(wrong.status == 2)
        #expect(wrong.errors.contains("AMPTILL_INSTALLATION_KEY") && wrong.errors.contains("sealed with key"))

        // The new key before the old one: both open, and afterwards the new one alone does.
        let new = String(repeating: "9", count: 64)
        let both = database.address + ".keys"
        try "\(new)\n\(key)".write(toFile: both, atomically: true, encoding: .utf8)
        await
            (try await ServerProcess(
                database: database.address, options: ["--installation-key-file", both], environment: Self.none
            ))
            .stop()
        await
            (try await ServerProcess(
                database: database.address, environment: ["AMPTILL_INSTALLATION_KEY": new])).stop()
        for result in [missing, wrong] {
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            #expect(!result.errors.contains(key.prefix(16)))
        }
    }

    @Test("what is no key, and PostgreSQL without one, end the start with one clear line")
    func isNone() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let short = try await Self.start(database, ["AMPTILL_INSTALLATION_KEY": "1a2b"])
        #expect(short.status == 2)
        #expect(short.errors.contains("AMPTILL_INSTALLATION_KEY") && !short.errors.contains("1a2b"))
        let file = try await ServerProcess.run(
            [
                "serve", "--port", "0", "--database", database.address, "--installation-key-file",
                "/nonexistent",
            ], environment: Self.none)
        #expect(file.status == 2)
        #expect(file.errors.contains("--installation-key-file: /nonexistent"))
        let postgres = try await ServerProcess.run(
            ["serve", "--port", "0", "--database", "postgres://nobody@/none?host=/nonexistent"],
            environment: Self.none)
        #expect(postgres.status == 2)
        #expect(
            postgres.errors.contains("AMPTILL_INSTALLATION_KEY") && postgres.errors.contains("PostgreSQL"))
        for result in [short, file, postgres] {
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        }
    }

    private static func start(
        _ database: Database, _ environment: [String: String]
    ) async throws -> (status: Int32, output: String, errors: String) {
        try await ServerProcess.run(
            ["serve", "--port", "0", "--database", database.address], environment: environment)
    }
}
