// SPDX-License-Identifier: Apache-2.0
import Quantities
import Storage
import Testing

/// Events are written by the transaction that does what they tell.
@Suite("events", .timeLimit(.minutes(5)))
struct EventTests {
    private let now = Instant(seconds: 1_800_000_000)
    private let account = AccountID(at: .epoch, random: 7)
    private let tenant = OrganisationID(at: .epoch, random: 1)

    /// A store with one account, whose clock stands still.
    private func withAccount(
        _ bench: TestBench, telling: Bool = true, _ body: (Store) async throws -> Void
    ) async throws {
        try await bench.withStore(migrations: Migration.product) { store in
            if telling { store.tellEvents { [now] in now } }
            try await store.transaction { [account, tenant, now] tx in
                try tx.insert(
                    OrganisationRecord(
                        id: tenant, kind: .test, name: "A", legalName: "A",
                        address: PostalAddress(street: "", postalCode: "", city: "", country: "DE"),
                        currency: .eur, timeZone: "UTC", country: "DE", policy: OrganisationPolicy(),
                        createdAt: now))
                try tx.insert(
                    AccountRecord(
                        id: account, organisation: tenant, kind: .personal, name: "Kim", status: .active,
                        createdAt: now))
            }
            try await body(store)
        }
    }

    /// Blocks the account, or lets it charge again.
    @discardableResult
    private func turn(_ store: Store, failing: Bool = false) async throws -> Int64 {
        try await store.transaction { [account] tx in
            guard var row = try tx.lock(AccountRecord.self, id: account) else { throw StoreError.busy }
            row.status = row.status == .active ? .blocked : .active
            try tx.update(&row)
            if failing { throw StoreError.busy }
            return row.version
        }
    }

    /// Has somebody listen to everything.
    private func listen(_ store: Store) async throws {
        try await store.transaction { [tenant, now] tx in
            try tx.insert(
                WebhookEndpointRecord(
                    id: WebhookEndpointID(at: now, random: 1), organisation: tenant,
                    url: "https://a.example", types: ["*"], payload: .full, secret: "whsec_1", createdAt: now)
            )
        }
    }

    private func told(_ store: Store) async throws -> [EventRecord] {
        try await store.read { [account] tx in try tx.events(of: account.text) }
    }

    @Test("a change is told with what was and what is", arguments: TestBench.engines)
    func isTold(bench: TestBench) async throws {
        try await withAccount(bench) { store in
            try await turn(store)

            let events = try await told(store)
            #expect(events.map(\.type) == ["account.blocked"])
            #expect(events.first?.createdAt == now)
            #expect(events.first?.organisation == tenant)
            let data = try #require(events.first?.data)
            #expect(data.contains(#""previous":{"status":"active"}"#), "\(data)")
            #expect(data.contains(#""status":"blocked""#))
            #expect(!data.contains("Kim"), "events hold nothing personal")
        }
    }

    @Test("what was undone is not told, and does not take a number", arguments: TestBench.engines)
    func undone(bench: TestBench) async throws {
        try await withAccount(bench) { store in
            await #expect(throws: StoreError.busy) { try await turn(store, failing: true) }
            try await turn(store)

            let told1 = try await told(store)
            #expect(told1.map(\.sequence) == [1])
        }
    }

