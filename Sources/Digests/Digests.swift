// SPDX-License-Identifier: Apache-2.0

import Crypto

/// SHA-256 of bytes (FIPS 180-4).
package enum SHA256Digest {
    /// The 32 bytes.
    package static func bytes(of input: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: input)) }
    /// 64 hexadecimal digits, small letters.
    package static func hex(of input: [UInt8]) -> String { hexText(bytes(of: input)) }
}

/// HMAC with SHA-256 (RFC 2104).
package enum HMACDigest {
    /// 64 hexadecimal digits, small letters.
    package static func hex(of message: [UInt8], key: [UInt8]) -> String {
        hexText(Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))))
    }
}

/// Whether two texts of bytes are the same, in a time that does not tell where they differ.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(left, right) { difference |= a ^ b }
    return difference == 0
}

/// Bytes as hexadecimal digits, small letters.
package func hexText(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
