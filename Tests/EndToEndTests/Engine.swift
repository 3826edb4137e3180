// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// The databases that the main flow runs on.
enum Engine: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    /// PostgreSQL where `make test` started one; in CI it must be there.
    static var available: [Engine] {
        ProcessInfo.processInfo.environment["AMPTILL_TEST_POSTGRES"] == nil
            ? [.sqlite] : [.sqlite, .postgres]
    }

    var testDescription: String { rawValue }

    /// A database that nobody else uses.
    func freshDatabase() async throws -> Database {
        let name = "e2e_" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        switch self {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return Database(address: folder.appendingPathComponent("amptill.db").path, folder: folder)
        case .postgres:
            let base = ProcessInfo.processInfo.environment["AMPTILL_TEST_POSTGRES"] ?? ""
            let separator = base.contains("?") ? "&" : "?"
            return Database(address: "\(base)\(separator)schema=\(name)", folder: nil)
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs where `make test` has set up the peers: a charger, a browser, a PostgreSQL, other people's tools.
    static var withPeers: Self {
        .enabled(if: ChargerProcess.python != nil, "needs the peers that make test sets up")
    }
}

/// The address of a test's database; the folder of an embedded one is removed at the end.
final class Database: Sendable {
    let address: String
    private let folder: URL?

    init(address: String, folder: URL?) {
        self.address = address
        self.folder = folder
    }

    deinit {
        // what is left is the system's to clean up
        if let folder { try? FileManager.default.removeItem(at: folder) }
    }
}

/// The books after a test: the ledger balances by our own reckoning and by an independent tool's.
enum Accounts {
    static func check(_ network: Network, database: Database) async throws {
        let balance = try await network.operatorClient.get("/v1/ledger/trial_balance").json
        for currency in balance["currencies"]?.array ?? [] { #expect(currency["difference"]?.int64 == 0) }
        let export = try await ServerProcess.run([
            "export", "--format", "hledger", "--database", database.address,
        ])
        #expect(export.status == 0, "\(export.errors)")
        try await hledgerAccepts(export.output)
        let audit = try await ServerProcess.run(["audit", "--database", database.address])
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
    }

    /// `hledger check` reads the journal, where it is installed (`make test` installs it).
    static func hledgerAccepts(_ journal: String) async throws {
        let tool = URL(fileURLWithPath: "/usr/bin/hledger")
        guard FileManager.default.isExecutableFile(atPath: tool.path) else { return }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString + ".journal")
        try Data(journal.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // what is left is the system's to clean up
        let result = try await ServerProcess.runTool(tool.path, ["-f", file.path, "check", "--strict"])
        #expect(result.status == 0, "hledger: \(result.errors)")
    }
}
