// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// The document as UTF-8 bytes. Sorted keys make equal documents equal bytes, which hashes need.
    public func serialized(sortedKeys: Bool = true, pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(sortedKeys: sortedKeys, pretty: pretty)
        writer.write(self, depth: 0)
        return writer.bytes
    }

    /// The document as text.
    public func text(sortedKeys: Bool = true, pretty: Bool = false) -> String {
        String(decoding: serialized(sortedKeys: sortedKeys, pretty: pretty), as: UTF8.self)
    }
}

/// Appends documents to bytes.
private struct JSONWriter {
    let sortedKeys: Bool
    let pretty: Bool
    var bytes: [UInt8] = []

    mutating func write(_ value: JSON, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let truth): append(truth ? "true" : "false")
        case .number(let digits): append(digits)
        case .string(let text): writeString(text)
        case .array(let values):
            append("[")
            for (index, value) in values.enumerated() {
                beginElement(index, depth: depth)
                write(value, depth: depth + 1)
            }
            end("]", isEmpty: values.isEmpty, depth: depth)
        case .object(let members):
            append("{")
            let ordered = sortedKeys ? members.sorted(by: Self.precedes) : members
            for (index, member) in ordered.enumerated() {
                beginElement(index, depth: depth)
                writeString(member.key)
                append(pretty ? ": " : ":")
                write(member.value, depth: depth + 1)
            }
            end("}", isEmpty: members.isEmpty, depth: depth)
        }
    }

    private mutating func beginElement(_ index: Int, depth: Int) {
        if index > 0 { append(",") }
        if pretty { newLine(depth + 1) }
    }

    private mutating func end(_ bracket: String, isEmpty: Bool, depth: Int) {
        if pretty, !isEmpty { newLine(depth) }
        append(bracket)
    }

    /// By the bytes of UTF-8: an order that no locale and no Unicode version changes.
    private static func precedes(_ left: JSON.Member, _ right: JSON.Member) -> Bool {
        left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }

    private mutating func newLine(_ depth: Int) {
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * depth))
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func writeString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                append(hex.utf8.count == 1 ? "\\u000" + hex : "\\u00" + hex)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
