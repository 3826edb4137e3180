// SPDX-License-Identifier: Apache-2.0
import Quantities
import Storage
import Synchronization
import Testing

/// What every engine promises; one text for all of them.
@Suite("the contract of the store")
struct StoreContractTests {
    @Test(
        "a record comes back as it was, with nested enums and every kind of column",
        arguments: TestBench.engines)
    func roundTrip(bench: TestBench) async throws {
        try await bench.withStore { store in
            let full = Parts(
                id: try #require(SessionID("ses_1")), flag: true, maybe: false, small: -7, big: 4_294_967_295,
                text: "Füße 'quoted' $1 {{json}} 🔌", evseID: EVSEID("evse_9"), raw: [0, 1, 0, 255],
                maybeRaw: [], at: Instant(nanoseconds: .max), kind: .fancy,
                state: .owed(Money(minorUnits: 9_007_199_254_740_993, currency: .eur), since: .epoch),
                list: [.waiting, .nested(.init(big: .min, names: ["b": 2, "a": .max, "ä\"\\/": 0]))],
                maybeState: .waiting, order: 3, last4: "4242")
            var empty = full
            empty.id = try #require(SessionID("ses_2"))
            (empty.maybe, empty.big, empty.evseID, empty.maybeRaw, empty.maybeState) = (
                nil, nil, nil, nil, nil
            )
            (empty.raw, empty.list, empty.text, empty.flag) = ([], [], "", false)
            let both = [full, empty]

            try await store.transaction { tx in for record in both { try tx.insert(record) } }

            #expect(try await store.all(Parts.self) == both)
            let locked = try await store.transaction { tx in try tx.lock(Parts.self, id: full.id) }
            #expect(locked == full)
            #expect(try await store.find(Parts.self, "ses_3") == nil)
        }
    }

    @Test("integers above 2^53 and bytes with zeros are exact", arguments: TestBench.engines)
    func exactValues(bench: TestBench) async throws {
        try await bench.withStore { store in
            let numbers: [Int64] = [.min, .max, 9_007_199_254_740_993, -9_007_199_254_740_993, 0, -1]
            let notes = numbers.enumerated().map { index, number in
                Note(id: "\(index)", number: number, body: [0, UInt8(index), 0])
            }

            try await store.transaction { tx in for note in notes { try tx.insert(note) } }

            #expect(try await store.all(Note.self) == notes)
        }
    }

