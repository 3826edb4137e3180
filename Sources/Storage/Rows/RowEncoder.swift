// SPDX-License-Identifier: Apache-2.0
/// Turns a record into the columns of a row.
struct RowEncoder {
    /// The property names and values of a record, in the order of its properties.
    static func encode(_ record: some Record) throws -> (properties: [String], values: [SQLValue]) {
        if let direct = record as? any DirectRecord { return try encode(direct: direct) }
        let row = RowBeingEncoded()
        try record.encode(to: TopLevelEncoder(row: row))
        return (row.properties, row.values)
    }

    private static func encode<Direct: DirectRecord>(
        direct record: Direct
    ) throws -> (properties: [String], values: [SQLValue]) {
        var row = RowWriter(capacity: Direct.properties.count)
        try record.put(into: &row)
        return (Direct.properties, row.values)
    }

    /// The column of a single property.
    static func value<Value: Encodable>(of value: Value) throws -> SQLValue {
        // By type: an empty array of anything can be cast to an empty array of bytes.
        if Value.self == [UInt8].self, let bytes = value as? [UInt8] { return .bytes(bytes) }
        let probe = SingleValue()
        do {
            try value.encode(to: probe)
        } catch is IsNested {}
        if let plain = probe.value, !probe.isNested { return plain }
        return .text(try ColumnWriter.text(of: value))
    }
}

/// Thrown to leave the encoding of a value as soon as it turns out to have parts.
private struct IsNested: Error {}

private final class RowBeingEncoded {
    var properties: [String] = []
    var values: [SQLValue] = []

    func append(_ key: any CodingKey, _ value: SQLValue) {
        properties.append(key.stringValue)
        values.append(value)
    }
}

/// The encoder a record sees: it must ask for named properties.
private struct TopLevelEncoder: Encoder {
    let row: RowBeingEncoded
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Columns<Key>(row: row))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        preconditionFailure("a record has named properties")
    }
    func singleValueContainer() -> any SingleValueEncodingContainer {
        preconditionFailure("a record has named properties")
    }

    /// Writes one column per property; nil is a column too, so that a type always has the same columns.
    struct Columns<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let row: RowBeingEncoded
        var codingPath: [any CodingKey] { [] }

        mutating func encodeNil(forKey key: Key) throws { row.append(key, .null) }
        mutating func encode(_ value: Bool, forKey key: Key) throws { row.append(key, .bool(value)) }
        mutating func encode(_ value: String, forKey key: Key) throws { row.append(key, .text(value)) }
        mutating func encode(_ value: Int64, forKey key: Key) throws { row.append(key, .int(value)) }
        mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
            row.append(key, try RowEncoder.value(of: value))
        }

        mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try optional(value, key) }
        mutating func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
            try optional(value, key)
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy keyType: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            preconditionFailure("a property of a record is one column; give it a type of its own")
        }
        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            preconditionFailure("a property of a record is one column; give it a type of its own")
        }
        mutating func superEncoder() -> any Encoder {
            preconditionFailure("a record is a struct")
        }
        mutating func superEncoder(forKey key: Key) -> any Encoder {
            preconditionFailure("a record is a struct")
        }

        private func optional<Value: Encodable>(_ value: Value?, _ key: Key) throws {
            row.append(key, try value.map { try RowEncoder.value(of: $0) } ?? .null)
        }
    }
}

/// Catches a value whose form is a single plain value, and notices when it is not.
private final class SingleValue: Encoder, SingleValueEncodingContainer {
    var value: SQLValue?
    var isNested = false
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        isNested = true
        return KeyedEncodingContainer(Parts<Key>(probe: self))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        isNested = true
        return Parts<NoKey>(probe: self)
    }

    func encodeNil() throws { value = .null }
    func encode(_ value: Bool) throws { self.value = .bool(value) }
    func encode(_ value: String) throws { self.value = .text(value) }
    func encode(_ value: Double) throws { throw noFloat(value) }
    func encode(_ value: Float) throws { throw noFloat(value) }
    func encode(_ value: Int) throws { self.value = .int(Int64(value)) }
    func encode(_ value: Int8) throws { self.value = .int(Int64(value)) }
    func encode(_ value: Int16) throws { self.value = .int(Int64(value)) }
    func encode(_ value: Int32) throws { self.value = .int(Int64(value)) }
    func encode(_ value: Int64) throws { self.value = .int(value) }
    func encode(_ value: UInt) throws { try encode(UInt64(value)) }
    func encode(_ value: UInt8) throws { self.value = .int(Int64(value)) }
    func encode(_ value: UInt16) throws { self.value = .int(Int64(value)) }
    func encode(_ value: UInt32) throws { self.value = .int(Int64(value)) }
    func encode(_ value: UInt64) throws {
        guard let number = Int64(exactly: value) else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: [], debugDescription: "\(value) does not fit a column"))
        }
        self.value = .int(number)
    }
    func encode<Value: Encodable>(_ value: Value) throws { self.value = try RowEncoder.value(of: value) }

    private func noFloat(_ value: some Any) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "no floating point is ever stored"))
    }
}

private enum NoKey: CodingKey {}

/// Stands in for the parts of a nested value and refuses the first of them.
private struct Parts<Key: CodingKey>: KeyedEncodingContainerProtocol, UnkeyedEncodingContainer {
    let probe: SingleValue
    var codingPath: [any CodingKey] { [] }
    var count: Int { 0 }

    mutating func encodeNil() throws { throw IsNested() }
    mutating func encode<Value: Encodable>(_ value: Value) throws { throw IsNested() }
    mutating func encodeNil(forKey key: Key) throws { throw IsNested() }
    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { throw IsNested() }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> { KeyedEncodingContainer(Parts<Nested>(probe: probe)) }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { KeyedEncodingContainer(Parts<Nested>(probe: probe)) }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { Parts<NoKey>(probe: probe) }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        Parts<NoKey>(probe: probe)
    }
    mutating func superEncoder() -> any Encoder { probe }
    mutating func superEncoder(forKey key: Key) -> any Encoder { probe }
}
