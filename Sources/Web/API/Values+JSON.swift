// SPDX-License-Identifier: Apache-2.0
import JSONText
import Quantities
import Storage

extension Money {
    /// `{"amount": 1837, "currency": "EUR"}`.
    var json: JSON { ["amount": JSON(minorUnits), "currency": .string(currency.code)] }
}

extension JSON {
    /// A text, or null.
    static func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
    /// An identifier, or null.
    static func id<Owner>(_ value: ID<Owner>?) -> JSON { value.map { .string($0.text) } ?? .null }
    /// A time with milliseconds, or null.
    static func time(_ value: Instant?) -> JSON { value.map { .string($0.iso8601) } ?? .null }
    /// Money, or null.
    static func money(_ value: Money?) -> JSON { value?.json ?? .null }
    /// A whole number, or null.
    static func integer(_ value: Int64?) -> JSON { value.map { JSON($0) } ?? .null }
    /// Words of the client's own, in the order of their keys.
    static func metadata(_ words: [String: String]?) -> JSON {
        .object((words ?? [:]).sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
    }
    /// A word of an enumeration, or null.
    static func word<Word: RawRepresentable>(_ value: Word?) -> JSON where Word.RawValue == String {
        value.map { .string($0.rawValue) } ?? .null
    }

    /// The same object with more members.
    func adding(_ members: KeyValuePairs<String, JSON>) -> JSON {
        .object((object ?? []) + members.map { Member($0.key, $0.value) })
    }
}

extension PostalAddress {
    /// As the API shows it.
    var json: JSON {
        [
            "street": .string(street), "postal_code": .string(postalCode), "city": .string(city),
            "country": .string(country),
        ]
    }

    /// Reads an address.
    init(_ body: Body) throws(Problem) {
        self.init(
            street: body.text("street") ?? "", postalCode: body.text("postal_code") ?? "",
            city: try body.need("city", body.text("city")),
            country: try body.need("country", body.text("country")))
    }
}

extension ObjectShape {
    /// An address as it is printed.
    static let address = ObjectShape(
        "Address",
        [
            .may("street", .shortText), .may("postal_code", .text(.plain, max: 20)),
            .must("city", .shortText),
            .must("country", .text(.country, max: 2)),
        ])
}

extension Set<Scope> {
    /// Operators alone.
    static let operators: Set<Scope> = [.operator]
    /// Programs that run the business.
    static let programs: Set<Scope> = [.operator, .service]
    /// Whoever may look at the business.
    static let readers: Set<Scope> = [.operator, .service, .readOnly]
    /// Whoever may look at the books.
    static let auditors: Set<Scope> = [.operator, .readOnly]
    /// Everybody.
    static let everybody = Set(Scope.allCases)
}
