// SPDX-License-Identifier: Apache-2.0
import Digests
import JSONText
import Quantities

/// The body of a request, or an object within it, read against its shape. Reading a field gives what it means or a
/// problem that names its place.
struct Body: Sendable {
    /// The object; empty if nothing was sent.
    let json: JSON
    /// Where the object stands in the whole body.
    let place: JSONPointer

    init(_ json: JSON, at place: JSONPointer = .root) {
        self.json = json
        self.place = place
    }

    /// Reads bytes of `application/json` that must have this shape.
    init(parsing bytes: [UInt8], as shape: ObjectShape) throws(Problem) {
        let document: JSON
        do throws(JSONError) {
            document = try JSON.parse(bytes, limits: .standard)
        } catch {
            throw Problem(.malformedJSON, "\(error.message) (byte \(error.offset)).", at: error.path)
        }
        try CardNumbers.refuse(in: document)
        try shape.check(document)
        self.init(document)
    }

    /// The value of a field; nil if it is absent or null, which mean the same.
    subscript(name: String) -> JSON? {
        guard let value = json[name], !value.isNull else { return nil }
        return value
    }

    /// Where a field is or would be.
    func place(of name: String) -> JSONPointer { place.appending(name) }

    /// A field that must be there.
    func need<Value>(_ name: String, _ value: Value?) throws(Problem) -> Value {
        guard let value else {
            throw Problem(.missingField, "The field \"\(name)\" is needed.", at: place(of: name))
        }
        return value
    }

    /// A text.
    func text(_ name: String) -> String? { self[name]?.string }
    /// A whole number.
    func integer(_ name: String) -> Int64? { self[name]?.int64 }
    /// True or false.
    func flag(_ name: String) -> Bool? { self[name]?.bool }

    /// An identifier of an owner.
    func id<Owner>(_ name: String, _ type: ID<Owner>.Type = ID<Owner>.self) throws(Problem) -> ID<Owner>? {
        guard let text = text(name) else { return nil }
        guard let id = ID<Owner>(text) else {
            throw .invalidField(place(of: name), "\"\(text.prefix(40))\" is no \(Owner.prefix)_ id.")
        }
        return id
    }

    /// One of an enumeration's words.
    func word<Word: RawRepresentable>(
        _ name: String, as type: Word.Type = Word.self
    ) throws(Problem) -> Word? where Word.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            throw .invalidField(place(of: name), "\"\(text.prefix(40))\" is not known here.")
        }
        return word
    }

    /// A currency.
    func currency(_ name: String) throws(Problem) -> Currency? {
        guard let text = text(name) else { return nil }
        guard let currency = Currency(code: text) else {
            throw .invalidField(place(of: name), "\"\(text)\" is no currency that is supported here.")
        }
        return currency
    }

    /// An amount of money.
    func money(_ name: String) throws(Problem) -> Money? {
        guard let inner = object(name) else { return nil }
        guard let currency = try inner.currency("currency"), let amount = inner.integer("amount") else {
            throw .invalidField(place(of: name), "Money is an amount in minor units and a currency.")
        }
        return Money(minorUnits: amount, currency: currency)
    }

    /// A point in time.
    func instant(_ name: String) throws(Problem) -> Instant? {
        guard let text = text(name) else { return nil }
        guard let instant = Instant(iso8601: text) else {
            throw .invalidField(place(of: name), "\"\(text)\" is no time in RFC 3339 with a zone.")
        }
        return instant
    }

    /// A rate of tax, percent as a decimal text.
    func taxRate(_ name: String) throws(Problem) -> TaxRate? {
        guard let text = text(name) else { return nil }
        guard let rate = TaxRate(percent: text) else {
            throw .invalidField(place(of: name), "\"\(text)\" is no percentage between 0 and 100.")
        }
        return rate
    }

    /// Free keys with texts, e.g. `metadata`.
    func texts(_ name: String) -> [String: String]? {
        self[name]?.object.map { members in
            // A key that came twice was refused when the body was read.
            Dictionary(
                members.map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// An object within.
    func object(_ name: String) -> Body? { self[name].map { Body($0, at: place(of: name)) } }

    /// A list of objects within.
    func objects(_ name: String) -> [Body]? {
        self[name]?.array.map { values in
            values.enumerated().map { Body($1, at: place(of: name).appending($0)) }
        }
    }
}
