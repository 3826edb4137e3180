// SPDX-License-Identifier: Apache-2.0
import JSONText

/// Reads the fields of one payload and notes what is odd about them (charging.md §3).
///
/// In a transaction message a required field is read in any form that has one meaning, since the message must
/// be answered normally whatever it holds. In others a wrong type stays wrong.
struct PayloadReader {
    /// The version whose schema is read.
    let version: OCPPVersion
    /// Whether the message may carry money, and so is never refused for its content.
    let mayCarryMoney: Bool
    /// What was odd.
    private(set) var findings: [Finding] = []

    /// Whether a field must be there.
    enum Presence {
        case required
        case optional
    }

    /// The longest text that any field may hold: 64 KiB, above the 32 KiB of signed meter data in 2.1.
    static let textBytes = 64 << 10
    /// The longest number that any field may hold.
    static let numberCharacters = 64

    init(version: OCPPVersion, mayCarryMoney: Bool) {
        self.version = version
        self.mayCarryMoney = mayCarryMoney
    }

    /// The fields of the payload itself.
    static func fields(of payload: JSON) -> Fields {
        Fields(payload.object ?? [], at: .payload)
    }

    /// Adds a finding.
    mutating func note(
        _ severity: Finding.Severity, at path: JSONPointer, violation: Finding.Violation? = nil,
        _ message: String
    ) {
        findings.append(Finding(severity, at: path, violation: violation, message))
    }

    /// Notes every field that nobody asked for; `customData` is anybody's (P2 §2).
    mutating func finish(_ fields: Fields) {
        for member in fields.remaining where member.key != "customData" {
            note(.note, at: fields.path(member.key), "an unknown field, passed over")
        }
    }

    /// Text of at most `limit` characters.
    mutating func text(
        _ key: String, _ fields: inout Fields, _ presence: Presence = .optional, limit: Int = .max
    ) -> String? {
        guard let value = present(key, &fields, presence) else { return nil }
        var text = value.string
        if text == nil, mayCarryMoney, let digits = value.number {
            text = digits
            note(.note, at: fields.path(key), violation: .type, "a number, read as text")
        }
        guard let text, text.utf8.count <= Self.textBytes, !text.utf8.contains(0) else {
            unreadable(fields.path(key), presence, "\(value.kind) that is no usable text")
            return nil
        }
        guard text.utf8.count > limit, text.count > limit else { return text }
        if presence == .optional {
            note(
                .dropped, at: fields.path(key), violation: .type,
                "longer than \(limit) characters, passed over")
            return nil
        }
        note(.note, at: fields.path(key), violation: .type, "longer than \(limit) characters, kept")
        return text
    }

    /// One word of an enumeration, in its proper spelling; a word that we do not know is kept as it is.
    mutating func word(
        _ key: String, _ fields: inout Fields, _ presence: Presence = .optional, among words: [String]
    ) -> String? {
        guard let text = text(key, &fields, presence) else { return nil }
        if words.contains(text) { return text }
        if let proper = words.first(where: { $0.equalsFolded(text) }) {
            note(.note, at: fields.path(key), "'\(text)' read as '\(proper)'")
            return proper
        }
        note(.note, at: fields.path(key), "'\(text.prefix(64))' is no word of this enumeration")
        return text
    }

