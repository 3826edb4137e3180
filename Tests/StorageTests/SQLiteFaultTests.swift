// SPDX-License-Identifier: Apache-2.0
import Foundation
import Storage
import Testing

/// What only a file can do to us.
@Suite("SQLite in trouble", .timeLimit(.minutes(3)))
struct SQLiteFaultTests {
    @Test("a full disk fails exactly those who found no room", arguments: [TestBench.memory, .file])
    func diskFull(bench: TestBench) async throws {
        let small = Migration(number: 2, name: "small", sql: "PRAGMA max_page_count = 200")
        try await bench.withStore(migrations: [.tables, small]) { store in
            let outcomes = await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        do {
                            try await store.transaction { tx in
                                try tx.insert(Note(id: "\(number)", body: Array(repeating: 7, count: 20_000)))
                            }
                            return "\(number)"
                        } catch StoreError.unavailable {
                            return "full"
                        } catch {
                            return "\(error)"
                        }
                    }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }

            let stored = try await store.all(Note.self).map(\.id)
            #expect(stored.count > 0)
            #expect(outcomes.contains("full"))
            #expect(Set(outcomes) == Set(stored + ["full"]))
        }
    }

    @Test("a file that is no database is refused")
    func noDatabase() async throws {
        try await TestBench.file.withPlace { place in
            guard case .file(let path) = place else { return }
            try String(repeating: "not a database ", count: 100).write(
                toFile: path, atomically: true, encoding: .utf8)

            await #expect(throws: StoreError.self) { try await Store.open(place, migrations: [.tables]) }
        }
    }

    @Test("a reader sees what was committed while the server goes on writing")
    func readsBesideWrites() async throws {
        try await TestBench.file.withStore { store in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for number in 0..<100 {
                        try await store.transaction { tx in
                            try tx.insert(Note(id: "\(number)"))
                            try tx.insert(Note(id: "\(number) again"))
                        }
                        // A caller that was told "stored" finds it.
                        guard try await store.find(Note.self, "\(number)") != nil else {
                            throw NotFound(number)
                        }
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<50 {
                            // Half a transaction is never seen.
                            let count = try await store.count(Note.self)
                            #expect(count.isMultiple(of: 2))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

private struct NotFound: Error {
    let number: Int
    init(_ number: Int) { self.number = number }
}
