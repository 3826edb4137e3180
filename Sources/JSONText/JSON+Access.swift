// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// The member of that name, compared byte by byte; nil if this is no object or has none.
    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The element at that place, from 0; nil if this is no array or is shorter.
    public subscript(index: Int) -> JSON? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// The text, if this is a string.
    public var string: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The truth value, if this is one.
    public var bool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// The digits as written, if this is a number.
    public var number: String? {
        if case .number(let digits) = self { return digits }
        return nil
    }

    /// The values, if this is an array.
    public var array: [JSON]? {
        if case .array(let values) = self { return values }
        return nil
    }

    /// The members, if this is an object.
    public var object: [Member]? {
        if case .object(let members) = self { return members }
        return nil
    }

    /// Whether this is the literal `null`.
    public var isNull: Bool { self == .null }

    /// The number as an exact integer: `12`, `12.0` and `1.2e1` are 12; `12.5` and what overflows are nil.
    public var int64: Int64? {
        guard let value = fixedPoint(scale: 0) else { return nil }
        return Int64(exactly: value)
    }

    /// The number in units of 10^-scale, exactly: `1.25` at scale 3 is 1250; nil if digits would be lost.
    public func fixedPoint(scale: Int) -> Int128? {
        guard case .number(let digits) = self else { return nil }
        return DecimalDigits.fixedPoint(digits, scale: scale)
    }

    /// The kind of the value in words, for messages: `"a number"`.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .number(String(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    /// A number from an integer.
    public init(_ value: some FixedWidthInteger) { self = .number(String(value)) }

    /// An object without the members whose value is nil: what is absent is not written.
    public static func present(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { key, value in value.map { Member(key, $0) } })
    }
}
