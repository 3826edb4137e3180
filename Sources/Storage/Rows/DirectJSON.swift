// SPDX-License-Identifier: Apache-2.0

/// The JSON of one column, put down member by member.
struct DirectJSON {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func beginObject() { begin(UInt8(ascii: "{")) }
    mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
    mutating func beginArray() { begin(UInt8(ascii: "[")) }
    mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// The name of the member whose value is put next.
    mutating func name(_ name: String) {
        separate()
        put(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// The value of the member that was named.
    mutating func put(_ text: String) { ColumnWriter.append(text, to: &bytes) }
    mutating func put(_ truth: Bool) { put(word: truth ? "true" : "false") }
    mutating func putNull() { put(word: "null") }
    /// Without a text in between: an instant has 19 digits, too many for a small one.
    mutating func put(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest > 0
        bytes[start...].reverse()
    }
    /// A value of a type that is written by `Codable`.
    mutating func put(coded value: some Encodable) throws {
        bytes.append(contentsOf: try ColumnWriter.text(of: value).utf8)
    }

    mutating func member(_ name: String, _ value: some ColumnNumber) {
        self.name(name)
        put(value.number)
    }
    mutating func member(_ name: String, _ text: String) {
        self.name(name)
        put(text)
    }
    mutating func member(_ name: String, _ truth: Bool) {
        self.name(name)
        put(truth)
    }
    /// A member that is left out if there is nothing.
    mutating func member(_ name: String, _ value: (some ColumnNumber)?) {
        if let value { member(name, value) }
    }
    /// A member that is left out if there is nothing.
    mutating func member(_ name: String, _ text: String?) {
        if let text { member(name, text) }
    }
    /// A member of a type that is written by `Codable`.
    mutating func member(_ name: String, coded value: some Encodable) throws {
        self.name(name)
        try put(coded: value)
    }

    /// An element of a list.
    mutating func element(_ text: String) {
        separate()
        put(text)
    }

    private mutating func put(word: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
    }

    /// A comma, unless nothing stands before in the same brackets.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): return
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}

extension ColumnTape {
    /// The mark of a member's value that is there and not null.
    func present(_ name: String, of object: Int) -> Int? {
        guard let mark = member(name, of: object), marks[mark].kind != .null else { return nil }
        return mark
    }

    /// The mark of a member's value that has to be there.
    func required(_ name: String, of object: Int) throws -> Int {
        guard let mark = member(name, of: object) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "a column lacks \(name)"))
        }
        return mark
    }

    func number<Number: ColumnNumber>(_ name: String, of object: Int) throws -> Number {
        Number(number: try integer(at: required(name, of: object)))
    }
    func numberIfPresent<Number: ColumnNumber>(_ name: String, of object: Int) throws -> Number? {
        try present(name, of: object).map { Number(number: try integer(at: $0)) }
    }
    func text(_ name: String, of object: Int) throws -> String { try text(at: required(name, of: object)) }
    func textIfPresent(_ name: String, of object: Int) throws -> String? {
        try present(name, of: object).map { try text(at: $0) }
    }
    func truth(_ name: String, of object: Int) throws -> Bool { try truth(at: required(name, of: object)) }

    /// A member of an enumeration of texts.
    func word<Word: RawRepresentable>(_ name: String, of object: Int) throws -> Word
    where Word.RawValue == String {
        let mark = try required(name, of: object)
        let text = try text(at: mark)
        guard let word = Word(rawValue: text) else { throw mismatch(mark, "\(Word.self)") }
        return word
    }

    /// The marks of the elements of a list.
    func elements(of list: Int) throws -> [Int] {
        guard marks[list].kind == .array else { throw mismatch(list, "a list") }
        var elements: [Int] = []
        var place = list + 1
        while place < Int(marks[list].next) {
            elements.append(place)
            place = Int(marks[place].next)
        }
        return elements
    }

    /// A value of a type that is read by `Codable`.
    func coded<Value: Decodable>(_ type: Value.Type, at mark: Int) throws -> Value {
        try Value(from: ColumnDecoder(tape: self, index: mark))
    }
}
