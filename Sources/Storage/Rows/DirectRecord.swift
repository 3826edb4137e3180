// SPDX-License-Identifier: Apache-2.0

import Quantities

/// A record that puts its columns down one by one, without `Codable`: those that every message of a station reads or
/// writes. The form is the same, and a test compares both, so that none forgets a column.
protocol DirectRecord: Record {
    /// Its properties, in the order in which they are put and taken.
    static var properties: [String] { get }
    /// Puts every property.
    func put(into row: inout RowWriter) throws
    /// Takes every property, in the same order.
    init(taking row: inout RowReader) throws
}

/// What a plain column holds.
protocol ColumnValue {
    /// The value of the column.
    var column: SQLValue { get }
    /// The value in a column; nil if it is of another kind.
    init?(column: SQLValue)
}

/// What a column of JSON holds, written and read without `Codable`.
protocol ColumnJSON {
    /// Writes the value where the writer stands.
    func write(to json: inout DirectJSON) throws
    /// Reads the value at a mark.
    init(at mark: Int, of tape: ColumnTape) throws
}

/// The columns of a record being written.
struct RowWriter {
    private(set) var values: [SQLValue] = []

    init(capacity: Int) { values.reserveCapacity(capacity) }

    mutating func put(_ value: some ColumnValue) { values.append(value.column) }
    mutating func put(_ value: (some ColumnValue)?) { values.append(value?.column ?? .null) }
    mutating func put(json value: some ColumnJSON) throws { values.append(.text(try value.column)) }
    /// Of a type that is written by `Codable`: for what is mostly null.
    mutating func put(coded value: (some Encodable)?) throws {
        values.append(try value.map { try RowEncoder.value(of: $0) } ?? .null)
    }
}

/// The columns of a record being read.
struct RowReader {
    private let row: Row
    private let properties: [String]
    private let places: [Int?]
    private var next = 0

    init(_ row: Row, of type: any DirectRecord.Type) {
        self.row = row
        properties = type.properties
        places = row.columns.places(of: type)
    }

    mutating func take<Value: ColumnValue>() throws -> Value {
        let value = try column()
        return try Value(column: value) ?? { throw refusal("a column holds \(value), not \(Value.self)") }()
    }
    mutating func take<Value: ColumnValue>() throws -> Value? {
        let value = try column()
        if value == .null { return nil }
        return try Value(column: value) ?? { throw refusal("a column holds \(value), not \(Value.self)") }()
    }
    mutating func take<Value: ColumnJSON>(json type: Value.Type) throws -> Value {
        guard case .text(let text) = try column() else { throw refusal("a column holds no JSON") }
        return try Value(column: text)
    }
    mutating func take<Value: Decodable>(coded type: Value.Type) throws -> Value? {
        let value = try column()
        return value == .null ? nil : try RowDecoder.decode(type, from: value)
    }

    private mutating func column() throws -> SQLValue {
        defer { next += 1 }
        guard let place = places[next] else { throw refusal("no such column", at: next) }
        return row.values[place]
    }

    private func refusal(_ why: String, at place: Int? = nil) -> DecodingError {
        .dataCorrupted(
            .init(codingPath: [], debugDescription: "\(properties[place ?? next - 1]): \(why)"))
    }
}

extension ColumnJSON {
    /// The JSON of a column.
    var column: String {
        get throws {
            var json = DirectJSON()
            try write(to: &json)
            return json.text
        }
    }

    /// The value that a column's JSON stands for.
    init(column text: String) throws { try self.init(at: 0, of: ColumnTape(text)) }
}

/// A quantity that is one whole number, in a column as in JSON.
protocol ColumnNumber: ColumnValue {
    var number: Int64 { get }
    init(number: Int64)
}

extension ColumnNumber {
    var column: SQLValue { .int(number) }
    init?(column: SQLValue) {
        guard case .int(let number) = column else { return nil }
        self.init(number: number)
    }
}

extension Int64: ColumnNumber {
    var number: Int64 { self }
    init(number: Int64) { self = number }
}

extension Instant: ColumnNumber {
    var number: Int64 { nanoseconds }
    init(number: Int64) { self.init(nanoseconds: number) }
}

extension Elapsed: ColumnNumber {
    var number: Int64 { nanoseconds }
    init(number: Int64) { self.init(nanoseconds: number) }
}

extension Energy: ColumnNumber {
    var number: Int64 { milliwattHours }
    init(number: Int64) { self.init(milliwattHours: number) }
}

extension Power: ColumnNumber {
    var number: Int64 { milliwatts }
    init(number: Int64) { self.init(milliwatts: number) }
}

extension Current: ColumnNumber {
    var number: Int64 { microamperes }
    init(number: Int64) { self.init(microamperes: number) }
}

extension String: ColumnValue {
    var column: SQLValue { .text(self) }
    init?(column: SQLValue) {
        guard case .text(let text) = column else { return nil }
        self = text
    }
}

extension ID: ColumnValue {
    var column: SQLValue { .text(text) }
    init?(column: SQLValue) {
        guard case .text(let text) = column else { return nil }
        self.init(text)
    }
}

/// An enumeration of texts is a plain column.
extension ColumnValue where Self: RawRepresentable, RawValue == String {
    var column: SQLValue { .text(rawValue) }
    init?(column: SQLValue) {
        guard case .text(let text) = column else { return nil }
        self.init(rawValue: text)
    }
}
