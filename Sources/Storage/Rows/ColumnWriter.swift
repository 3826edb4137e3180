// SPDX-License-Identifier: Apache-2.0

/// Writes a value as the JSON of one column, straight into bytes; members stand in the order in which the type encodes
/// them. Many times as fast as Foundation's encoder, which the path of a station's message cannot afford.
final class ColumnWriter {
    private(set) var bytes: [UInt8] = []
    /// The brackets that are open: what closes each, and whether something stands in it.
    private var open: [(closing: UInt8, isEmpty: Bool)] = []

    /// The JSON of a value. Throws for floating point: none is ever stored.
    static func text(of value: some Encodable) throws -> String {
        let writer = ColumnWriter()
        writer.bytes.reserveCapacity(512)
        try writer.write(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    fileprivate var depth: Int { open.count }

    /// Writes a value of any type in the place where we are.
    fileprivate func write<Value: Encodable>(_ value: Value) throws {
        let (start, depth) = (bytes.count, open.count)
        try value.encode(to: ColumnEncoder(writer: self))
        close(to: depth)
        if bytes.count == start { bytes += [UInt8(ascii: "{"), UInt8(ascii: "}")] }
    }

    fileprivate func begin(_ opening: UInt8, _ closing: UInt8) {
        bytes.append(opening)
        open.append((closing, true))
    }

    /// Closes what is deeper: a container is over as soon as one above it goes on.
    fileprivate func close(to depth: Int) {
        while open.count > depth { bytes.append(open.removeLast().closing) }
    }

    /// Makes room for the next element of the container that is `depth` deep.
    fileprivate func next(at depth: Int) {
        close(to: depth)
        if open[depth - 1].isEmpty {
            open[depth - 1].isEmpty = false
        } else {
            bytes.append(UInt8(ascii: ","))
        }
    }

    fileprivate func key(_ key: any CodingKey, at depth: Int) {
        next(at: depth)
        write(key.stringValue)
        bytes.append(UInt8(ascii: ":"))
    }

    fileprivate func write(_ text: String) { Self.append(text, to: &bytes) }

    /// Writes a text in quotes.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { characters in
            if characters.contains(where: isEscaped) {
                for character in characters { append(escaped: character, to: &bytes) }
            } else {
                bytes.append(contentsOf: characters)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        default: bytes.append(byte)
        }
    }

    fileprivate func write(_ truth: Bool) { bytes += Array((truth ? "true" : "false").utf8) }
    fileprivate func writeNull() { bytes += Array("null".utf8) }

    fileprivate func write<Number: FixedWidthInteger>(number: Number) {
        if number.magnitude < 10, number >= 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number))
        } else {
            bytes += Array(String(number).utf8)
        }
    }

    fileprivate func float(_ value: some Any) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "no floating point is ever stored"))
    }
}

private struct ColumnEncoder: Encoder {
    let writer: ColumnWriter
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        writer.begin(UInt8(ascii: "{"), UInt8(ascii: "}"))
        return KeyedEncodingContainer(Members<Key>(writer: writer, depth: writer.depth))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.begin(UInt8(ascii: "["), UInt8(ascii: "]"))
        return Elements(writer: writer, depth: writer.depth)
    }
    func singleValueContainer() -> any SingleValueEncodingContainer { Single(writer: writer) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: ColumnWriter
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) throws {
        writer.key(key, at: depth)
        writer.writeNull()
    }
    mutating func encode(_ value: Bool, forKey key: Key) throws {
        writer.key(key, at: depth)
        writer.write(value)
    }
    mutating func encode(_ value: String, forKey key: Key) throws {
        writer.key(key, at: depth)
        writer.write(value)
    }
    mutating func encode(_ value: Int64, forKey key: Key) throws {
        writer.key(key, at: depth)
        writer.write(number: value)
    }
    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        writer.key(key, at: depth)
        try writer.write(value)
    }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        writer.key(key, at: depth)
        return ColumnEncoder(writer: writer).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        writer.key(key, at: depth)
        return ColumnEncoder(writer: writer).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { preconditionFailure("a stored value is no class") }
    mutating func superEncoder(forKey key: Key) -> any Encoder {
        preconditionFailure("a stored value is no class")
    }
}

private struct Elements: UnkeyedEncodingContainer {
    let writer: ColumnWriter
    let depth: Int
    var count = 0
    var codingPath: [any CodingKey] { [] }

    init(writer: ColumnWriter, depth: Int) {
        self.writer = writer
        self.depth = depth
    }

    private mutating func next() {
        count += 1
        writer.next(at: depth)
    }

    mutating func encodeNil() throws {
        next()
        writer.writeNull()
    }
    mutating func encode(_ value: String) throws {
        next()
        writer.write(value)
    }
    mutating func encode<Value: Encodable>(_ value: Value) throws {
        next()
        try writer.write(value)
    }
    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        next()
        return ColumnEncoder(writer: writer).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        next()
        return ColumnEncoder(writer: writer).unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { preconditionFailure("a stored value is no class") }
}

private struct Single: SingleValueEncodingContainer {
    let writer: ColumnWriter
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() throws { writer.writeNull() }
    mutating func encode(_ value: Bool) throws { writer.write(value) }
    mutating func encode(_ value: String) throws { writer.write(value) }
    mutating func encode(_ value: Double) throws { throw writer.float(value) }
    mutating func encode(_ value: Float) throws { throw writer.float(value) }
    mutating func encode(_ value: Int) throws { writer.write(number: value) }
    mutating func encode(_ value: Int8) throws { writer.write(number: value) }
    mutating func encode(_ value: Int16) throws { writer.write(number: value) }
    mutating func encode(_ value: Int32) throws { writer.write(number: value) }
    mutating func encode(_ value: Int64) throws { writer.write(number: value) }
    mutating func encode(_ value: Int128) throws { writer.write(number: value) }
    mutating func encode(_ value: UInt) throws { writer.write(number: value) }
    mutating func encode(_ value: UInt8) throws { writer.write(number: value) }
    mutating func encode(_ value: UInt16) throws { writer.write(number: value) }
    mutating func encode(_ value: UInt32) throws { writer.write(number: value) }
    mutating func encode(_ value: UInt64) throws { writer.write(number: value) }
    mutating func encode(_ value: UInt128) throws { writer.write(number: value) }
    mutating func encode<Value: Encodable>(_ value: Value) throws { try writer.write(value) }
}
