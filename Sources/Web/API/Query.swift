// SPDX-License-Identifier: Apache-2.0
import JSONText
import Quantities

/// The query of a request: names and values in order, percent-decoded once.
struct Query: Sendable {
    /// What a route may be asked for in the query, for the documentation too.
    struct Parameter: Sendable {
        let name: String
        let shape: Shape
        let note: String
        var isRepeatable = false

        /// `metadata[key]=value`: of the client's own words.
        static let metadata = Parameter(
            name: "metadata", shape: .texts, note: "`metadata[key]=value`: rows with these words.")
    }

    /// Names and values.
    let items: [(name: String, value: String)]
    /// As it was sent.
    let text: String

    init(_ text: String?) {
        self.text = text ?? ""
        items = self.text.split(separator: "&").map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(pair[0]), pair.count > 1 ? Self.decoded(pair[1]) : "")
        }
    }

    /// Refuses names that the route does not know and values that do not fit.
    func check(against parameters: [Parameter]) throws(Problem) {
        for item in items {
            let place = JSONPointer(text: "?" + item.name)
            if item.name.hasPrefix("metadata["), parameters.contains(where: { $0.name == "metadata" }) {
                continue
            }
            guard let parameter = parameters.first(where: { $0.name == item.name }) else {
                throw Problem(
                    .unknownField, "There is no query parameter \"\(item.name.prefix(40))\" here.", at: place)
            }
            let value: JSON =
                switch parameter.shape {
                case .integer: .number(item.value)
                case .flag: item.value == "true" ? true : item.value == "false" ? false : .string(item.value)
                default: .string(item.value)
                }
            try parameter.shape.check(value, at: place)
        }
    }

    /// The first value of a name.
    subscript(name: String) -> String? { items.first { $0.name == name }?.value }
    /// All values of a name.
    func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }
    /// A whole number.
    func integer(_ name: String) -> Int64? { self[name].flatMap(Int64.init) }
    /// True or false; false if absent.
    func flag(_ name: String) -> Bool { self[name] == "true" }
    /// A point in time.
    func instant(_ name: String) -> Instant? { self[name].flatMap { Instant(iso8601: $0) } }
    /// A day.
    func date(_ name: String) -> CivilDate? { self[name].flatMap { CivilDate($0) } }

    /// An identifier of an owner.
    func id<Owner>(_ name: String, _ type: ID<Owner>.Type = ID<Owner>.self) throws(Problem) -> ID<Owner>? {
        guard let text = self[name] else { return nil }
        guard let id = ID<Owner>(text) else {
            throw .invalidField(
                JSONPointer(text: "?" + name), "\"\(text.prefix(40))\" is no \(Owner.prefix)_ id.")
        }
        return id
    }

    /// Resolves `%41` and `+`; what is broken stays as it is.
    static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let value = hexadecimal(rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text with everything but unreserved characters escaped (RFC 3986 §2.3).
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ digits: Substring.UTF8View.SubSequence) -> UInt8? {
        guard digits.count == 2 else { return nil }
        return UInt8(String(decoding: Array(digits), as: UTF8.self), radix: 16)
    }
}

extension Query.Parameter {
    /// `limit`, `starting_after`, `ending_before`, `created_from`, `created_to`: what every list takes.
    static func page(_ prefix: String) -> [Query.Parameter] {
        [
            Query.Parameter(name: "limit", shape: .integer(1...200), note: "How many; default 50."),
            Query.Parameter(
                name: "starting_after", shape: .shortText, note: "The id after which the page begins."),
            Query.Parameter(
                name: "ending_before", shape: .shortText, note: "The id before which the page ends."),
            Query.Parameter(name: "created_from", shape: .instant, note: "Created then or later."),
            Query.Parameter(name: "created_to", shape: .instant, note: "Created before then."),
        ]
    }
}
