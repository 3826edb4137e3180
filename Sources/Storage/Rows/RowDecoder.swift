// SPDX-License-Identifier: Apache-2.0
/// Turns a row into a record.
struct RowDecoder {
    /// The record in a row. Columns without a property are ignored; a property without a column is an error.
    static func decode<Value: Record>(_ type: Value.Type, from row: Row) throws -> Value {
        if let direct = type as? any DirectRecord.Type, let record = try decode(direct: direct, row) as? Value
        {
            return record
        }
        return try Value(from: TopLevelDecoder(row: row))
    }

    private static func decode<Direct: DirectRecord>(direct type: Direct.Type, _ row: Row) throws -> Direct {
        var reader = RowReader(row, of: type)
        return try Direct(taking: &reader)
    }

    /// The value of one column: a plain value, or JSON if the type wants parts.
    static func decode<Value: Decodable>(_ type: Value.Type, from value: SQLValue) throws -> Value {
        if type == [UInt8].self, case .bytes(let bytes) = value, let bytes = bytes as? Value { return bytes }
        do {
            return try Value(from: PlainValue(value: value))
        } catch is WantsParts {
            guard case .text(let text) = value else { throw mismatch(value, "JSON") }
            return try ColumnDecoder.decode(type, from: text)
        }
    }

    fileprivate static func mismatch(_ found: SQLValue, _ wanted: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "a column holds \(found), not \(wanted)"))
    }
}

/// Thrown when a type asks for parts: then the column is JSON.
private struct WantsParts: Error {}

private struct TopLevelDecoder: Decoder {
    let row: Row
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Properties<Key>(row: row))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw WantsParts() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw WantsParts() }

    /// Reads one property from its column.
    struct Properties<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let row: Row
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { row.columns.names.compactMap { Key(stringValue: $0) } }

        func contains(_ key: Key) -> Bool { row.columns.index(ofProperty: key.stringValue) != nil }
        func decodeNil(forKey key: Key) throws -> Bool { try value(key) == .null }
        func decode(_ type: String.Type, forKey key: Key) throws -> String {
            try told(key) { try PlainValue(value: value(key)).decode(type) }
        }
        func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
            try told(key) { try PlainValue(value: value(key)).decode(type) }
        }
        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try told(key) { try RowDecoder.decode(type, from: value(key)) }
        }
        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            try value(key) == .null ? nil : decode(type, forKey: key)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw WantsParts() }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw WantsParts()
        }
        func superDecoder() throws -> any Decoder { throw WantsParts() }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw WantsParts() }

        private func value(_ key: Key) throws -> SQLValue {
            guard let index = row.columns.index(ofProperty: key.stringValue) else {
                throw DecodingError.keyNotFound(
                    key, .init(codingPath: [], debugDescription: "no column \(snakeCase(key.stringValue))"))
            }
            return row.values[index]
        }

        /// Adds the property to the path of an error: "corrupted" alone helps nobody.
        private func told<Value>(_ key: Key, _ work: () throws -> Value) throws -> Value {
            do {
                return try work()
            } catch DecodingError.dataCorrupted(let context) {
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: [key] + context.codingPath,
                        debugDescription: "\(key.stringValue): \(context.debugDescription)",
                        underlyingError: context.underlyingError))
            }
        }
    }
}

/// The decoder of one column with a plain value.
private struct PlainValue: Decoder, SingleValueDecodingContainer {
    let value: SQLValue
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw WantsParts()
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw WantsParts() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value == .null }
    func decode(_ type: Bool.Type) throws -> Bool {
        switch value {
        case .bool(let value): return value
        case .int(0): return false
        case .int(1): return true
        default: throw RowDecoder.mismatch(value, "a truth value")
        }
    }
    func decode(_ type: String.Type) throws -> String {
        guard case .text(let text) = value else { throw RowDecoder.mismatch(value, "a text") }
        return text
    }
    func decode(_ type: Double.Type) throws -> Double { throw RowDecoder.mismatch(value, "a float") }
    func decode(_ type: Float.Type) throws -> Float { throw RowDecoder.mismatch(value, "a float") }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try RowDecoder.decode(type, from: value)
    }

    private func integer<Number: FixedWidthInteger>() throws -> Number {
        guard case .int(let number) = value, let exact = Number(exactly: number) else {
            throw RowDecoder.mismatch(value, "a whole number of \(Number.self)")
        }
        return exact
    }
}
