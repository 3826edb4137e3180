// SPDX-License-Identifier: Apache-2.0

/// A JSON document as it was written: numbers keep their digits, objects keep their order.
///
/// Numbers are text, because a meter's `12345.60` must not pass through a `Double` on its way to a bill.
public enum JSON: Hashable, Sendable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number as its text, in the grammar of RFC 8259 §6. Read it with `int64` or `fixedPoint(scale:)`.
    case number(String)
    /// A string with its escapes resolved.
    case string(String)
    /// Values in order.
    case array([JSON])
    /// Members in order of appearance; keys are unique in what the parser returns.
    case object([Member])

    /// One key and its value.
    public struct Member: Hashable, Sendable {
        /// The name, escapes resolved.
        public var key: String
        /// What the name stands for.
        public var value: JSON

        public init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// What a document may cost its reader.
    public struct Limits: Hashable, Sendable {
        /// Nested arrays and objects, 1 to 256; the bound keeps the reader's stack small.
        public var depth: Int
        /// Longest string or key, in bytes of UTF-8.
        public var stringBytes: Int
        /// Longest number, in characters, sign, point and exponent included.
        public var numberCharacters: Int
        /// Longest document, in bytes.
        public var totalBytes: Int

        public init(depth: Int, stringBytes: Int, numberCharacters: Int, totalBytes: Int) {
            precondition((1...256).contains(depth), "nesting is bounded to 256 levels")
            self.depth = depth
            self.stringBytes = stringBytes
            self.numberCharacters = numberCharacters
            self.totalBytes = totalBytes
        }

        /// 32 levels, strings of 64 KiB, numbers of 64 characters, documents of 4 MiB.
        public static let standard = Limits(
            depth: 32, stringBytes: 64 << 10, numberCharacters: 64, totalBytes: 4 << 20)
    }

    /// What to do when one object names a key twice.
    public enum DuplicateKeys: Hashable, Sendable {
        /// The document is refused: two values for one name have no meaning.
        case refuse
        /// The first value counts, later ones are passed over.
        case firstWins
    }
}

extension JSON {
    /// Reads one document that fills `bytes`, blanks around it allowed.
    public static func parse(
        _ bytes: some Collection<UInt8>, limits: Limits = .standard, duplicateKeys: DuplicateKeys = .refuse
    ) throws(JSONError) -> JSON {
        var ignored: [JSONPointer] = []
        return try parse(
            bytes, limits: limits, refusingRepeatedKeys: duplicateKeys == .refuse, repeatedKeys: &ignored)
    }

    /// Reads one document; the first of repeated keys wins, and the places of the others are appended.
    public static func parse(
        _ bytes: some Collection<UInt8>, limits: Limits = .standard, repeatedKeys: inout [JSONPointer]
    ) throws(JSONError) -> JSON {
        try parse(bytes, limits: limits, refusingRepeatedKeys: false, repeatedKeys: &repeatedKeys)
    }

    /// Reads one document from text.
    public static func parse(
        _ text: String, limits: Limits = .standard, duplicateKeys: DuplicateKeys = .refuse
    ) throws(JSONError) -> JSON {
        try parse(text.utf8, limits: limits, duplicateKeys: duplicateKeys)
    }

    private static func parse(
        _ bytes: some Collection<UInt8>, limits: Limits, refusingRepeatedKeys refusing: Bool,
        repeatedKeys: inout [JSONPointer]
    ) throws(JSONError) -> JSON {
        // A Result carries the typed error through closures that only know `rethrows`.
        func run(_ buffer: UnsafeBufferPointer<UInt8>) -> Result<(JSON, [JSONPointer]), JSONError> {
            var parser = JSONParser(buffer, limits: limits, refusingRepeatedKeys: refusing)
            do throws(JSONError) {
                let value = try parser.document()
                return .success((value, parser.repeatedKeys))
            } catch {
                return .failure(error)
            }
        }
        let result = bytes.withContiguousStorageIfAvailable(run) ?? Array(bytes).withUnsafeBufferPointer(run)
        let (value, repeated) = try result.get()
        repeatedKeys += repeated
        return value
    }
}