    @Test("a text with U+0000 is refused on both engines alike", arguments: TestBench.engines)
    func zeroInText(bench: TestBench) async throws {
        try await bench.withStore { store in
            let refused = await #expect(throws: StoreError.self) {
                try await store.transaction { tx in try tx.insert(Note(id: "a\u{0}b")) }
            }

            guard case .failed(state: "22021", _) = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
            let stored = try await store.count(Note.self)
            #expect(stored == 0)
        }
    }

    @Test("an upsert adds and then changes", arguments: TestBench.engines)
    func upsert(bench: TestBench) async throws {
        try await bench.withStore { store in
            try await store.transaction { tx in
                try tx.upsert(Tally(id: "a", name: "x", total: 1), on: ["id"])
                try tx.upsert(Tally(id: "a", name: "y", total: 2), on: ["id"])
                try tx.upsert(Tally(id: "b", name: "y", total: 3), on: ["name"])
            }

            #expect(
                try await store.all(Tally.self) == [Tally(id: "b", name: "y", total: 3)]
            )
        }
    }

    @Test("an insert that may repeat says whether it was the first", arguments: TestBench.engines)
    func insertIfAbsent(bench: TestBench) async throws {
        try await bench.withStore { store in
            let added = try await store.transaction { tx in
                [
                    try tx.insertIfAbsent(Tally(id: "a", name: "x")),
                    try tx.insertIfAbsent(Tally(id: "a", name: "y")),
                    try tx.insertIfAbsent(Tally(id: "b", name: "x")),
                    try tx.insertIfAbsent(Tally(id: "b", name: "y")),
                ]
            }

            #expect(added == [true, false, false, true])
        }
    }

    @Test("a unique violation names its key and undoes everything", arguments: TestBench.engines)
    func uniqueViolation(bench: TestBench) async throws {
        try await bench.withStore { store in
            try await store.transaction { tx in try tx.insert(Place(site: "s", number: 1)) }

            await #expect(throws: StoreError.uniqueViolation(constraint: "place(site, number)")) {
                try await store.transaction { tx in
                    try tx.insert(Place(site: "s", number: 2))
                    try tx.insert(Place(site: "s", number: 1))
                }
            }

            let stored = try await store.count(Place.self)
            #expect(stored == 1)
        }
    }

    @Test("an error that was caught inside still undoes the transaction", arguments: TestBench.engines)
    func caughtError(bench: TestBench) async throws {
        try await bench.withStore { store in
            await #expect(throws: StoreError.uniqueViolation(constraint: "note(id)")) {
                try await store.transaction { tx in
                    try tx.insert(Note(id: "a"))
                    do {
                        try tx.insert(Note(id: "a"))
                        _ = try tx.find(Note.self, "a")
                    } catch {
                        // Lost on purpose: that is what is tested.
                    }
                }
            }

            let stored = try await store.count(Note.self)
            #expect(stored == 0)
        }
    }

    @Test("a broken check and a missing parent are told apart", arguments: TestBench.engines)
    func otherViolations(bench: TestBench) async throws {
        try await bench.withStore { store in
            let check = await #expect(throws: StoreError.self) {
                try await store.transaction { tx in try tx.insert(Place(site: "s", number: 0)) }
            }
            await #expect(throws: StoreError.foreignKeyViolation) {
                try await store.transaction { tx in try tx.insert(Place(site: "s", number: 1, note: "none")) }
            }

            guard case .checkViolation = check else {
                Issue.record("\(String(describing: check))")
                return
            }
        }
    }

    @Test("a row that is written once is neither changed nor removed", arguments: TestBench.engines)
    func writtenOnce(bench: TestBench) async throws {
        try await bench.withStore { store in
            try await store.transaction { tx in try tx.insert(Entry(id: "a")) }

            let refused = StoreError.checkViolation(constraint: "entry is written once")
            await #expect(throws: refused) {
                try await store.transaction { tx in
                    var entry = Entry(id: "a")
                    entry.total = 1
                    try tx.update(&entry)
                }
            }
            await #expect(throws: refused) {
                _ = try await store.transaction { tx in try tx.delete(Entry.self, id: "a") }
            }
            #expect(try await store.all(Entry.self) == [Entry(id: "a")])
        }
    }

    @Test("an address is a postgres:// address or the path of a file")
    func addresses() throws {
        #expect(try DatabaseLocation("data/amptill.db") == .file("data/amptill.db"))
        #expect(try DatabaseLocation(":memory:") == .memory)
        #expect(try DatabaseLocation("postgresql://h/d") == .postgres(url: "postgresql://h/d"))
        #expect(throws: StoreError.self) { try DatabaseLocation("mysql://h/d") }
        #expect(throws: StoreError.self) { try DatabaseLocation("") }
    }

    @Test("an error of the caller's own undoes the transaction and comes back", arguments: TestBench.engines)
    func ownError(bench: TestBench) async throws {
        struct Mine: Error, Equatable {}
        try await bench.withStore { store in
            await #expect(throws: Mine()) {
                try await store.transaction { tx in
                    try tx.insert(Note(id: "a"))
                    throw Mine()
                }
            }

            let stored = try await store.count(Note.self)
            #expect(stored == 0)
        }
    }

    @Test("an update raises the version, and an old version is refused", arguments: TestBench.engines)
    func staleVersion(bench: TestBench) async throws {
        try await bench.withStore { store in
            let old = Tally(id: "a", name: "x")
            let new = try await store.transaction { tx in
                try tx.insert(old)
                var tally = old
                tally.total = 5
                try tx.update(&tally)
                return tally
            }

            #expect(new.version == 2)
            #expect(try await store.find(Tally.self, "a") == new)
            await #expect(throws: StoreError.staleVersion(table: "tally", id: "a")) {
                try await store.transaction { tx in
                    var tally = old
                    tally.total = 9
                    try tx.update(&tally)
                }
            }
            #expect(try await store.find(Tally.self, "a") == new)
        }
    }

    @Test(
        "fifty callers who add one at the same time add fifty", .timeLimit(.minutes(1)),
        arguments: TestBench.engines)
    func concurrentIncrements(bench: TestBench) async throws {
        try await bench.withStore { store in
            try await store.transaction { tx in try tx.insert(Tally(id: "a", name: "x")) }

            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await store.transaction { tx in
                            guard var tally = try tx.lock(Tally.self, id: "a") else { throw Missing() }
                            tally.total += 1
                            try tx.update(&tally)
                        }
                    }
                }
                try await group.waitForAll()
            }

            let tally = try await store.find(Tally.self, "a")
            #expect(tally == Tally(id: "a", name: "x", total: 50, version: 51))
        }
    }

    @Test(
        "of 300 jobs every third fails: exactly those callers hear it and exactly their rows are gone",
        .timeLimit(.minutes(1)), arguments: TestBench.engines)
    func groupWithFailures(bench: TestBench) async throws {
        try await bench.withStore { store in
            let failed = await withTaskGroup { group in
                for number in 0..<300 {
                    group.addTask {
                        do {
                            try await store.transaction { tx in
                                try tx.insert(Note(id: "\(number)", number: Int64(number)))
                                if number % 3 == 0 { try tx.insert(Note(id: "\(number)", number: -1)) }
                                try tx.insert(Note(id: "\(number) again", number: Int64(number)))
                            }
                            return -1
                        } catch StoreError.uniqueViolation {
                            return number
                        } catch {
                            Issue.record(error)
                            return -1
                        }
                    }
                }
                return await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }

            #expect(failed.subtracting([-1]) == Set(stride(from: 0, to: 300, by: 3)))
            let stored = try await store.all(Note.self).map(\.number)
            #expect(stored.count == 400)
            #expect(stored.allSatisfy { $0 % 3 != 0 })
        }
    }

    @Test("appended statements are stored, and again is no error", arguments: TestBench.engines)
    func append(bench: TestBench) async throws {
        try await bench.withStore { store in
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let notes = [Note(id: "\(number)"), Note(id: "\(number) again")]
                        try await store.append(notes.map { try Statement.insertIfAbsent($0) })
                    }
                }
                try await group.waitForAll()
            }
            try await store.append([Statement.insertIfAbsent(Note(id: "7"))])

            let stored = try await store.count(Note.self)
            #expect(stored == 200)
        }
    }

    @Test("one bad append in a group fails alone", .timeLimit(.minutes(1)), arguments: TestBench.engines)
    func appendFails(bench: TestBench) async throws {
        try await bench.withStore { store in
            let outcomes = await withTaskGroup { group in
                for number in 0..<40 {
                    group.addTask {
                        do {
                            try await store.append([
                                Statement.insertIfAbsent(Note(id: "\(number)")),
                                Statement.insertIfAbsent(Place(site: "s", number: Int64(number))),
                            ])
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }

            #expect(outcomes.count { !$0 } == 1)
            #expect(try await store.find(Note.self, "0") == nil)
            let stored = try await store.count(Note.self)
            #expect(stored == 39)
        }
    }

    @Test("a read cannot write", arguments: TestBench.engines)
    func readOnly(bench: TestBench) async throws {
        try await bench.withStore { store in
            let refused = await #expect(throws: StoreError.self) {
                try await store.read { tx in _ = try tx.insertIfAbsent(Note(id: "a")) }
            }

            guard case .failed(state: "25006", _) = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
        }
    }

    @Test(
        "a caller that is cancelled before its turn never runs", .timeLimit(.minutes(1)),
        arguments: TestBench.engines)
    func cancelledCaller(bench: TestBench) async throws {
        try await bench.withStore(StoreOptions(connections: 1)) { store in
            let entered = AsyncStream<Void>.makeStream()
            let gate = Gate()
            let first = Task {
                try await store.transaction { tx in
                    entered.continuation.yield()
                    gate.wait()
                    try tx.insert(Note(id: "first"))
                }
            }
            for await _ in entered.stream { break }
            let second = Task { try await store.transaction { tx in try tx.insert(Note(id: "second")) } }
            // The first one has begun: to cancel it now changes nothing.
            first.cancel()
            second.cancel()

            await #expect(throws: CancellationError.self) { try await second.value }
            gate.open()
            try await first.value
            #expect(try await store.all(Note.self).map(\.id) == ["first"])
        }
    }

    @Test("a full queue says busy", .timeLimit(.minutes(1)), arguments: TestBench.engines)
    func fullQueue(bench: TestBench) async throws {
        try await bench.withStore(StoreOptions(connections: 1, queueLimit: 1)) { store in
            let entered = AsyncStream<Void>.makeStream()
            let gate = Gate()
            let first = Task {
                try await store.transaction { _ in
                    entered.continuation.yield()
                    gate.wait()
                }
            }
            for await _ in entered.stream { break }

            let outcomes = await withTaskGroup { group in
                for _ in 0..<2 {
                    group.addTask {
                        do {
                            try await store.transaction { _ in }
                            return StoreError?.none
                        } catch {
                            gate.open()
                            return error as? StoreError
                        }
                    }
                }
                return await group.reduce(into: [StoreError?]()) { $0.append($1) }
            }

            #expect(outcomes.contains(.busy))
            #expect(outcomes.contains(nil))
            try await first.value
        }
    }

    @Test(
        "closing finishes what waits and refuses the rest", .timeLimit(.minutes(1)),
        arguments: TestBench.engines)
    func closing(bench: TestBench) async throws {
        try await bench.withStore { store in
            let entered = AsyncStream<Void>.makeStream()
            let gate = Gate()
            let jobs = (0..<30).map { number in
                Task {
                    try await store.transaction { tx in
                        entered.continuation.yield()
                        gate.wait()
                        try tx.insert(Note(id: "\(number)"))
                    }
                }
            }
            for await _ in entered.stream { break }
            let closing = Task { await store.close() }
            gate.open()

            await closing.value
            for job in jobs {
                // Either done or refused, but told: a caller that waits for ever would fail the time limit.
                _ = await job.result
            }
            await #expect(throws: StoreError.self) { try await store.transaction { _ in } }
        }
    }

    @Test("the hook is called before and after the commit of what writes", arguments: TestBench.engines)
    func commitHook(bench: TestBench) async throws {
        let moments = Moments()
        let options = StoreOptions(commitHook: { moments.append($0) })
        try await bench.withStore(options) { store in
            moments.clear()
            try await store.transaction { tx in try tx.insert(Note(id: "a")) }
            _ = try await store.count(Note.self)
            // Undone, so there is no commit.
            try? await store.transaction { tx in
                try tx.insert(Note(id: "b"))
                throw Missing()
            }

            #expect(moments.all == [.before, .after])
        }
    }

    @Test(
        "watchers and bells hear of what was committed and of nothing else", .timeLimit(.minutes(1)),
        arguments: TestBench.engines)
    func doorbell(bench: TestBench) async throws {
        try await bench.withStore { store in
            var changes = store.changes().makeAsyncIterator()
            var bell = store.bell(.outbox).makeAsyncIterator()

            // Undone, so nobody hears of it.
            try? await store.transaction { tx in
                tx.note(.session, "undone")
                throw Missing()
            }
            try await store.transaction { tx in
                try tx.insert(Note(id: "a"))
                tx.note(.session, "ses_1", version: 2)
                tx.note(.session, "ses_1", version: 2)
                tx.note(.evse, "evse_1")
                tx.ring(.outbox)
            }

            #expect(await changes.next() == Change(kind: .session, id: "ses_1", version: 2))
            #expect(await changes.next() == Change(kind: .evse, id: "evse_1"))
            #expect(await bell.next() != nil)
        }
    }

    // A server that ends cancels all who listen while its last transactions are told.
    @Test("who listens may leave at any moment, also while it is told something", .timeLimit(.minutes(1)))
    func leaving() async throws {
        let store = try await Store.open(.memory, migrations: [.tables])
        for round in 0..<2000 {
            async let told: Void = {
                for number in 0..<5 {
                    try await store.transaction { tx in
                        tx.note(.session, "\(round) \(number)")
                        tx.ring(.outbox)
                    }
                }
            }()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { for await _ in store.changes() {} }
                    group.addTask { for await _ in store.bell(.outbox) {} }
                }
                await Task.yield()
                group.cancelAll()
            }
            try await told
        }
        await store.close()
    }

    @Test("what was committed is there after opening again", arguments: TestBench.durable)
    func reopen(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let first = try await Store.open(place, migrations: [.tables])
            try await first.transaction { tx in try tx.insert(Note(id: "a", number: 1)) }
            await first.close()

            let second = try await Store.open(place, migrations: [.tables])
            #expect(try await second.find(Note.self, "a") == Note(id: "a", number: 1))
            await second.close()
        }
    }

    @Test("a database of a newer release is refused", arguments: TestBench.durable)
    func newerSchema(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let more = Migration(number: 2, name: "more", sql: "CREATE TABLE more (id TEXT PRIMARY KEY)")
            try await Store.open(place, migrations: [.tables, more]).close()

            await #expect(throws: StoreError.newerSchema(found: 2, known: 1)) {
                try await Store.open(place, migrations: [.tables])
            }
        }
    }

    @Test("a migration that was changed after its release is refused", arguments: TestBench.durable)
    func changedMigration(bench: TestBench) async throws {
        try await bench.withPlace { place in
            try await Store.open(place, migrations: [.tables]).close()

            let changed = Migration(number: 1, name: "tables", sql: Migration.tables.sql + " ")
            await #expect(throws: StoreError.self) { try await Store.open(place, migrations: [changed]) }
        }
    }

    @Test("a migration that fails leaves nothing behind", arguments: TestBench.durable)
    func failingMigration(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let broken = Migration(
                number: 2, name: "more", sql: "CREATE TABLE more (id TEXT); CREATE TABLE more (id TEXT)")
            await #expect(throws: StoreError.self) {
                try await Store.open(place, migrations: [.tables, broken])
            }

            let mended = Migration(number: 2, name: "more", sql: "CREATE TABLE more (id TEXT)")
            try await Store.open(place, migrations: [.tables, mended]).close()
        }
    }

    @Test("a second writer of a file is refused, a reader is not", .timeLimit(.minutes(1)))
    func lockedFile() async throws {
        try await TestBench.file.withPlace { place in
            guard case .file(let path) = place else { return }
            let writer = try await Store.open(place, migrations: [.tables])
            try await writer.transaction { tx in try tx.insert(Note(id: "a")) }

            await #expect(throws: StoreError.databaseLocked(path: path)) {
                try await Store.open(place, migrations: [.tables])
            }
            let reader = try await Store.open(
                place, migrations: [.tables], options: StoreOptions(access: .readOnly))
            #expect(try await reader.count(Note.self) == 1)
            await #expect(throws: StoreError.self) {
                try await reader.transaction { tx in try tx.insert(Note(id: "b")) }
            }
            await reader.close()
            await writer.close()
            try await Store.open(place, migrations: [.tables]).close()
        }
    }
}

private struct Missing: Error {}

/// The moments a hook was called, in order.
private final class Moments: Sendable {
    private let moments = Mutex<[CommitMoment]>([])

    var all: [CommitMoment] { moments.withLock { $0 } }
    func append(_ moment: CommitMoment) { moments.withLock { $0.append(moment) } }
    func clear() { moments.withLock { $0 = [] } }
}