    /// An exact integer.
    mutating func integer(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> Int64? {
        guard let value = present(key, &fields, presence) else { return nil }
        if let integer = value.int64, (value.number?.utf8.count ?? 0) <= Self.numberCharacters {
            return integer
        }
        if mayCarryMoney, let text = value.string, let read = Self.integer(trimming: text) {
            note(.note, at: fields.path(key), violation: .type, "text, read as the number \(read)")
            return read
        }
        unreadable(fields.path(key), presence, "\(value.kind) that is no integer")
        return nil
    }

    /// A number in units of 10^-scale. Digits below the unit are cut, and a finding says so. What no meter can
    /// show is unreadable: sums and differences of such numbers would overflow.
    mutating func fixedPoint(
        _ key: String, _ fields: inout Fields, _ presence: Presence = .optional, scale: Int
    ) -> Int64? {
        guard let value = present(key, &fields, presence) else { return nil }
        let digits = value.number ?? (mayCarryMoney ? value.string.map(Self.trimmed) : nil)
        if value.number == nil, digits != nil {
            note(.note, at: fields.path(key), violation: .type, "text, read as a number")
        }
        guard let digits, digits.utf8.count <= Self.numberCharacters,
            let result = DecimalDigits.fixedPointTowardZero(digits, scale: scale),
            result.value.magnitude <= Sample.largest, let fitting = Int64(exactly: result.value)
        else {
            unreadable(fields.path(key), presence, "\(value.kind) that is no usable number")
            return nil
        }
        if !result.isExact {
            note(.note, at: fields.path(key), "more than \(scale) decimals, the rest is cut")
        }
        return fitting
    }

    /// A number as its decimal digits, for amounts that must not lose any.
    mutating func number(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> String? {
        guard let value = present(key, &fields, presence) else { return nil }
        let digits = value.number ?? (mayCarryMoney ? value.string.map(Self.trimmed) : nil)
        if value.number == nil, digits != nil {
            note(.note, at: fields.path(key), violation: .type, "text, read as a number")
        }
        guard let digits, digits.utf8.count <= Self.numberCharacters,
            DecimalDigits.fixedPointTowardZero(digits, scale: 0) != nil
        else {
            unreadable(fields.path(key), presence, "\(value.kind) that is no usable number")
            return nil
        }
        return digits
    }

    /// A list as it stands.
    mutating func list(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> [JSON] {
        guard let value = present(key, &fields, presence) else { return [] }
        if let list = value.array { return list }
        unreadable(fields.path(key), presence, "\(value.kind) instead of a list")
        return []
    }

    /// A truth value.
    mutating func bool(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> Bool? {
        guard let value = present(key, &fields, presence) else { return nil }
        if let bool = value.bool { return bool }
        if mayCarryMoney, let word = value.string?.asciiFolded, word == "true" || word == "false" {
            note(.note, at: fields.path(key), violation: .type, "text, read as a truth value")
            return word == "true"
        }
        unreadable(fields.path(key), presence, "\(value.kind) instead of a truth value")
        return nil
    }

    /// A time; misspelt ones are read (C21).
    mutating func timestamp(
        _ key: String, _ fields: inout Fields, _ presence: Presence = .optional
    ) -> Timestamp? {
        guard let value = present(key, &fields, presence) else { return nil }
        guard let text = value.string, text.utf8.count <= 64, let timestamp = Timestamp(text) else {
            unreadable(fields.path(key), presence, "\(value.kind) that is no time")
            return nil
        }
        if let oddity = timestamp.oddity { note(.note, at: fields.path(key), oddity) }
        return timestamp
    }

    /// The fields of an object.
    mutating func object(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> Fields? {
        guard let value = present(key, &fields, presence) else { return nil }
        if let members = value.object { return Fields(members, at: .member(key, of: fields.place)) }
        unreadable(fields.path(key), presence, "\(value.kind) instead of an object")
        return nil
    }

    /// The objects of an array; what is no object in it is passed over. A lone object counts as a list of one.
    mutating func objects(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> [Fields]
    {
        guard let value = present(key, &fields, presence) else { return [] }
        let place = Place.member(key, of: fields.place)
        switch value {
        case .array(let values):
            var objects: [Fields] = []
            for (index, value) in values.enumerated() {
                if let members = value.object {
                    objects.append(Fields(members, at: .element(index, of: place)))
                } else {
                    unreadable(
                        place.pointer.appending(index), .optional, "\(value.kind) instead of an object")
                }
            }
            return objects
        case .object(let members) where mayCarryMoney:
            note(
                .note, at: fields.path(key), violation: .type,
                "an object instead of a list, read as a list of one")
            return [Fields(members, at: place)]
        default:
            unreadable(fields.path(key), presence, "\(value.kind) instead of a list")
            return []
        }
    }

    /// Any value, as it stands.
    mutating func any(_ key: String, _ fields: inout Fields) -> JSON? {
        present(key, &fields, .optional)
    }

    /// The value, or nil and a finding where it is absent; `null` and `[]` stand for absent.
    private mutating func present(_ key: String, _ fields: inout Fields, _ presence: Presence) -> JSON? {
        guard let (value, misspelt) = fields.take(key) else {
            if presence == .required {
                note(.missing, at: fields.path(key), violation: .occurrence, "required, and absent")
            }
            return nil
        }
        if misspelt { note(.note, at: fields.path(key), "the key is spelt in another case") }
        guard value == .null || value == .array([]) else { return value }
        if presence == .required {
            note(.missing, at: fields.path(key), violation: .occurrence, "required, and empty")
        } else {
            note(.note, at: fields.path(key), "\(value == .null ? "null" : "an empty list"), read as absent")
        }
        return nil
    }

    private mutating func unreadable(_ path: JSONPointer, _ presence: Presence, _ what: String) {
        if presence == .required {
            note(.missing, at: path, violation: .occurrence, "\(what); the field is required")
        } else {
            note(.dropped, at: path, violation: .type, "\(what); passed over")
        }
    }

    private static func integer(trimming text: String) -> Int64? {
        let trimmed = trimmed(text)
        guard trimmed.utf8.count <= numberCharacters, let value = DecimalDigits.fixedPoint(trimmed, scale: 0)
        else { return nil }
        return Int64(exactly: value)
    }

    /// Without blanks at either end.
    static func trimmed(_ text: String) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = text.utf8.first, let last = text.utf8.last, isBlank(first) || isBlank(last) else {
            return text
        }
        let rest = text.utf8.drop(while: isBlank)
        let end = rest.lastIndex { !isBlank($0) }.map { rest.index(after: $0) } ?? rest.startIndex
        return String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
    }
}
