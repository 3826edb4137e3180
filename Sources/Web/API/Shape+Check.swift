// SPDX-License-Identifier: Apache-2.0
package import JSONText
import Quantities

extension Shape {
    /// Whose value is looked at.
    package enum Direction: Sendable {
        /// A client's: what is unknown is refused, so that typing errors cannot pass silently.
        case request
        /// Ours: for the test that compares answers with their documentation.
        case answer
    }

    /// Throws the first thing that does not fit, with its place.
    package func check(
        _ value: JSON, at place: JSONPointer = .root, _ direction: Direction = .request
    ) throws(Problem) {
        switch self {
        case .text(.id, _) where direction == .answer && value.object != nil: return  // it was expanded
        case .text(let kind, let limit): try kind.check(value, limit, at: place)
        case .integer(let range):
            guard let number = value.int64 else {
                throw .wrongKind(value, wanted: "a whole number", at: place)
            }
            guard range.contains(number) else {
                throw .invalidField(
                    place, "\(number) is not between \(range.lowerBound) and \(range.upperBound).")
            }
        case .flag:
            guard value.bool != nil else { throw .wrongKind(value, wanted: "true or false", at: place) }
        case .word(let words):
            guard let word = value.string else { throw .wrongKind(value, wanted: "a string", at: place) }
            guard words.contains(word) else {
                throw .invalidField(
                    place, "\"\(word.prefix(40))\" is none of: \(words.joined(separator: ", ")).")
            }
        case .list(let shape, let limit):
            guard let values = value.array else { throw .wrongKind(value, wanted: "an array", at: place) }
            if direction == .request, values.count > limit {
                throw .invalidField(place, "More than \(limit) elements.")
            }
            for (index, value) in values.enumerated() {
                try shape.check(value, at: place.appending(index), direction)
            }
        case .object(let object): try object.check(value, at: place, direction)
        case .texts, .map: try checkMap(value, at: place, direction)
        case .anything: return
        }
    }

    private func checkMap(_ value: JSON, at place: JSONPointer, _ direction: Direction) throws(Problem) {
        guard let members = value.object else { throw .wrongKind(value, wanted: "an object", at: place) }
        if direction == .request, members.count > 50 { throw .invalidField(place, "More than 50 keys.") }
        for member in members {
            let place = place.appending(member.key)
            if case .map(let shape) = self {
                try shape.check(member.value, at: place, direction)
            } else {
                guard (1...40).contains(member.key.count) else {
                    throw .invalidField(place, "A key has 1 to 40 characters.")
                }
                guard let text = member.value.string, text.count <= 500 else {
                    throw .invalidField(place, "A value is a text of at most 500 characters.")
                }
            }
        }
    }
}

extension ObjectShape {
    /// Throws the first thing that does not fit, with its place.
    package func check(
        _ value: JSON, at place: JSONPointer = .root, _ direction: Shape.Direction = .request
    ) throws(Problem) {
        guard let members = value.object else { throw .wrongKind(value, wanted: "an object", at: place) }
        for member in members where !fields.contains(where: { $0.name == member.key }) {
            throw Problem(
                .unknownField, "There is no field \"\(member.key.prefix(40))\" here.",
                at: place.appending(member.key))
        }
        for field in fields {
            guard let value = value[field.name], !value.isNull else {
                guard field.isRequired else { continue }
                throw Problem(
                    .missingField, "The field \"\(field.name)\" is needed.", at: place.appending(field.name))
            }
            try field.shape.check(value, at: place.appending(field.name), direction)
        }
    }
}

extension Shape.TextKind {
    func check(_ value: JSON, _ limit: Int, at place: JSONPointer) throws(Problem) {
        guard let text = value.string else { throw .wrongKind(value, wanted: "a string", at: place) }
        guard text.count <= limit else { throw .invalidField(place, "Longer than \(limit) characters.") }
        guard let wanted = expectation(broken: text) else { return }
        throw .invalidField(place, "\"\(text.prefix(40))\" is no \(wanted).")
    }

    /// What the text should have been, or nil if it is that.
    private func expectation(broken text: String) -> String? {
        switch self {
        case .plain:
            text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" } ? "clean text" : nil
        case .id(let prefix):
            text.hasPrefix(prefix + "_") && text.utf8.count > prefix.utf8.count + 1
                ? nil : "id that begins with \(prefix)_"
        case .instant: Instant(iso8601: text) == nil ? "time in RFC 3339 with a zone" : nil
        case .date: CivilDate(text) == nil ? "date like 2027-03-01" : nil
        case .decimal: fixedPoint(text, scale: 9) == nil ? "decimal number with at most nine digits" : nil
        case .currency: Currency(code: text) == nil ? "currency of ISO 4217 that is supported here" : nil
        case .country:
            text.utf8.count == 2 && text.utf8.allSatisfy { (65...90).contains($0) }
                ? nil : "country of ISO 3166-1, two capital letters"
        case .timeZone: text.utf8.allSatisfy { $0 > 32 && $0 < 127 } && !text.isEmpty ? nil : "time zone"
        case .email: Self.isEmail(text) ? nil : "e-mail address"
        case .url: text.hasPrefix("https://") || text.hasPrefix("http://") ? nil : "http or https address"
        case .phone: text.utf8.allSatisfy { $0 >= 32 && $0 < 127 } ? nil : "telephone number"
        }
    }

    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
            && text.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
    }
}

extension Problem {
    /// A field that has the wrong kind of value.
    static func wrongKind(_ value: JSON, wanted: String, at place: JSONPointer) -> Problem {
        .invalidField(place, "This must be \(wanted), not \(value.kind).")
    }
}
