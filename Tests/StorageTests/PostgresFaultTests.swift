// SPDX-License-Identifier: Apache-2.0
import Foundation
import Storage
import Synchronization
import Testing

/// What only a server can do to us: kill a connection, roll back, change under our feet, be many.
///
/// A trigger is the saboteur. It counts with a sequence, because that is the one thing a rollback does not
/// undo.
@Suite("PostgreSQL in trouble", .enabled(if: TestBench.postgresAddress != nil), .timeLimit(.minutes(2)))
struct PostgresFaultTests {
    private let sabotage = Migration(
        number: 2, name: "sabotage",
        sql: """
            CREATE SEQUENCE strikes;
            CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.number = 0 OR nextval('strikes') > NEW.number THEN
                    RETURN NEW;
                ELSIF NEW.id LIKE 'kill%' THEN
                    PERFORM pg_terminate_backend(pg_backend_pid());
                ELSIF NEW.id LIKE 'conflict%' THEN
                    RAISE EXCEPTION 'met another' USING ERRCODE = '40001';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER at_once BEFORE INSERT ON note FOR EACH ROW
                WHEN (NEW.id NOT LIKE '% at commit') EXECUTE FUNCTION strike();
            CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (NEW.id LIKE '% at commit') EXECUTE FUNCTION strike();
            """)

    private func withStore(_ body: (Store) async throws -> Void) async throws {
        try await TestBench.postgres.withStore(migrations: [.tables, sabotage], body)
    }

    /// Adds a note that meets `strikes` failures, reading in between; says how often the closure ran.
    private func insert(_ id: String, strikes: Int64, into store: Store) async throws -> Int {
        let runs = Runs()
        try await store.transaction { tx in
            runs.count()
            try tx.insert(Note(id: "before \(id)"))
            try tx.insert(Note(id: id, number: strikes))
            _ = try tx.count(Note.self)
        }
        return runs.total
    }

    @Test("a connection that dies before COMMIT is replaced, and the closure runs again")
    func killedBackend() async throws {
        try await withStore { store in
            let runs = try await insert("kill", strikes: 2, into: store)

            #expect(runs == 3)
            #expect(try await store.all(Note.self).map(\.id) == ["before kill", "kill"])
        }
    }

