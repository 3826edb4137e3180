// SPDX-License-Identifier: Apache-2.0

/// The JSON of one column, read into one flat list of marks; no value is made before somebody asks for it.
final class ColumnTape {
    /// What stands at a place.
    enum Kind: UInt8 {
        case object, array, text, escapedText, number, yes, no, null
    }

    /// A value: its bytes without quotes or brackets, and the mark after it and all that is in it.
    struct Mark {
        let kind: Kind
        let start: Int32
        var end: Int32
        var next: Int32
    }

    let bytes: [UInt8]
    let marks: [Mark]

    /// Throws for text that is no JSON.
    init(_ text: String) throws {
        var reader = ColumnTapeReader(Array(text.utf8))
        try reader.read()
        bytes = reader.bytes
        marks = reader.marks
    }

    static func broken(at place: Int) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "a column holds no JSON, at byte \(place)"))
    }
}

/// Reads the text of one column, mark by mark.
private struct ColumnTapeReader {
    typealias Mark = ColumnTape.Mark
    typealias Kind = ColumnTape.Kind

    let bytes: [UInt8]
    private(set) var marks: [Mark] = []
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() throws {
        guard bytes.count < Int32.max else { throw broken(at: 0) }
        marks.reserveCapacity(bytes.count / 8 + 4)
        try value(depth: 0)
        skipBlanks()
        guard place == bytes.count else { throw broken(at: place) }
    }

    private func broken(at place: Int) -> DecodingError { ColumnTape.broken(at: place) }

    private mutating func skipBlanks() {
        while place < bytes.count, bytes[place] == 0x20 || (0x09...0x0D).contains(bytes[place]) { place += 1 }
    }

    private mutating func value(depth: Int) throws {
        skipBlanks()
        guard place < bytes.count, depth < 200 else { throw broken(at: place) }
        switch bytes[place] {
        case UInt8(ascii: "{"): try container(.object, UInt8(ascii: "}"), depth)
        case UInt8(ascii: "["): try container(.array, UInt8(ascii: "]"), depth)
        case UInt8(ascii: "\""): try text()
        case UInt8(ascii: "t"): try word("true", .yes)
        case UInt8(ascii: "f"): try word("false", .no)
        case UInt8(ascii: "n"): try word("null", .null)
        default: try number()
        }
    }

    private mutating func container(_ kind: Kind, _ closing: UInt8, _ depth: Int) throws {
        let index = marks.count
        marks.append(Mark(kind: kind, start: Int32(place), end: 0, next: 0))
        place += 1
        skipBlanks()
        if place < bytes.count, bytes[place] == closing {
            place += 1
        } else {
            while true {
                if kind == .object {
                    skipBlanks()
                    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
                        throw broken(at: place)
                    }
                    try text()
                    skipBlanks()
                    guard place < bytes.count, bytes[place] == UInt8(ascii: ":") else {
                        throw broken(at: place)
                    }
                    place += 1
                }
                try value(depth: depth + 1)
                skipBlanks()
                guard place < bytes.count else { throw broken(at: place) }
                place += 1
                if bytes[place - 1] == closing { break }
                guard bytes[place - 1] == UInt8(ascii: ",") else { throw broken(at: place - 1) }
            }
        }
        marks[index].end = Int32(place)
        marks[index].next = Int32(marks.count)
    }

    private mutating func text() throws {
        let start = place + 1
        var kind = Kind.text
        place = start
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            if bytes[place] == UInt8(ascii: "\\") {
                kind = .escapedText
                place += 1
            }
            place += 1
        }
        guard place < bytes.count else { throw broken(at: place) }
        append(kind, from: start)
        place += 1
    }

    private mutating func word(_ word: StaticString, _ kind: Kind) throws {
        let start = place
        let count = word.utf8CodeUnitCount
        guard place + count <= bytes.count,
            bytes[place..<place + count].elementsEqual(
                UnsafeBufferPointer(start: word.utf8Start, count: count))
        else { throw broken(at: place) }
        place += count
        append(kind, from: start)
    }

    private mutating func number() throws {
        let start = place
        let parts = Array("+-.eE".utf8)
        while place < bytes.count, (48...57).contains(bytes[place]) || parts.contains(bytes[place]) {
            place += 1
        }
        guard place > start else { throw broken(at: place) }
        append(.number, from: start)
    }

    private mutating func append(_ kind: Kind, from start: Int) {
        marks.append(
            Mark(kind: kind, start: Int32(start), end: Int32(place), next: Int32(marks.count + 1)))
    }
}

