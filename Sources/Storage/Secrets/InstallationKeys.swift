// SPDX-License-Identifier: Apache-2.0

import Digests

/// The keys of the installation: the first seals, all of them open (payments.md §11). They are never in the database.
///
/// A sealed value reads `"sealed:1:<name of the key>:<hexadecimal digits>"`, quotes included: a text that is JSON too. It is
/// bound to its table, column and row, so that it opens nowhere else.
package struct InstallationKeys: Sendable {
    /// One of them.
    private struct Key: Sendable {
        let bytes: [UInt8]
        /// Sixteen hexadecimal digits that name the key and do not tell it.
        let name: String

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            name = String(
                SHA256Digest.hex(of: Array("amptill installation key ".utf8) + bytes).prefix(16))
        }
    }

    private let keys: [Key]

    /// Keys of 64 hexadecimal digits each, parted by commas, blanks or line breaks; nil if one is none or there is none.
    package init?(_ text: String) {
        let words = text.split { $0 == "," || $0.isWhitespace }
        let keys = words.compactMap { hexBytes(String($0)) }.filter { $0.count == AES256GCM.keyLength }
        guard !words.isEmpty, keys.count == words.count else { return nil }
        self.keys = keys.map(Key.init)
    }

    private init(_ key: [UInt8]) { keys = [Key(key)] }

    /// A new key; a store that is opened with it can be read by nobody after this process.
    package static func random() -> InstallationKeys { InstallationKeys(bytes(AES256GCM.keyLength)) }

    /// A new key as it is written in a file: 64 hexadecimal digits.
    package static func newText() -> String { hexText(bytes(AES256GCM.keyLength)) }

    /// The names of the keys, the sealing one first; for people, who must find the right one.
    package var names: [String] { keys.map(\.name) }

    private static func bytes(_ count: Int) -> [UInt8] {
        // The system's generator is one for keys.
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    // MARK: texts

    private static let start = "\"sealed:1:"

    /// Where a value belongs, as the cipher binds it.
    struct Place: Hashable {
        let table: String
        let column: String
        let row: String

        fileprivate var bytes: [UInt8] { Array("\(table).\(column) of \(row)".utf8) }
    }

    /// Whether a text is a sealed value.
    static func isSealed(_ text: String) -> Bool { text.hasPrefix(start) }

    /// Whether a text is sealed with the key that seals now.
    func isCurrent(_ text: String) -> Bool { Self.parts(of: text)?.key == keys[0].name }

    /// A text as it is kept.
    func sealed(_ text: String, for place: Place) -> String {
        let bytes = AES256GCM.sealed(
            Array(text.utf8), key: keys[0].bytes, nonce: Self.bytes(AES256GCM.nonceLength), for: place.bytes)
        guard let bytes else { preconditionFailure("an installation key has 32 bytes") }
        return "\(Self.start)\(keys[0].name):\(hexText(bytes))\""
    }

    /// The text of a sealed value. Throws `wrongKey` if none of the keys sealed it, and `damagedSecret` if it was changed or
    /// comes from another place.
    func opened(_ text: String, for place: Place) throws(StoreError) -> String {
        guard let parts = Self.parts(of: text), let sealed = hexBytes(parts.sealed) else {
            throw .damagedSecret(place.table, place.column, of: place.row)
        }
        guard let key = keys.first(where: { $0.name == parts.key }) else {
            throw .wrongKey(sealedWith: parts.key, given: names)
        }
        guard let text = AES256GCM.opened(sealed, key: key.bytes, for: place.bytes) else {
            throw .damagedSecret(place.table, place.column, of: place.row)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func parts(of text: String) -> (key: String, sealed: String)? {
        guard isSealed(text), text.hasSuffix("\"") else { return nil }
        let words = text.dropFirst(start.count).dropLast().split(separator: ":")
        return words.count == 2 ? (String(words[0]), String(words[1])) : nil
    }
}
