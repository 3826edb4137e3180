// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// Reads the fields of one JSON object strictly: refuses what would change a price, notes what nobody knows.
struct FieldReader {
    /// The names that an object may have. A few short names are found sooner by looking at each than by hashing.
    struct Names: ExpressibleByArrayLiteral {
        private let names: [String]

        /// Some names.
        init(arrayLiteral elements: String...) { names = elements }

        /// Some names.
        init(_ names: some Sequence<String>) { self.names = Array(names) }

        /// Whether it is one of them.
        func contains(_ name: String) -> Bool {
            for candidate in names where candidate == name { return true }
            return false
        }

        /// These and others.
        func union(_ others: Names) -> Names { Names(names + others.names) }
    }

    /// The place of the object, made only where somebody is told about it.
    var path: String { number.map { "\(parent)/\($0)" } ?? parent }
    private let parent: String
    private let number: Int?
    private let members: [JSON.Member]

    /// A reader of the object at `path`, or of the object `number` of the array there; fields that are not in `known`
    /// are noted.
    init(_ value: JSON, at path: String, _ number: Int? = nil, known: Names, notes: inout [Note])
        throws(PricingRefusal)
    {
        parent = path
        self.number = number
        guard case .object(let members) = value else {
            let place = number.map { "\(path)/\($0)" } ?? path
            throw PricingRefusal(.fieldMissing, at: place, "Expected an object, found \(value.kind).")
        }
        self.members = members
        for member in members where !known.contains(member.key) {
            let place = JSONPointer(text: self.path).appending(member.key).text
            notes.append(
                Note(.unknownField, at: place, "Nobody knows this field; it has no effect on the price."))
        }
    }

    /// The place of a field.
    func place(_ key: String) -> String { path + "/" + key }

    /// The value of a field; null counts as absent.
    subscript(key: String) -> JSON? {
        for index in members.indices where members[index].key == key {
            if case .null = members[index].value { return nil }
            return members[index].value
        }
        return nil
    }

    /// A field that pricing cannot do without.
    func required(_ key: String) throws(PricingRefusal) -> JSON {
        guard let value = self[key] else { throw missing(key) }
        return value
    }

    /// The refusal of an object without a field.
    func missing(_ key: String) -> PricingRefusal {
        PricingRefusal(.fieldMissing, at: place(key), "The field \(key) is required.")
    }

    /// A text; nil if absent.
    func string(_ key: String) throws(PricingRefusal) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.string else {
            throw PricingRefusal(.fieldMissing, at: place(key), "Expected a text, found \(value.kind).")
        }
        return text
    }

    /// The elements of an array; nil if absent.
    func array(_ key: String) throws(PricingRefusal) -> [JSON]? {
        guard let value = self[key] else { return nil }
        guard let values = value.array else {
            throw PricingRefusal(.fieldMissing, at: place(key), "Expected an array, found \(value.kind).")
        }
        return values
    }

    /// One of the words of an enumeration; nil if absent.
    func word<Word: RawRepresentable>(_ key: String, as type: Word.Type) throws(PricingRefusal) -> Word?
    where Word.RawValue == String {
        guard let value = self[key] else { return nil }
        return try Self.word(value, at: place(key))
    }

    /// One of the words of an enumeration.
    static func word<Word: RawRepresentable>(_ value: JSON, at path: String) throws(PricingRefusal) -> Word
    where Word.RawValue == String {
        guard let text = value.string, let word = Word(rawValue: text) else {
            let shown = value.string.map { "\"\($0.prefix(40))\"" } ?? value.kind
            throw PricingRefusal(.enumUnknown, at: path, "\(shown) is not a word that this field may have.")
        }
        return word
    }

    /// A number in units of 10^-scale, from a JSON number or a decimal text; nil if absent.
    ///
    /// Finer digits are rounded half even with a note (tariffs.md §4.1).
    func decimal(_ key: String, scale: Int, within range: ClosedRange<Int64>, notes: inout [Note])
        throws(PricingRefusal) -> Int64?
    {
        guard let value = self[key] else { return nil }
        guard let text = value.number ?? value.string else {
            throw PricingRefusal(.numberInvalid, at: place(key), "Expected a number, found \(value.kind).")
        }
        let number: DecimalText
        do throws(DecimalText.Failure) {
            number = try DecimalText(text, scale: scale)
        } catch .notDecimal {
            throw PricingRefusal(
                .numberInvalid, at: place(key), "\"\(text.prefix(40))\" is no decimal number.")
        } catch {
            throw outOfRange(key, text)
        }
        guard let result = Int64(exactly: number.value), range.contains(result) else {
            throw outOfRange(key, text)
        }
        if number.isRounded {
            notes.append(Note(.numberRounded, at: place(key), "Rounded half even to \(scale) decimals."))
        }
        return result
    }

    private func outOfRange(_ key: String, _ text: String) -> PricingRefusal {
        PricingRefusal(.limitExceeded, at: place(key), "\(text.prefix(40)) is out of range.")
    }

    /// A whole number; a fraction is refused, for rounding it would change the price.
    func integer(_ key: String, within range: ClosedRange<Int64>) throws(PricingRefusal) -> Int64? {
        var rounding: [Note] = []
        let value = try decimal(key, scale: 0, within: range, notes: &rounding)
        guard rounding.isEmpty else {
            throw PricingRefusal(.numberInvalid, at: place(key), "Expected a whole number.")
        }
        return value
    }

    /// A point in time as RFC 3339 writes it; without a zone it is UTC.
    func instant(_ key: String) throws(PricingRefusal) -> Instant? {
        guard let value = self[key] else { return nil }
        guard case .string(let text) = value, let written = WrittenTime(text) else {
            let shown = value.string.map { "\"\($0.prefix(40))\"" } ?? value.kind
            throw PricingRefusal(.timeInvalid, at: place(key), "\(shown) is no time of RFC 3339.")
        }
        return written.instant
    }

    /// A point in time of a session file: digits after the millisecond are dropped with a note (tariffs.md
    /// §8).
    func milliseconds(_ key: String, notes: inout [Note]) throws(PricingRefusal) -> Instant? {
        guard let instant = try instant(key) else { return nil }
        let (nanoseconds, overflow) = instant.milliseconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else {
            throw PricingRefusal(.timeInvalid, at: place(key), "The time is out of range.")
        }
        if nanoseconds != instant.nanoseconds {
            notes.append(Note(.numberRounded, at: place(key), "Digits after the millisecond were dropped."))
        }
        return Instant(nanoseconds: nanoseconds)
    }
}

extension PricingRefusal {
    /// A document that JSON's own rules or limits refuse.
    init(_ error: JSONError) {
        let code: Code
        switch error.code {
        case .tooDeep, .stringTooLong, .numberTooLong, .tooLarge: code = .limitExceeded
        default: code = .jsonInvalid
        }
        self.init(code, at: error.path.text, "\(error.message) (byte \(error.offset)).")
    }
}

extension JSON.Limits {
    /// What a tariff or session file may cost (tariffs.md §8.1).
    static let pricing = JSON.Limits(
        depth: 64, stringBytes: 64 << 10, numberCharacters: 1000, totalBytes: 64 << 20)
}