    @Test("a connection that dies during COMMIT has an unknown outcome, and nothing runs again")
    func killedWhileCommitting() async throws {
        try await withStore { store in
            let runs = Runs()

            await #expect(throws: StoreError.outcomeUnknown) {
                try await store.transaction { tx in
                    runs.count()
                    try tx.insert(Note(id: "kill at commit", number: 1))
                    _ = try tx.count(Note.self)
                }
            }

            #expect(runs.total == 1)
            try await store.transaction { tx in try tx.insert(Note(id: "next")) }
        }
    }

    @Test("a conflict runs the closure again, up to five times")
    func retriedConflict() async throws {
        try await withStore { store in
            let runs = try await insert("conflict", strikes: 5, into: store)

            #expect(runs == 6)
            #expect(try await store.all(Note.self).map(\.id) == ["before conflict", "conflict"])
        }
        try await withStore { store in
            await #expect(throws: StoreError.conflict) {
                _ = try await insert("conflict", strikes: 100, into: store)
            }

            let stored = try await store.all(Note.self)
            #expect(stored.isEmpty)
        }
    }

    @Test("a conflict at COMMIT runs the closure again too")
    func conflictAtCommit() async throws {
        try await withStore { store in
            let runs = try await insert("conflict at commit", strikes: 2, into: store)

            #expect(runs == 3)
        }
    }

    @Test("a group of appends survives a killed connection")
    func killedAppend() async throws {
        try await withStore { store in
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        let id = number == 7 ? "kill" : "\(number)"
                        try await store.append([Statement.insertIfAbsent(Note(id: id, number: 1))])
                    }
                }
                try await group.waitForAll()
            }

            #expect(try await store.all(Note.self).count == 20)
        }
    }

    @Test("appends that find the server away fail together, not one after the other")
    func appendsWhileAway() async throws {
        try await TestBench.postgres.withPlace { place in
            guard case .postgres(let url, let name?) = place else { return }
            let door = try Door(to: url)
            let store = try await Store.open(.postgres(url: door.url, schema: name), migrations: [.tables])
            try await store.append([Statement.insertIfAbsent(Note(id: "before"))])
            try door.shut()
            try await cutConnections(of: name, at: url)

            let start = ContinuousClock.now
            let failures = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 { group.addTask { await isAway(store, for: Note(id: "\(number)")) } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }

            #expect(failures == 8)
            // One of them gives up after half a minute; the first may be alone, the others find it away together.
            #expect(ContinuousClock.now - start < .seconds(100))
            try door.open()
            try await store.append([Statement.insertIfAbsent(Note(id: "after"))])
            #expect(try await store.all(Note.self).map(\.id) == ["after", "before"])
            await store.close()
            try door.shut()
        }
    }

    private func isAway(_ store: Store, for note: Note) async -> Bool {
        do {
            try await store.append([Statement.insertIfAbsent(note)])
        } catch StoreError.unavailable {
            return true
        } catch {
            Issue.record("\(error)")
        }
        return false
    }

    /// Ends what `name` has open at the server.
    private func cutConnections(of name: String, at url: String) async throws {
        let saboteur = Migration(
            number: 1, name: "cut",
            sql: """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '\(name)'
                """)
        let elsewhere = DatabaseLocation.postgres(
            url: url.replacing("application_name=", with: "application_name=not_"), schema: name + "_other")
        try await Store.open(elsewhere, migrations: [saboteur]).close()
    }

    @Test("two transactions that lock in opposite order both succeed")
    func deadlock() async throws {
        try await withStore { store in
            try await store.transaction { tx in
                for id in ["a", "b"] { try tx.insert(Tally(id: id, name: id)) }
            }

            try await withThrowingTaskGroup { group in
                let both = Barrier(2)
                for order in [["a", "b"], ["b", "a"]] {
                    group.addTask {
                        try await store.transaction { tx in
                            for id in order {
                                guard var tally = try tx.lock(Tally.self, id: id) else { continue }
                                both.arrive()
                                tally.total += 1
                                try tx.update(&tally)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }

            #expect(try await store.all(Tally.self).map(\.total) == [2, 2])
        }
    }

    @Test("when all connections were cut, writing goes on and watchers are told to look again")
    func allConnectionsCut() async throws {
        try await TestBench.postgres.withPlace { place in
            guard case .postgres(let url, let name?) = place else { return }
            let store = try await Store.open(place, migrations: [.tables])
            try await store.transaction { tx in try tx.insert(Note(id: "before")) }
            var changes = store.changes().makeAsyncIterator()
            try await cutConnections(of: name, at: url)

            // Writes only, so that COMMIT would be the first thing sent to a dead connection.
            for number in 0..<20 {
                try await store.transaction { tx in try tx.insert(Note(id: "after \(number)")) }
            }

            #expect(try await store.all(Note.self).count == 21)
            #expect(await changes.next()?.kind == .everything)
            await store.close()
        }
    }

    @Test("a table that changed under a prepared statement is read again")
    func changedPlan() async throws {
        try await TestBench.postgres.withPlace { place in
            let store = try await Store.open(
                place, migrations: [.tables], options: StoreOptions(connections: 1))
            try await store.transaction { tx in try tx.insert(Note(id: "a")) }
            #expect(try await store.find(Note.self, "a") != nil)
            let wider = Migration(number: 2, name: "wider", sql: "ALTER TABLE note ADD COLUMN extra BIGINT")
            try await Store.open(place, migrations: [.tables, wider]).close()

            #expect(try await store.find(Note.self, "a") == Note(id: "a"))
            await store.close()
        }
    }

    @Test("nodes that start together make the schema once")
    func startTogether() async throws {
        try await TestBench.postgres.withPlace { place in
            let stores = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { try await Store.open(place, migrations: [.tables]) }
                }
                return try await group.reduce(into: [Store]()) { $0.append($1) }
            }

            for store in stores { await store.close() }
            #expect(stores.count == 4)
        }
    }

    @Test("another node hears every change and every bell, in order of a transaction")
    func twoNodes() async throws {
        try await TestBench.postgres.withPlace { place in
            let here = try await Store.open(place, migrations: [.tables])
            let there = try await Store.open(place, migrations: [.tables])
            let changes = there.changes()
            var bell = there.bell(.outbox).makeAsyncIterator()

            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        try await here.transaction { tx in
                            try tx.insert(Note(id: "\(number)"))
                            tx.note(.session, "\(number)", version: 1)
                            tx.note(.session, "\(number)", version: 2)
                            tx.ring(.outbox)
                        }
                    }
                }
                try await group.waitForAll()
            }

            var heard: [Change] = []
            for await change in changes {
                heard.append(change)
                if heard.count == 200 { break }
            }
            #expect(Set(heard).count == 200)
            for number in 0..<100 {
                let versions = heard.filter { $0.id == "\(number)" }.map(\.version)
                #expect(versions == [1, 2])
            }
            #expect(await bell.next() != nil)
            await here.close()
            await there.close()
        }
    }

    @Test("a server that is not there is reported as such")
    func noServer() async throws {
        let nowhere = DatabaseLocation.postgres(url: "postgres://nobody@/none?host=/nonexistent")

        let refused = await #expect(throws: StoreError.self) {
            try await Store.open(nowhere, migrations: [.tables])
        }
        guard case .unavailable = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
    }
}

/// Counts how often a closure ran.
private final class Runs: Sendable {
    private let runs = Mutex(0)
    var total: Int { runs.withLock { $0 } }
    func count() { runs.withLock { $0 += 1 } }
}

/// A way to the server's socket that a test can shut: the server goes on, and nobody reaches it.
private struct Door {
    /// An address that goes through the door.
    let url: String
    private let room: String
    private let link: URL

    init(to url: String) throws {
        let host = try #require(url.firstMatch(of: /host=([^&]+)/), "not on a socket: \(url)")
        room = String(host.1)
        link = FileManager.default.temporaryDirectory.appending(
            path: "door_\(UInt32.random(in: 0...UInt32.max))")
        self.url = url.replacing("host=" + room, with: "host=" + link.path)
        try open()
    }

    func open() throws {
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: room)
    }

    func shut() throws { try FileManager.default.removeItem(at: link) }
}
