// SPDX-License-Identifier: Apache-2.0
import Foundation
import Quantities
import Storage
import Testing

/// Where a contract test runs: the same text on every engine.
enum TestBench: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, file, postgres

    /// The engines of this machine; PostgreSQL only where `make test` has started one.
    static var engines: [TestBench] { allCases.filter { $0 != .postgres || postgresAddress != nil } }
    /// The engines that keep what they store.
    static var durable: [TestBench] { engines.filter { $0 != .memory } }
    /// The address of the PostgreSQL for tests.
    static var postgresAddress: String? { ProcessInfo.processInfo.environment["AMPTILL_TEST_POSTGRES"] }

    var testDescription: String { rawValue }

    /// A database of its own for one test, with a folder that is removed afterwards.
    func withPlace(_ body: (DatabaseLocation) async throws -> Void) async throws {
        let name = "test_\(UInt64.random(in: 0...UInt64.max))"
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            // The test has its answer; a folder that cannot be removed changes nothing.
            try? FileManager.default.removeItem(at: folder)
        }
        switch self {
        case .memory: try await body(.memory)
        case .file: try await body(.file(folder.appending(path: "amptill.db").path))
        case .postgres:
            let address = try #require(Self.postgresAddress)
            // The name tells the server's processes of this test from those of others.
            let separator = address.contains("?") ? "&" : "?"
            try await body(.postgres(url: address + separator + "application_name=" + name, schema: name))
        }
    }

    /// An open store with the tables of the tests.
    func withStore(
        _ options: StoreOptions = StoreOptions(), migrations: [Migration] = [.tables],
        _ body: (Store) async throws -> Void
    ) async throws {
        try await withPlace { place in
            let store = try await Store.open(place, migrations: migrations, options: options)
            try await body(store)
            await store.close()
        }
    }
}

extension Migration {
    /// The tables of the tests.
    static let tables = Migration(
        number: 1, name: "tables",
        sql: """
            CREATE TABLE note (id TEXT PRIMARY KEY, number BIGINT NOT NULL, body {{bytes}});
            CREATE TABLE tally (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, total BIGINT NOT NULL,
                version BIGINT NOT NULL);
            CREATE TABLE place (site TEXT NOT NULL, number BIGINT NOT NULL CHECK (number > 0),
                note TEXT REFERENCES note (id), UNIQUE (site, number));
            CREATE TABLE parts (id TEXT PRIMARY KEY, flag BOOLEAN NOT NULL, maybe BOOLEAN,
                small BIGINT NOT NULL, big BIGINT, text TEXT NOT NULL, evse_id TEXT, raw {{bytes}} NOT NULL, maybe_raw {{bytes}},
                at BIGINT NOT NULL, kind TEXT NOT NULL, state {{json}} NOT NULL, list {{json}} NOT NULL,
                maybe_state {{json}}, "order" BIGINT NOT NULL, last4 TEXT NOT NULL);
            CREATE TABLE entry (id TEXT PRIMARY KEY, total BIGINT NOT NULL, version BIGINT NOT NULL);
            {{insert only entry}}
            """)
}

/// A row that is written once.
struct Note: Record, Hashable {
    static let table = "note"
    var id: String
    var number: Int64 = 0
    var body: [UInt8]?
}

/// A row that changes.
struct Tally: VersionedRecord, Hashable {
    static let table = "tally"
    var id: String
    var name: String
    var total: Int64 = 0
    var version: Int64 = 1
}

/// A row that is written once, and says so to the database.
struct Entry: VersionedRecord, Hashable {
    static let table = "entry"
    var id: String
    var total: Int64 = 0
    var version: Int64 = 1
}

/// A row without an id of its own.
struct Place: Record, Hashable {
    static let table = "place"
    var site: String
    var number: Int64
    var note: String?
}

/// Every sort of property.
struct Parts: Record, Hashable {
    static let table = "parts"
    enum Kind: String, Codable { case plain, fancy }
    enum State: Codable, Hashable {
        case waiting
        case owed(Money, since: Instant)
        case nested(Inner)
    }
    struct Inner: Codable, Hashable {
        var big: Int64
        var names: [String: Int64]
    }
    var id: SessionID
    var flag: Bool
    var maybe: Bool?
    var small: Int
    var big: UInt32?
    var text: String
    var evseID: EVSEID?
    var raw: [UInt8]
    var maybeRaw: [UInt8]?
    var at: Instant
    var kind: Kind
    var state: State
    var list: [State]
    var maybeState: State?
    var order: Int64
    var last4: String
}

/// Single questions, so that a test reads as one line.
extension Store {
    func all<R: Record>(_ type: R.Type) async throws -> [R] { try await read { try $0.all(type) } }
    func count<R: Record>(_ type: R.Type) async throws -> Int64 { try await read { try $0.count(type) } }
    func find<R: Record>(_ type: R.Type, _ id: String) async throws -> R? {
        try await read { try $0.find(type, id) }
    }
}
