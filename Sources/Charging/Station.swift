// SPDX-License-Identifier: Apache-2.0

/// How a station proves who it is (charging.md §1; OCPP 1.6 security paper, 2.x part 2 A00).
package enum SecurityProfile: Int64, Hashable, Sendable, Codable, CaseIterable {
    /// Not at all: only where the operator allows it.
    case open = 0
    /// Password over an open line.
    case password = 1
    /// Password over TLS 1.2 or later.
    case encrypted = 2
    /// Client certificate over TLS.
    case certificate = 3

    /// Whether the line must be encrypted.
    package var needsEncryption: Bool { self == .encrypted || self == .certificate }
    /// Whether a password must be given.
    package var needsPassword: Bool { self == .password || self == .encrypted }
    /// A station's profile may be raised over OCPP, never lowered (A05.FR.01).
    package func mayBecome(_ other: SecurityProfile) -> Bool { other.rawValue >= rawValue }
}

/// The identity of a station (OCPP-J §3.1, P2 Identity; C4).
package enum StationIdentity {
    /// The identity in the last part of a path, percent-decoded once; nil if it is none.
    ///
    /// 1 to 48 characters, no colon, no slash, no control character, valid UTF-8.
    package static func decoded(_ segment: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self),
            (1...48).contains(text.unicodeScalars.count),
            text.unicodeScalars.allSatisfy({ $0 != ":" && $0 != "/" && !$0.isControl })
        else { return nil }
        return text
    }
}

/// The secret that a station gives with Basic authentication.
package enum StationSecret {
    /// Whether an operator may set this text as a station's password: 16 to 64 visible ASCII characters, of
    /// which 2.0.1 allows 40 (`BasicAuthPassword`, 2.1 part 2 A00).
    package static func isAcceptable(_ text: String, forVersionsBefore21: Bool = true) -> Bool {
        (16...(forVersionsBefore21 ? 40 : 64)).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// What the bytes given may stand for: themselves, and in 1.6, whose key is written as up to 40
    /// hexadecimal digits, the bytes that they spell (1.6 security paper A00; OCPP-J §6.2).
    package static func readings(of given: [UInt8]) -> [[UInt8]] {
        guard (32...40).contains(given.count), given.count.isMultiple(of: 2) else { return [given] }
        let digits = given.compactMap(hexDigit)
        guard digits.count == given.count else { return [given] }
        let spelt = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        return [given, spelt]
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1.
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}
