// SPDX-License-Identifier: Apache-2.0

import Crypto

/// SHA-256 of bytes (FIPS 180-4).
package enum SHA256Digest {
    /// The 32 bytes.
    package static func bytes(of input: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: input)) }
    /// 64 hexadecimal digits, small letters.
    package static func hex(of input: [UInt8]) -> String { hexText(bytes(of: input)) }
    /// As hashes are written everywhere: `sha256:` and the 64 digits.
    package static func text(of input: [UInt8]) -> String { "sha256:" + hex(of: input) }
}

/// HMAC with SHA-256 (RFC 2104).
package enum HMACDigest {
    /// The 32 bytes.
    package static func bytes(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
    /// 64 hexadecimal digits, small letters.
    package static func hex(of message: [UInt8], key: [UInt8]) -> String {
        hexText(bytes(of: message, key: key))
    }
}

/// Ed25519 signatures (RFC 8032), e.g. of checkpoints of the journal.
package enum Ed25519 {
    /// A signature of 64 bytes; nil if the key is not one of 32 bytes.
    package static func signature(of message: [UInt8], privateKey: [UInt8]) -> [UInt8]? {
        // No key of 32 bytes is refused, so an error says that this is none.
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: privateKey) else { return nil }
        // Signing cannot fail with a key that was read.
        return (try? key.signature(for: message)).map { Array($0) }
    }

    /// The public key of a private one; nil if the key is not one of 32 bytes.
    package static func publicKey(of privateKey: [UInt8]) -> [UInt8]? {
        // As above.
        (try? Curve25519.Signing.PrivateKey(rawRepresentation: privateKey)).map {
            Array($0.publicKey.rawRepresentation)
        }
    }

    /// Whether the owner of the public key signed exactly this.
    package static func verifies(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        // What is no public key has signed nothing.
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: message)
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