extension ColumnTape {
    /// The text at a mark.
    func text(at index: Int) throws -> String {
        let mark = marks[index]
        let range = Int(mark.start)..<Int(mark.end)
        switch mark.kind {
        case .text: return String(decoding: bytes[range], as: UTF8.self)
        case .escapedText: return try unescaped(range)
        default: throw mismatch(index, "a text")
        }
    }

    /// The whole number at a mark.
    func integer<Number: FixedWidthInteger>(at index: Int) throws -> Number {
        let mark = marks[index]
        guard mark.kind == .number else { throw mismatch(index, "a number") }
        var value: Number = 0
        var digits = bytes[Int(mark.start)..<Int(mark.end)]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        for digit in digits {
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let step = Number(truncatingIfNeeded: Int(digit) - 48)
            let (sum, spills) =
                isNegative
                ? tenfold.subtractingReportingOverflow(step) : tenfold.addingReportingOverflow(step)
            guard (48...57).contains(digit), !overflow, !spills else {
                throw mismatch(index, "a whole number of \(Number.self)")
            }
            value = sum
        }
        guard !digits.isEmpty else { throw mismatch(index, "a whole number") }
        return value
    }

    /// The truth value at a mark.
    func truth(at index: Int) throws -> Bool {
        switch marks[index].kind {
        case .yes: true
        case .no: false
        default: throw mismatch(index, "a truth value")
        }
    }

    /// The mark of a member's value; nil if the object has none of that name.
    func member(_ key: String, of object: Int) -> Int? {
        let end = Int(marks[object].next)
        var index = object + 1
        while index < end {
            if isKey(key, at: index) { return index + 1 }
            index = Int(marks[index + 1].next)
        }
        return nil
    }

    private func isKey(_ key: String, at index: Int) -> Bool {
        let mark = marks[index]
        guard mark.kind == .text else { return (try? text(at: index)) == key }  // a broken key is no key
        let count = Int(mark.end - mark.start)
        guard key.utf8.count == count else { return false }
        var place = Int(mark.start)
        for byte in key.utf8 {
            guard bytes[place] == byte else { return false }
            place += 1
        }
        return true
    }

    func mismatch(_ index: Int, _ wanted: String) -> DecodingError {
        let mark = marks[index]
        let found = String(decoding: bytes[Int(mark.start)..<Int(mark.end)].prefix(60), as: UTF8.self)
        return .dataCorrupted(
            .init(codingPath: [], debugDescription: "a column holds \(found), not \(wanted)"))
    }

    /// The refusal of a floating point number.
    func float(at index: Int) -> DecodingError { mismatch(index, "an inexact number: none is ever stored") }

    private func unescaped(_ range: Range<Int>) throws -> String {
        var units: [UInt16] = []
        var place = range.lowerBound
        var text = ""
        func flush() {
            text += String(decoding: units, as: UTF16.self)
            units = []
        }
        while place < range.upperBound {
            guard bytes[place] == UInt8(ascii: "\\") else {
                flush()
                let start = place
                while place < range.upperBound, bytes[place] != UInt8(ascii: "\\") { place += 1 }
                text += String(decoding: bytes[start..<place], as: UTF8.self)
                continue
            }
            guard place + 1 < range.upperBound else { throw Self.broken(at: place) }
            let (unit, length) = try escape(at: place + 1, before: range.upperBound)
            units.append(unit)
            place += length
        }
        flush()
        return text
    }

    /// One escape: its UTF-16 unit, and how many bytes it takes with its backslash.
    private func escape(at place: Int, before end: Int) throws -> (UInt16, Int) {
        switch bytes[place] {
        case UInt8(ascii: "b"): return (8, 2)
        case UInt8(ascii: "t"): return (9, 2)
        case UInt8(ascii: "n"): return (10, 2)
        case UInt8(ascii: "f"): return (12, 2)
        case UInt8(ascii: "r"): return (13, 2)
        case UInt8(ascii: "u"):
            guard place + 4 < end,
                let unit = UInt16(String(decoding: bytes[place + 1...place + 4], as: UTF8.self), radix: 16)
            else { throw Self.broken(at: place) }
            return (unit, 6)
        case let plain: return (UInt16(plain), 2)
        }
    }
}
