// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Foundation

/// One connection to a SQLite file or to memory; confined to the thread that opened it.
final class SQLiteConnection: Connection {
    /// What a connection is for.
    enum Role {
        /// The only connection that writes. Also the only one of a database in memory.
        case writer
        /// A reader beside the writer.
        case reader
        /// A reader of a file that another process may be writing to.
        case visitor
    }

    private static let busyMilliseconds: Int32 = 5000

    private let handle: OpaquePointer
    private var statements: [String: Prepared] = [:]
    /// While set, a statement that changes anything is refused.
    var refusesWrites = false
    /// After this a statement is cut off; nil never.
    private var deadline: ContinuousClock.Instant?

    /// Opens the file, or a database in memory for nil, and checks that it keeps what it promises.
    init(_ path: String?, _ role: Role) throws(StoreError) {
        var opened: OpaquePointer?
        let access = role == .visitor ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = sqlite3_open_v2(path ?? ":memory:", &opened, access | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw .unavailable("\(path ?? "memory"): \(reason)")
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        try prepare(role, inMemory: path == nil)
        if role == .reader { watchDeadline() }
    }

    deinit {
        for prepared in statements.values { sqlite3_finalize(prepared.handle) }
        sqlite3_close_v2(handle)
    }

    /// Whether a transaction is open: some errors (disk full, I/O) end it without being asked.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Gives the statements from now on so many seconds; nil takes the limit away.
    func limit(seconds: Int64?) { deadline = seconds.map { .now + .seconds($0) } }

    /// Moves the log into the file, if no reader is in the way: the writer never waits for one here.
    func checkpoint() throws(StoreError) {
        sqlite3_busy_timeout(handle, 0)
        defer { sqlite3_busy_timeout(handle, Self.busyMilliseconds) }
        _ = try rows("PRAGMA wal_checkpoint(TRUNCATE)", [])
    }

    /// Runs statements without values or results, e.g. a migration.
    func script(_ text: String) throws(StoreError) {
        guard sqlite3_exec(handle, Dialect.sqlite.expand(text), nil, nil, nil) == SQLITE_OK else {
            throw currentError
        }
    }

    /// A word about transactions, e.g. `SAVEPOINT job`: said for every message, so prepared once.
    func say(_ word: SQL) throws(StoreError) {
        let prepared = try prepared(word)
        defer { sqlite3_reset(prepared.handle) }
        while try step(prepared) {}
    }

    func rows(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) -> [Row] {
        let prepared = try bound(sql, values)
        defer { release(prepared) }
        var rows: [Row] = []
        while try step(prepared) {
            var row: [SQLValue] = []
            row.reserveCapacity(prepared.columns.names.count)
            for index in prepared.columns.names.indices {
                row.append(try value(prepared.handle, Int32(index)))
            }
            rows.append(Row(columns: prepared.columns, values: row))
        }
        return rows
    }

    func rows(ofEach statements: [Statement]) -> [[Row]] { [] }

    func run(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) -> Int {
        let prepared = try bound(sql, values)
        defer { release(prepared) }
        while try step(prepared) {}
        return Int(sqlite3_changes64(handle))
    }

    func later(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) { _ = try run(sql, values) }

    private final class Prepared {
        let handle: OpaquePointer
        let columns: Columns
        /// Which parameter of SQLite `$1`, `$2`, … are: to SQLite `$2` is a name, numbered by appearance.
        let places: [Int32]
        let isReadOnly: Bool

        init(_ handle: OpaquePointer) {
            self.handle = handle
            columns = Columns(
                (0..<sqlite3_column_count(handle)).map {
                    sqlite3_column_name(handle, $0).map { String(cString: $0) } ?? ""
                })
            var places: [Int: Int32] = [:]
            for index in 0..<sqlite3_bind_parameter_count(handle) {
                guard let name = sqlite3_bind_parameter_name(handle, index + 1),
                    let number = Int(String(cString: name).dropFirst())
                else { continue }
                places[number] = index + 1
            }
            let count = Int(sqlite3_bind_parameter_count(handle))
            let inOrder = (1...max(1, count)).compactMap { places[$0] }
            self.places = inOrder.count == count ? inOrder : []
            isReadOnly = sqlite3_stmt_readonly(handle) != 0
        }
    }

    private func prepared(_ sql: SQL) throws(StoreError) -> Prepared {
        if let known = statements[sql.text] { return known }
        if statements.count >= 500 {
            for prepared in statements.values { sqlite3_finalize(prepared.handle) }
            statements = [:]
        }
        var statement: OpaquePointer?
        let text = Dialect.sqlite.expand(sql.text)
        let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw currentError }
        let prepared = Prepared(statement)
        statements[sql.text] = prepared
        return prepared
    }

    private func bound(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) -> Prepared {
        let prepared = try prepared(sql)
        guard prepared.places.count == values.count,
            sqlite3_bind_parameter_count(prepared.handle) == Int32(values.count)
        else {
            throw .failed(
                state: "placeholders",
                message: "\(values.count) values do not fit the placeholders: \(sql.text)")
        }
        guard prepared.isReadOnly || !refusesWrites else {
            throw .failed(state: "25006", message: "a read cannot write")
        }
        for (place, value) in zip(prepared.places, values) {
            guard try bind(value, prepared.handle, place) == SQLITE_OK else { throw currentError }
        }
        return prepared
    }

