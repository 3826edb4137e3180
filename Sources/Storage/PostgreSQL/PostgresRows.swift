// SPDX-License-Identifier: Apache-2.0
import CPostgreSQL

/// The rows of an answer, read from PostgreSQL's binary format.
struct PostgresRows {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }

    /// The names of the columns.
    var columns: Columns {
        Columns((0..<PQnfields(result)).map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
    }

    /// All rows, with the columns of the statement.
    func all(_ columns: Columns) throws(StoreError) -> [Row] {
        let types = (0..<PQnfields(result)).map { PQftype(result, $0) }
        var rows: [Row] = []
        rows.reserveCapacity(Int(PQntuples(result)))
        for row in 0..<PQntuples(result) {
            var values: [SQLValue] = []
            values.reserveCapacity(types.count)
            for (column, type) in types.enumerated() { values.append(try value(row, Int32(column), type)) }
            rows.append(Row(columns: columns, values: values))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int32, _ type: Oid) throws(StoreError) -> SQLValue {
        if PQgetisnull(result, row, column) == 1 { return .null }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        // The numbers of the types are fixed in PostgreSQL's catalogue (pg_type.dat).
        switch type {
        case 16: return .bool(bytes.first == 1)
        case 20, 21, 23: return .int(integer(bytes))
        case 17: return .bytes(Array(bytes))
        case 19, 25, 114, 705, 1042, 1043: return .text(try text(bytes))
        case 3802: return .text(try text(UnsafeRawBufferPointer(rebasing: bytes.dropFirst())))
        case 2278: return .null
        case 1700:
            throw .failed(
                state: "42804", message: "a column is NUMERIC: CAST it to BIGINT (SUM of BIGINT is)")
        default:
            throw .failed(state: "42804", message: "a column has a type (oid \(type)) that is not used here")
        }
    }

    /// Two, four or eight bytes, the most significant first.
    private func integer(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        var number: Int64 = bytes.first.map { $0 >= 128 } == true ? -1 : 0
        for byte in bytes { number = number << 8 | Int64(byte) }
        return number
    }

    private func text(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .failed(state: "22021", message: "a text is not UTF-8")
        }
        return text
    }
}

/// What the server said about a failure.
struct PostgresReport {
    /// The five characters of the SQL standard.
    let state: String
    private let message: String
    private let constraint: String
    private let table: String
    private let column: String
    private let detail: String

    init(_ result: OpaquePointer) {
        func field(_ code: Character) -> String {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) } ?? ""
        }
        state = field("C")
        message = field("M")
        constraint = field("n")
        table = field("t")
        column = field("c")
        detail = field("D")
    }

    /// Class 08, and the ways a server is shut down: the connection is gone or about to go.
    var endsConnection: Bool { state.isEmpty || state.hasPrefix("08") || state.hasPrefix("57P") }

    /// The same failure in our words.
    var error: StoreError {
        switch state {
        case "23505": .uniqueViolation(constraint: keyName)
        case "23503", "23001": .foreignKeyViolation
        case "23502": .checkViolation(constraint: "\(table).\(column)")
        // Triggers raise P0001, which SQLite's RAISE(ABORT) answers to.
        case "P0001": .checkViolation(constraint: message)
        case _ where state.hasPrefix("23"): .checkViolation(constraint: constraint)
        case "40001", "40P01": .conflict
        // A lock or a statement took too long.
        case "55P03", "57014": .busy
        case _ where endsConnection || state.hasPrefix("53"):
            .unavailable(message.isEmpty ? "the connection was lost" : message)
        default: .failed(state: state, message: message)
        }
    }

    /// `evse(station, number)`: the table, and the columns from "Key (station, number)=(…) already exists",
    /// which has this form in every language.
    private var keyName: String {
        guard let open = detail.firstIndex(of: "("), let close = detail.firstRange(of: ")=(") else {
            return constraint
        }
        return "\(table)(\(detail[detail.index(after: open)..<close.lowerBound]))"
    }
}
