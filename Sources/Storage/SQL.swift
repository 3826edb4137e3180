// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A text for the database: a literal of this module, so that nothing foreign can ever become part of it.
///
/// Values travel beside it as `$1 … $n`. Words that differ between the engines are macros, see `Dialect`.
package struct SQL: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The text with its macros.
    let text: String

    /// A literal. Interpolation is deliberately not possible.
    package init(stringLiteral value: String) { text = value }

    /// A text put together from parts of our own, e.g. a list of columns or of placeholders; never from
    /// input.
    init(raw text: String) { self.text = text }

    /// So many of it, with commas between them; each takes `width` values, and the places `$n` go on. Put together once.
    func repeated(_ count: Int, width: Int) -> SQL {
        guard count > 1 else { return self }
        let key = Repetition(row: self, count: count)
        if let known = Self.repetitions.withLock({ $0[key] }) { return known }
        let rows = SQL(raw: (0..<count).map { shifted(by: $0 * width).text }.joined(separator: ", "))
        Self.repetitions.withLock { $0[key] = rows }
        return rows
    }

    private struct Repetition: Hashable {
        let row: SQL
        let count: Int
    }

    private static let repetitions = Mutex<[Repetition: SQL]>([:])

    /// The same with `$1` as `$(1 + places)`, and so on.
    private func shifted(by places: Int) -> SQL {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        let rest = parts.dropFirst().map { part in
            let number = part.prefix { $0.isWholeNumber }
            return Int(number).map { "$\($0 + places)" + part.dropFirst(number.count) } ?? "$" + part
        }
        return SQL(raw: parts[0] + rest.joined())
    }
}

/// A value on its way to or from the database. There is no floating point here (house style, Numbers).
package enum SQLValue: Hashable, Sendable {
    case null
    case int(Int64)
    case text(String)
    case bytes([UInt8])
    case bool(Bool)
}

/// One statement with its values, for `Store.append`.
package struct Statement: Hashable, Sendable {
    let sql: SQL
    let values: [SQLValue]

    init(_ sql: SQL, _ values: [SQLValue]) {
        self.sql = sql
        self.values = values
    }
}

/// The columns of a result; shared by its rows and kept with the prepared statement.
final class Columns {
    let names: [String]
    private var indexByName: [String: Int] = [:]
    private var indexByProperty: [String: Int?] = [:]
    private var placesByType: [ObjectIdentifier: [Int?]] = [:]

    init(_ names: [String]) {
        self.names = names
        for (index, name) in names.enumerated() { indexByName[name] = index }
    }

    /// The place of a column.
    func index(of column: String) -> Int? { indexByName[column] }

    /// The places of the columns of a record's properties, in their order.
    func places(of type: any DirectRecord.Type) -> [Int?] {
        if let known = placesByType[ObjectIdentifier(type)] { return known }
        let places = type.properties.map { index(ofProperty: $0) }
        placesByType[ObjectIdentifier(type)] = places
        return places
    }

    /// The place of the column that holds a property, e.g. `return_url` for `returnUrl`.
    func index(ofProperty property: String) -> Int? {
        if let known = indexByProperty[property] { return known }
        let index = indexByName[snakeCase(property)]
        indexByProperty[property] = .some(index)
        return index
    }
}

/// One row of a result. A column is read as what it is; anything else is an error, never a conversion.
struct Row {
    let columns: Columns
    let values: [SQLValue]

    /// The value of a column.
    func value(_ column: String) throws -> SQLValue {
        guard let index = columns.index(of: column) else {
            throw StoreError.failed(state: "row", message: "the result has no column \(column)")
        }
        return values[index]
    }

    /// A whole number.
    func int(_ column: String) throws -> Int64 { try present(optionalInt(column), column) }
    /// A text.
    func text(_ column: String) throws -> String { try present(optionalText(column), column) }
    /// Raw bytes.
    func bytes(_ column: String) throws -> [UInt8] { try present(optionalBytes(column), column) }

    /// True or false; SQLite keeps them as 1 and 0.
    func bool(_ column: String) throws -> Bool {
        switch try value(column) {
        case .bool(let value): value
        case .int(0): false
        case .int(1): true
        case let other: throw mismatch(column, other, "a truth value")
        }
    }

    /// A whole number, or nil for NULL.
    func optionalInt(_ column: String) throws -> Int64? {
        switch try value(column) {
        case .null: nil
        case .int(let value): value
        case let other: throw mismatch(column, other, "a whole number")
        }
    }

    /// A text, or nil for NULL.
    func optionalText(_ column: String) throws -> String? {
        switch try value(column) {
        case .null: nil
        case .text(let value): value
        case let other: throw mismatch(column, other, "a text")
        }
    }

    /// Raw bytes, or nil for NULL.
    func optionalBytes(_ column: String) throws -> [UInt8]? {
        switch try value(column) {
        case .null: nil
        case .bytes(let value): value
        case let other: throw mismatch(column, other, "bytes")
        }
    }

    private func present<Value>(_ value: Value?, _ column: String) throws -> Value {
        guard let value else { throw StoreError.failed(state: "row", message: "column \(column) is NULL") }
        return value
    }

    private func mismatch(_ column: String, _ found: SQLValue, _ wanted: String) -> StoreError {
        .failed(state: "row", message: "column \(column) holds \(found), not \(wanted)")
    }
}

/// `evseCode` → `evse_code`, `evseID` → `evse_id`, `last4` → `last4`: the column of a property.
func snakeCase(_ property: String) -> String {
    let letters = Array(property.utf8)
    func isCapital(_ index: Int) -> Bool {
        letters.indices.contains(index) && (65...90).contains(letters[index])
    }
    var words: [UInt8] = []
    for (index, letter) in letters.enumerated() {
        guard isCapital(index) else {
            words.append(letter)
            continue
        }
        // A new word begins at the first capital of a run, and at its last one if a small letter follows.
        let followsSmall = index > 0 && !isCapital(index - 1)
        let leadsSmall = index > 0 && index + 1 < letters.count && !isCapital(index + 1)
        if followsSmall || leadsSmall { words.append(UInt8(ascii: "_")) }
        words.append(letter + 32)
    }
    return String(decoding: words, as: UTF8.self)
}