    private func bind(_ value: SQLValue, _ statement: OpaquePointer, _ place: Int32) throws(StoreError)
        -> Int32
    {
        switch value {
        case .null:
            return sqlite3_bind_null(statement, place)
        case .int(let number):
            return sqlite3_bind_int64(statement, place, number)
        case .bool(let truth):
            return sqlite3_bind_int64(statement, place, truth ? 1 : 0)
        case .text(let text):
            return try bind(text, statement, place)
        case .bytes(let bytes):
            // No bytes are not NULL.
            if bytes.isEmpty { return sqlite3_bind_zeroblob(statement, place, 0) }
            return bytes.withUnsafeBytes {
                amptill_bind_blob(statement, place, $0.baseAddress, Int32(bytes.count))
            }
        }
    }

    private func bind(_ text: String, _ statement: OpaquePointer, _ place: Int32) throws(StoreError) -> Int32
    {
        // No text is not NULL.
        guard var text = text.isEmpty ? nil : text else { return amptill_bind_text(statement, place, "", 0) }
        let code: Int32? = text.withUTF8 { bytes in
            guard let start = bytes.baseAddress, memchr(start, 0, bytes.count) == nil else { return nil }
            return bytes.withMemoryRebound(to: CChar.self) { characters in
                amptill_bind_text(statement, place, characters.baseAddress, Int32(characters.count))
            }
        }
        guard let code else { throw .zeroInText }
        return code
    }

    private func step(_ prepared: Prepared) throws(StoreError) -> Bool {
        switch sqlite3_step(prepared.handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw currentError
        }
    }

    private func release(_ prepared: Prepared) {
        sqlite3_reset(prepared.handle)
        sqlite3_clear_bindings(prepared.handle)
    }

    private func value(_ statement: OpaquePointer, _ column: Int32) throws(StoreError) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL:
            return .null
        case SQLITE_INTEGER:
            return .int(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            // By length: a C string would end at U+0000.
            let start = sqlite3_column_text(statement, column)
            let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .failed(state: "22021", message: "a text is not UTF-8")
            }
            return .text(text)
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(statement, column) else { return .bytes([]) }
            return .bytes(
                Array(
                    UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
            )
        default:
            throw .failed(state: "22000", message: "a column holds a floating point number")
        }
    }

    private func prepare(_ role: Role, inMemory: Bool) throws(StoreError) {
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        try script("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON")
        if role != .visitor {
            // FULL: with NORMAL a power failure takes back what was acknowledged.
            try script(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000")
            // Pages of indexes that every message touches: 8 MiB for the writer, 2 for each reader.
            // What a savepoint needs to go back is copied for each page that it touches: in memory, not in a file.
            try script("PRAGMA temp_store = MEMORY")
            // What is written over is gone, e.g. a secret that was kept in clear.
            try script("PRAGMA secure_delete = ON")
            try script("PRAGMA cache_size = \(role == .writer ? -8_192 : -2_048)")
        }
        try check("foreign_keys", ["1"])
        try check("trusted_schema", ["0"])
        if !inMemory && role != .visitor {
            try check("journal_mode", ["wal"])
            try check("synchronous", ["2"])
        }
        if role != .writer { refusesWrites = true }
    }

    private func check(_ pragma: String, _ wanted: [String]) throws(StoreError) {
        let found = try rows(SQL(raw: "PRAGMA \(pragma)"), []).flatMap(\.values).map { value in
            switch value {
            case .text(let text): text
            case .int(let number): String(number)
            default: "\(value)"
            }
        }
        guard found == wanted else {
            throw .unavailable("SQLite keeps \(pragma) at \(found) where \(wanted) is needed")
        }
    }

    /// Looks at the deadline every 10,000 steps of SQLite's machine, on the connection's own thread.
    private func watchDeadline() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            handle, 10_000,
            { context in
                guard let context else { return 0 }
                let connection = Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue()
                return connection.deadline.map { $0 < .now ? 1 : 0 } ?? 0
            }, context)
    }

    private var currentError: StoreError {
        let code = sqlite3_extended_errcode(handle)
        let message = String(cString: sqlite3_errmsg(handle))
        // "UNIQUE constraint failed: station.ocpp_identity"
        let subject = message.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? message
        switch code {
        case SQLITE_CONSTRAINT | 8 << 8, SQLITE_CONSTRAINT | 6 << 8, SQLITE_CONSTRAINT | 10 << 8:
            return .uniqueViolation(constraint: Self.keyName(subject))
        case SQLITE_CONSTRAINT | 3 << 8:
            return .foreignKeyViolation
        case _ where code & 0xff == SQLITE_CONSTRAINT:
            return .checkViolation(constraint: subject)
        default:
            break
        }
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_INTERRUPT: return .busy
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_NOTADB,
            SQLITE_NOMEM, SQLITE_PERM:
            return .unavailable(message)
        default: return .failed(state: String(code), message: message)
        }
    }

    /// `evse.station, evse.number` → `evse(station, number)`, as PostgreSQL's errors are shown too.
    private static func keyName(_ subject: String) -> String {
        let columns = subject.split(separator: ", ").map { $0.split(separator: ".") }
        guard let table = columns.first?.first, columns.allSatisfy({ $0.count == 2 && $0[0] == table }) else {
            return subject
        }
        return "\(table)(\(columns.map { $0[1] }.joined(separator: ", ")))"
    }
}
