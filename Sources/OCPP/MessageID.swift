// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// What ties a reply to its call. Written back exactly as it was read.
public struct MessageID: Hashable, Sendable, CustomStringConvertible {
    /// The identifier's text, or the digits of a number.
    public let text: String
    /// Some stations send a bare number; they get it back as one.
    public let isNumber: Bool

    /// An identifier that is a string, as the specification wants it (J §4.1.4: at most 36 characters).
    public init(_ text: String) {
        self.text = text
        isNumber = false
    }

    /// An identifier as a frame holds it; nil if it is neither string nor number, or beyond any use.
    public init?(_ json: JSON?) {
        switch json {
        case .string(let text) where !text.isEmpty && text.utf8.count <= 255:
            self.text = text
            isNumber = false
        case .number(let digits):
            text = digits
            isNumber = true
        default: return nil
        }
    }

    /// What a frame holds.
    public var json: JSON { isNumber ? .number(text) : .string(text) }

    public var description: String { text }

    /// Stands for the identifier of a message that has none that we could read (P4 §4.2.3).
    public static let unreadable = MessageID("-1")
}
