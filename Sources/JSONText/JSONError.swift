// SPDX-License-Identifier: Apache-2.0

/// Why bytes are no document that we read, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Hashable, Sendable {
        /// The bytes do not follow the grammar of RFC 8259.
        case syntax
        /// The document ended in the middle of a value.
        case unexpectedEnd
        /// Something other than blanks follows the value.
        case trailingBytes
        /// A string is not valid UTF-8.
        case invalidUTF8
        /// A `\u` escape names half of a surrogate pair.
        case loneSurrogate
        /// A string contains a raw control character.
        case controlCharacter
        /// A number breaks the grammar, such as `01`, `.5`, `1.` or `NaN`.
        case badNumber
        /// More nesting than the limit.
        case tooDeep
        /// A longer string than the limit.
        case stringTooLong
        /// A longer number than the limit.
        case numberTooLong
        /// A longer document than the limit.
        case tooLarge
        /// A key appears twice in one object, and the caller refuses that.
        case duplicateKey
    }

    /// The kind of failure.
    public let code: Code
    /// The innermost value that was being read.
    public let path: JSONPointer
    /// One sentence for a person.
    public let message: String
    /// Bytes from the start of the document, from 0.
    public let offset: Int

    public init(code: Code, path: JSONPointer, message: String, offset: Int) {
        self.code = code
        self.path = path
        self.message = message
        self.offset = offset
    }

    public var description: String {
        "\(message) (at \(path.text.isEmpty ? "the document" : path.text), byte \(offset))"
    }
}
