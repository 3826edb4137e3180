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
            try await Store.open(place).close()
            try await Store.open(place).close()
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
