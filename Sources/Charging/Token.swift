// SPDX-License-Identifier: Apache-2.0

/// Rules about the texts that identify drivers to stations.
package enum Token {
    /// A one-time token for a guest's start: `A` and 19 characters (charging.md §9); 20 are all that OCPP 1.6 allows.
    package static func paymentUID(from high: UInt64, _ low: UInt64) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        let bits = UInt128(high) << 64 | UInt128(low)
        let characters = (0..<19).map { alphabet[Int((bits >> UInt128(5 * $0)) & 31)] }
        return "A" + String(decoding: characters, as: UTF8.self)
    }
}

/// The identity of a station (OCPP-J §3.1, P2 Identity; C4).
package enum StationIdentity {
    /// The identity in the last part of a path, percent-decoded once; nil if it is none.
    ///
    /// 1 to 48 characters, no colon, no slash, no control character, valid UTF-8.
    package static func decoded(_ segment: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(segment.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let high = hexDigit(rest.removeFirst()),
                let low = hexDigit(rest.removeFirst())
            else { return nil }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self),
            (1...48).contains(text.unicodeScalars.count),
            text.unicodeScalars.allSatisfy({
                $0 != ":" && $0 != "/" && $0.properties.generalCategory != .control
            })
        else { return nil }
        return text
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