    @Test(
        "many at once are numbered without gaps, in the order of the versions", arguments: TestBench.engines)
    func manyAtOnce(bench: TestBench) async throws {
        try await withAccount(bench) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { try await turn(store) } }
                try await group.waitForAll()
            }

            let events = try await told(store)
            #expect(events.map(\.sequence) == Array(1...40))
            #expect(events.map(\.id) == events.map(\.id).sorted(), "one instant, and still in order")
            let types = events.map(\.type)
            #expect(types == (0..<40).map { $0.isMultiple(of: 2) ? "account.blocked" : "account.unblocked" })
        }
    }

    @Test("numbers go on after old events were forgotten", arguments: TestBench.engines)
    func forgotten(bench: TestBench) async throws {
        try await withAccount(bench) { store in
            for _ in 0..<3 { try await turn(store) }
            let forgotten = try await store.transaction { [now] tx in
                try tx.forgetEvents(before: now + .seconds(1), limit: 100)
            }
            try await turn(store)

            #expect(forgotten == 3)
            let told2 = try await told(store)
            #expect(told2.map(\.sequence) == [4])
        }
    }

    @Test(
        "a row that nobody read in this transaction is compared with the stored one",
        arguments: TestBench.engines)
    func unread(bench: TestBench) async throws {
        try await withAccount(bench) { store in
            let found = try await store.find(AccountRecord.self, account.text)
            let read = try #require(found)
            try await store.transaction { tx in
                var row = read
                row.status = .blocked
                try tx.update(&row)
            }

            let told3 = try await told(store)
            #expect(told3.map(\.type) == ["account.blocked"])
        }
    }

    @Test(
        "what one transaction tells of many objects, and of each several times, is numbered in its order",
        arguments: TestBench.engines)
    func manyInOne(bench: TestBench) async throws {
        try await withAccount(bench) { store in
            try await listen(store)
            try await turn(store)
            let others = (0..<45).map { AccountID(at: .epoch, random: 100 + UInt128($0)) }
            try await store.transaction { [account, tenant, now] tx in
                for id in others {
                    try tx.insert(
                        AccountRecord(
                            id: id, organisation: tenant, kind: .personal, name: "", status: .active,
                            createdAt: now))
                }
                for turn in 0..<3 {
                    for id in others + [account] {
                        guard var row = try tx.lock(AccountRecord.self, id: id) else { throw StoreError.busy }
                        row.status = row.status == .active ? .blocked : .active
                        try tx.update(&row)
                    }
                    // Who reads events in between finds what was told so far, and disturbs nothing.
                    if turn == 1 { #expect(try tx.events(of: others[7].text).map(\.sequence) == [1, 2]) }
                }
            }

            for id in others {
                let events = try await store.read { tx in try tx.events(of: id.text) }
                #expect(events.map(\.sequence) == [1, 2, 3])
                #expect(events.map(\.type) == ["account.blocked", "account.unblocked", "account.blocked"])
            }
            let events = try await told(store)
            #expect(events.map(\.sequence) == [1, 2, 3, 4])
            #expect(events.map(\.type).last == "account.unblocked")
            let parcels = try await store.all(ParcelRecord.self)
            let told = try await store.all(EventRecord.self)
            #expect(parcels.map(\.body).sorted() == told.map(\.id.text).sorted() && told.count == 45 * 3 + 4)
        }
    }

    @Test("a parcel is made only where somebody listens", arguments: TestBench.engines)
    func parcels(bench: TestBench) async throws {
        try await withAccount(bench) { store in
            try await turn(store)
            try await listen(store)
            try await turn(store)

            let parcels = try await store.all(ParcelRecord.self)
            let events = try await told(store)
            let last = try #require(events.last)
            #expect(parcels.map(\.body) == [last.id.text])
            #expect(parcels.map(\.stream) == ["event:\(account)"])
        }
    }

    /// A server does so many in an hour. The clock was handed on with one more wrapper by each transaction, until a station
    /// storm ended the process on a full stack.
    @Test("the clock is as near after fifty thousand transactions as after one", .timeLimit(.minutes(5)))
    func clockStaysNear() async throws {
        try await withAccount(.memory) { store in
            for _ in 0..<500 {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<100 { group.addTask { try await store.transaction { _ in } } }
                    try await group.waitForAll()
                }
            }
            try await turn(store)
            let events = try await told(store)
            #expect(events.count == 1)
        }
    }

    @Test("a store without a clock tells nothing", arguments: TestBench.engines)
    func silent(bench: TestBench) async throws {
        try await withAccount(bench, telling: false) { store in
            try await turn(store)
            let told4 = try await told(store)
            #expect(told4.isEmpty)
        }
    }
}
