// SPDX-License-Identifier: Apache-2.0

/// Reads one document by recursive descent over bytes that somebody else keeps alive.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSON.Limits
    private let refusingRepeatedKeys: Bool
    private var position = 0
    /// The way from the root to the value being read; its length is the depth.
    private var steps: [Step] = []
    /// Where a key appeared a second time.
    private(set) var repeatedKeys: [JSONPointer] = []

    private enum Step {
        case key(String)
        case index(Int)
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSON.Limits, refusingRepeatedKeys: Bool) {
        self.bytes = bytes
        self.limits = limits
        self.refusingRepeatedKeys = refusingRepeatedKeys
    }

    /// The one value that fills the bytes.
    mutating func document() throws(JSONError) -> JSON {
        guard bytes.count <= limits.totalBytes else {
            throw failure(.tooLarge, "The document is longer than \(limits.totalBytes) bytes")
        }
        skipBlanks()
        let value = try value()
        skipBlanks()
        guard position == bytes.count else {
            throw failure(.trailingBytes, "Something follows the end of the document")
        }
        return value
    }

    private mutating func value() throws(JSONError) -> JSON {
        guard let first = current else { throw unexpectedEnd() }
        switch first {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "N"), UInt8(ascii: "I"), UInt8(ascii: "+"), UInt8(ascii: "."):
            throw failure(.badNumber, "JSON has no such number")
        default: throw failure(.syntax, "A value cannot begin like this")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard let byte = current else { throw unexpectedEnd() }
            guard byte == word.utf8Start[offset] else { throw failure(.syntax, "JSON has no such word") }
            position += 1
        }
        return value
    }

    private mutating func array() throws(JSONError) -> JSON {
        try enter(.index(0))
        var values: [JSON] = []
        if try closes(UInt8(ascii: "]")) { return .array([]) }
        while true {
            steps[steps.count - 1] = .index(values.count)
            values.append(try value())
            if try separatesOrCloses(UInt8(ascii: "]")) { return .array(values) }
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        try enter(.key(""))
        var members: [JSON.Member] = []
        var seen: Set<String> = []
        if try closes(UInt8(ascii: "}")) { return .object([]) }
        // Most objects have a handful of members; growing from one would move each several times.
        members.reserveCapacity(6)
        while true {
            guard let quote = current else { throw unexpectedEnd() }
            guard quote == UInt8(ascii: "\"") else { throw failure(.syntax, "A key must be a string") }
            let keyOffset = position
            let key = try string()
            steps[steps.count - 1] = .key(key)
            skipBlanks()
            guard let colon = current else { throw unexpectedEnd() }
            guard colon == UInt8(ascii: ":") else { throw failure(.syntax, "A colon must follow a key") }
            position += 1
            skipBlanks()
            let isRepeated = Self.note(key, among: members, seen: &seen)
            if isRepeated {
                repeatedKeys.append(path)
                if refusingRepeatedKeys {
                    position = keyOffset
                    throw failure(.duplicateKey, "The key appears twice in one object")
                }
            }
            let member = JSON.Member(key, try value())
            if !isRepeated { members.append(member) }
            if try separatesOrCloses(UInt8(ascii: "}")) { return .object(members) }
        }
    }

    /// Whether the key is there already. Small objects are searched, large ones get a set: an object of
    /// 100,000 keys must not cost 100,000² comparisons.
    private static func note(_ key: String, among members: [JSON.Member], seen: inout Set<String>) -> Bool {
        if members.count < 16 { return members.contains { $0.key == key } }
        if seen.isEmpty { seen.formUnion(members.map(\.key)) }
        return !seen.insert(key).inserted
    }

    /// Passes the opening bracket and the blanks behind it.
    private mutating func enter(_ step: Step) throws(JSONError) {
        guard steps.count < limits.depth else {
            throw failure(.tooDeep, "More than \(limits.depth) levels of nesting")
        }
        steps.append(step)
        position += 1
        skipBlanks()
    }

    /// Whether the container ends here, empty.
    private mutating func closes(_ bracket: UInt8) throws(JSONError) -> Bool {
        guard let byte = current else { throw unexpectedEnd() }
        guard byte == bracket else { return false }
        position += 1
        steps.removeLast()
        return true
    }

    /// After a value: true at the closing bracket, false behind a comma.
    private mutating func separatesOrCloses(_ bracket: UInt8) throws(JSONError) -> Bool {
        skipBlanks()
        if try closes(bracket) { return true }
        guard current == UInt8(ascii: ",") else {
            throw failure(.syntax, "A comma or a closing bracket must follow a value")
        }
        position += 1
        skipBlanks()
        return false
    }
}

