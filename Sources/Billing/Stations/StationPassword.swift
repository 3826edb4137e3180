// SPDX-License-Identifier: Apache-2.0

import Digests

/// A station's password, as it is kept: salted and hashed, never itself.
///
/// We make these passwords ourselves (20 random characters, charging.md §1), so nobody can try them one by one and
/// a plain SHA-256 with a salt is enough; a slow hash would only slow down thousands of stations coming back at once.
package enum StationPassword {
    /// Twenty random characters, 100 bits; as many as OCPP 1.6 and 2.0.1 both take (charging.md §1).
    package static func make(from ids: IDSource) -> String { String(ids.secret().prefix(20)) }

    /// What to store: `sha256$<salt>$<hex>`.
    package static func hash(_ password: [UInt8], salt: String) -> String {
        "sha256$\(salt)$\(SHA256Digest.hex(of: Array(salt.utf8) + password))"
    }

    /// Whether the password is the stored one. Of a 1.6 key one side may know the bytes and the other the hexadecimal digits
    /// that stand for them: both are tried (1.6 security paper A00; OCPP-J §6.2).
    package static func matches(_ password: [UInt8], stored: String) -> Bool {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "sha256" else { return false }
        let candidates = [password] + (hexadecimal(password).map { [$0] } ?? []) + digits(password)
        return candidates.contains { candidate in
            constantTimeEquals(Array(hash(candidate, salt: String(parts[1])).utf8), Array(stored.utf8))
        }
    }

    /// The digits that stand for a key, in small letters and in capitals; none of what is no key.
    private static func digits(_ key: [UInt8]) -> [[UInt8]] {
        guard (16...20).contains(key.count) else { return [] }
        return ["0123456789abcdef", "0123456789ABCDEF"].map { letters in
            let letters = Array(letters.utf8)
            return key.flatMap { [letters[Int($0 >> 4)], letters[Int($0 & 15)]] }
        }
    }

    /// The bytes that up to 40 hexadecimal digits stand for; nil if it is something else.
    private static func hexadecimal(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 2), (2...40).contains(text.count) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let pair = String(validating: text[index..<index + 2], as: UTF8.self),
                let byte = UInt8(pair, radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
