// SPDX-License-Identifier: Apache-2.0
import Foundation
import Storage
import Testing

/// The schema of the product.
@Suite("the product's schema")
struct ProductMigrationsTests {
    @Test("is made on every engine, once", arguments: TestBench.engines)
    func isMade(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let options = StoreOptions()
            try await Store.open(place, options: options).close()
            try await Store.open(place, options: options).close()
        }
    }

    @Test("grows from every earlier release and keeps what was there", arguments: TestBench.durable)
    func grows(bench: TestBench) async throws {
        let options = StoreOptions()
        for count in 1..<Migration.product.count {
            try await bench.withPlace { place in
                let before = try await Store.open(
                    place, migrations: Array(Migration.product.prefix(count)), options: options)
                try await before.transaction { tx in
                    try tx.saveSandboxObject("note", "kept", "before \(count)")
                }
                await before.close()

                let after = try await Store.open(place, options: options)
                let kept = try await after.read { tx in try tx.sandboxObject("note", "kept") }
                await after.close()

                #expect(kept == "before \(count)")
            }
        }
    }

    @Test("has a step for each file, in the order of the numbers")
    func hasAllFiles() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Storage/Migrations").standardized
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".sql") }.sorted()

        let steps = Migration.product.map { migration in
            let number = String(migration.number)
            return String(repeating: "0", count: 4 - number.count) + number + "-" + migration.name + ".sql"
        }
        #expect(steps == files)
        for (migration, file) in zip(Migration.product, files) {
            #expect(try migration.sql == String(contentsOf: folder.appending(path: file), encoding: .utf8))
        }
    }
}