extension JSONParser {
    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        // "01", "1.2.3" and "12abc" end here in the middle of a word.
        if let next = current, Self.continuesWord(next) {
            throw failure(.badNumber, "The number breaks the grammar of JSON")
        }
        guard position - start <= limits.numberCharacters else {
            throw failure(.numberTooLong, "A number is longer than \(limits.numberCharacters) characters")
        }
        return .number(
            String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else {
            if current == nil { throw unexpectedEnd() }
            throw failure(.badNumber, "The number breaks the grammar of JSON")
        }
    }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension JSONParser {
    /// A string from its opening quote; most have no escape and are copied in one piece.
    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        let end = bytes.count
        var place = start
        var union: UInt8 = 0
        while place < end {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            union |= byte
            place += 1
        }
        position = place
        guard place < end else { throw unexpectedEnd() }
        guard place - start <= limits.stringBytes else { throw tooLongString() }
        let byte = bytes[place]
        if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
        guard byte == UInt8(ascii: "\"") else { throw rawControlCharacter() }
        let piece = UnsafeBufferPointer(rebasing: bytes[start..<place])
        // Plain ASCII needs no validation, and most strings are.
        let text = union < 0x80 ? String(decoding: piece, as: UTF8.self) : try validated(piece)
        position += 1
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var resolved = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = try resolved.withUnsafeBufferPointer { buffer throws(JSONError) in
                    try validated(buffer)
                }
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") {
                try check(byte, length: resolved.count)
                try appendEscape(to: &resolved)
            } else {
                try check(byte, length: resolved.count)
                resolved.append(byte)
                position += 1
            }
        }
        throw unexpectedEnd()
    }

    private func check(_ byte: UInt8, length: Int) throws(JSONError) {
        guard byte >= 0x20 else { throw rawControlCharacter() }
        guard length < limits.stringBytes else { throw tooLongString() }
    }

    private func rawControlCharacter() -> JSONError {
        failure(.controlCharacter, "A string contains a raw control character")
    }

    private func tooLongString() -> JSONError {
        failure(.stringTooLong, "A string is longer than \(limits.stringBytes) bytes")
    }

    private func validated(_ piece: UnsafeBufferPointer<UInt8>) throws(JSONError) -> String {
        guard let text = String(validating: piece, as: UTF8.self) else {
            throw failure(.invalidUTF8, "A string is not valid UTF-8")
        }
        return text
    }

    private mutating func appendEscape(to resolved: inout [UInt8]) throws(JSONError) {
        guard position + 1 < bytes.count else { throw unexpectedEnd() }
        let letter = bytes[position + 1]
        let plain: UInt8
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = letter
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"): return try appendUnicodeEscape(to: &resolved)
        default: throw failure(.syntax, "JSON has no such escape")
        }
        resolved.append(plain)
        position += 2
    }

    private mutating func appendUnicodeEscape(to resolved: inout [UInt8]) throws(JSONError) {
        let first = try hexEscape()
        var code = first
        if (0xD800...0xDBFF).contains(first) {
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            else { throw failure(.loneSurrogate, "An escape names half of a surrogate pair") }
            let second = try hexEscape()
            guard (0xDC00...0xDFFF).contains(second) else {
                throw failure(.loneSurrogate, "An escape names half of a surrogate pair")
            }
            code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw failure(.loneSurrogate, "An escape names half of a surrogate pair")
        }
        resolved.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    }

    /// The four digits of a `\u` escape; passes over it.
    private mutating func hexEscape() throws(JSONError) -> UInt32 {
        guard position + 6 <= bytes.count else { throw unexpectedEnd() }
        var value: UInt32 = 0
        for byte in bytes[(position + 2)..<(position + 6)] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw failure(.syntax, "A \\u escape needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        position += 6
        return value
    }
}

extension JSONParser {
    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private var path: JSONPointer {
        steps.reduce(.root) { path, step in
            switch step {
            case .key(let key): path.appending(key)
            case .index(let index): path.appending(index)
            }
        }
    }

    private func failure(_ code: JSONError.Code, _ message: String) -> JSONError {
        JSONError(code: code, path: path, message: message, offset: position)
    }

    private func unexpectedEnd() -> JSONError {
        failure(.unexpectedEnd, "The document ends in the middle of a value")
    }
}
