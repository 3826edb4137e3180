// SPDX-License-Identifier: Apache-2.0

/// Makes a value of a tape: what `JSONDecoder` would make of the same JSON, but for floating point, which is refused.
struct ColumnDecoder: Decoder {
    let tape: ColumnTape
    let index: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The value that a column's JSON stands for.
    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try Value(from: ColumnDecoder(tape: ColumnTape(text), index: 0))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard tape.marks[index].kind == .object else { throw tape.mismatch(index, "an object") }
        return KeyedDecodingContainer(MembersRead<Key>(tape: tape, index: index))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard tape.marks[index].kind == .array else { throw tape.mismatch(index, "a list") }
        return ElementsRead(tape: tape, index: index)
    }
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SingleRead(tape: tape, index: index)
    }
}

private struct MembersRead<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tape: ColumnTape
    let index: Int
    var codingPath: [any CodingKey] { [] }

    var allKeys: [Key] {
        var keys: [Key] = []
        var place = index + 1
        while place < Int(tape.marks[index].next) {
            // A key that cannot be read is nobody's key.
            if let text = try? tape.text(at: place), let key = Key(stringValue: text) { keys.append(key) }
            place = Int(tape.marks[place + 1].next)
        }
        return keys
    }

    private func value(_ key: Key) throws -> Int {
        guard let value = tape.member(key.stringValue, of: index) else {
            throw DecodingError.keyNotFound(
                key, .init(codingPath: [], debugDescription: "a column lacks \(key.stringValue)"))
        }
        return value
    }

    /// The place of a value that is there and not null.
    private func present(_ key: Key) -> Int? {
        guard let value = tape.member(key.stringValue, of: index), tape.marks[value].kind != .null else {
            return nil
        }
        return value
    }

    func contains(_ key: Key) -> Bool { tape.member(key.stringValue, of: index) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { tape.marks[try value(key)].kind == .null }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try tape.truth(at: value(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try tape.text(at: value(key)) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try tape.integer(at: value(key)) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try Value(from: ColumnDecoder(tape: tape, index: value(key)))
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try present(key).map { try tape.text(at: $0) }
    }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try present(key).map { try tape.integer(at: $0) }
    }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try Value(from: ColumnDecoder(tape: tape, index: $0)) }
    }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try ColumnDecoder(tape: tape, index: value(key)).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try ColumnDecoder(tape: tape, index: value(key)).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { ColumnDecoder(tape: tape, index: index) }
    func superDecoder(forKey key: Key) throws -> any Decoder {
        ColumnDecoder(tape: tape, index: try value(key))
    }
}

private struct ElementsRead: UnkeyedDecodingContainer {
    let tape: ColumnTape
    private let end: Int
    private var place: Int
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }

    init(tape: ColumnTape, index: Int) {
        self.tape = tape
        end = Int(tape.marks[index].next)
        place = index + 1
    }

    /// Not known beforehand; arrays ask `isAtEnd`.
    var count: Int? { nil }
    var isAtEnd: Bool { place >= end }

    private mutating func next() throws -> Int {
        guard !isAtEnd else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "a list in a column is too short"))
        }
        defer {
            place = Int(tape.marks[place].next)
            currentIndex += 1
        }
        return place
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, tape.marks[place].kind == .null else { return false }
        _ = try next()
        return true
    }
    mutating func decode(_ type: String.Type) throws -> String { try tape.text(at: next()) }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try Value(from: ColumnDecoder(tape: tape, index: next()))
    }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try ColumnDecoder(tape: tape, index: next()).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try ColumnDecoder(tape: tape, index: next()).unkeyedContainer()
    }
    mutating func superDecoder() throws -> any Decoder { ColumnDecoder(tape: tape, index: try next()) }
}

private struct SingleRead: SingleValueDecodingContainer {
    let tape: ColumnTape
    let index: Int
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { tape.marks[index].kind == .null }
    func decode(_ type: Bool.Type) throws -> Bool { try tape.truth(at: index) }
    func decode(_ type: String.Type) throws -> String { try tape.text(at: index) }
    func decode(_ type: Double.Type) throws -> Double { throw tape.float(at: index) }
    func decode(_ type: Float.Type) throws -> Float { throw tape.float(at: index) }
    func decode(_ type: Int.Type) throws -> Int { try tape.integer(at: index) }
    func decode(_ type: Int8.Type) throws -> Int8 { try tape.integer(at: index) }
    func decode(_ type: Int16.Type) throws -> Int16 { try tape.integer(at: index) }
    func decode(_ type: Int32.Type) throws -> Int32 { try tape.integer(at: index) }
    func decode(_ type: Int64.Type) throws -> Int64 { try tape.integer(at: index) }
    func decode(_ type: Int128.Type) throws -> Int128 { try tape.integer(at: index) }
    func decode(_ type: UInt.Type) throws -> UInt { try tape.integer(at: index) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try tape.integer(at: index) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try tape.integer(at: index) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try tape.integer(at: index) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try tape.integer(at: index) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try tape.integer(at: index) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try Value(from: ColumnDecoder(tape: tape, index: index))
    }
}
