// SPDX-License-Identifier: Apache-2.0

/// The place of a value in a document, as RFC 6901 writes it: `/meterValue/0/sampledValue`.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The pointer's text; empty for the whole document.
    public let text: String

    /// The whole document.
    public static let root = JSONPointer(text: "")

    /// A pointer from text that already is one: empty, or beginning with a slash.
    public init(text: String) {
        self.text = text
    }

    public init(stringLiteral value: String) {
        text = value
    }

    public var description: String { text }

    /// The place of the member `key` of the object here; `~` and `/` are escaped.
    public func appending(_ key: String) -> JSONPointer {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return JSONPointer(text: text + "/" + key)
        }
        var escaped = text + "/"
        for character in key.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return JSONPointer(text: escaped)
    }

    /// The place of the element `index` of the array here, from 0.
    public func appending(_ index: Int) -> JSONPointer {
        JSONPointer(text: text + "/" + String(index))
    }

    /// The unescaped steps from the root; nil if the text is no pointer.
    public var steps: [String]? {
        if text.isEmpty { return [] }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(Self.unescaped)
    }

    private static func unescaped(_ step: Substring) -> String {
        var result = String.UnicodeScalarView()
        var scalars = step.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "~" else {
                result.append(scalar)
                continue
            }
            let next = scalars.next()
            if next == "0" {
                result.append("~")
            } else if next == "1" {
                result.append("/")
            } else {
                // RFC 6901 §3 knows no other escape: the text is kept as it stands.
                result.append("~")
                if let next { result.append(next) }
            }
        }
        return String(result)
    }
}

extension JSON {
    /// The value at a place, or nil if the document has none there.
    public subscript(at pointer: JSONPointer) -> JSON? {
        guard let steps = pointer.steps else { return nil }
        var value = self
        for step in steps {
            let next: JSON?
            switch value {
            case .object: next = value[step]
            case .array: next = Int(step).flatMap { String($0) == step ? value[$0] : nil }
            default: next = nil
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
