// SPDX-License-Identifier: Apache-2.0

/// What a value of the API looks like. One description reads requests, checks answers in tests and makes the schemas
/// of `/openapi.json`, so that the three cannot differ.
package indirect enum Shape: Sendable {
    /// A text of a kind, at most so many characters.
    case text(TextKind, max: Int)
    /// A whole number within bounds.
    case integer(ClosedRange<Int64>)
    /// True or false.
    case flag
    /// One of these words. In answers clients must accept others: new ones are announced (api.md §1, Enums).
    case word([String])
    /// Any number of values, at most so many in requests.
    case list(Shape, max: Int)
    /// Named fields and no others.
    case object(ObjectShape)
    /// Free keys with texts: `metadata`, or texts by currency or language.
    case texts
    /// Free keys with values of one shape.
    case map(Shape)
    /// Read by another specification, which the note names.
    case anything(note: String)

    /// What a text stands for.
    package enum TextKind: Sendable, Hashable {
        case plain
        /// An identifier with this prefix.
        case id(String)
        /// RFC 3339 in UTC, milliseconds.
        case instant
        /// `2027-03-01`.
        case date
        /// A decimal number as text, e.g. `0.49`.
        case decimal
        /// ISO 4217.
        case currency
        /// ISO 3166-1 alpha-2.
        case country
        /// IANA, e.g. `Europe/Berlin`.
        case timeZone
        case email
        case url
        /// A telephone number as it is printed.
        case phone
    }

    /// A short text.
    package static let shortText = Shape.text(.plain, max: 200)
    /// A sentence or two.
    package static let longText = Shape.text(.plain, max: 2000)
    /// A point in time.
    package static let instant = Shape.text(.instant, max: 40)
    /// A day.
    package static let date = Shape.text(.date, max: 10)
    /// A decimal number.
    package static let decimal = Shape.text(.decimal, max: 40)
    /// A number of things, from 0.
    package static let count = Shape.integer(0...Int64.max)
    /// An identifier.
    package static func id(_ prefix: String) -> Shape { .text(.id(prefix), max: 80) }
    /// A list of answers.
    package static func list(_ shape: ObjectShape) -> Shape { .list(.object(shape), max: 1000) }
    /// `{"amount": 1837, "currency": "EUR"}`: minor units, never a float.
    package static let money = Shape.object(.money)
}

/// An object: its fields, and the name of its schema if it has one.
package struct ObjectShape: Sendable {
    /// The name in `components/schemas`; nil for an object that is described where it stands.
    package let name: String?
    /// In the order of the documentation.
    package let fields: [Field]

    package init(_ name: String? = nil, _ fields: [Field]) {
        self.name = name
        self.fields = fields
    }

    /// One field of an object.
    package struct Field: Sendable {
        package let name: String
        package let shape: Shape
        /// Must be given in a request, and is never null in an answer.
        package let isRequired: Bool
        /// One sentence for the documentation; empty if the name says it all.
        package let note: String

        /// A field that must be there.
        package static func must(_ name: String, _ shape: Shape, _ note: String = "") -> Field {
            Field(name: name, shape: shape, isRequired: true, note: note)
        }

        /// A field that may be absent or null, which mean the same.
        package static func may(_ name: String, _ shape: Shape, _ note: String = "") -> Field {
            Field(name: name, shape: shape, isRequired: false, note: note)
        }
    }

    /// The same fields, all optional: what a PATCH takes.
    package func patch(_ name: String? = nil) -> ObjectShape {
        ObjectShape(
            name, fields.map { Field(name: $0.name, shape: $0.shape, isRequired: false, note: $0.note) })
    }

    /// The same and more fields.
    package func adding(_ name: String? = nil, _ more: [Field]) -> ObjectShape {
        ObjectShape(name, fields + more)
    }

    /// An amount of money.
    package static let money = ObjectShape(
        "Money",
        [
            .must("amount", .integer(Int64.min...Int64.max), "Minor units of the currency."),
            .must("currency", .text(.currency, max: 3)),
        ])
}
