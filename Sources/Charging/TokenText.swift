// SPDX-License-Identifier: Apache-2.0

/// The texts by which different readers tell the UID of one card (charging.md §10).
package enum TokenText {
    /// How other readers may tell a UID of hexadecimal digits: its bytes in reverse, with `:` or `-` between them or
    /// without, without leading zeros. A person confirms the one that is seen; while charging nothing is guessed.
    ///
    /// Empty for a text that is no UID of 4 to 10 bytes.
    package static func aliases(of uid: String) -> [String] {
        guard let bytes = bytes(of: uid) else { return [] }
        var texts: [String] = []
        for order in [bytes, bytes.reversed()] {
            let pairs = order.map(hexadecimal)
            texts.append(pairs.joined())
            texts.append(pairs.joined(separator: ":"))
            texts.append(pairs.joined(separator: "-"))
            let shorter = pairs.joined().drop { $0 == "0" }
            if !shorter.isEmpty { texts.append(String(shorter)) }
        }
        let own = PresentedToken.folded(uid)
        var seen: Set<String> = [own]
        return texts.filter { seen.insert($0).inserted }
    }

    /// The bytes that a text of hexadecimal digits spells, separators left out; nil if it is none.
    static func bytes(of uid: String) -> [UInt8]? {
        let digits = PresentedToken.folded(uid).utf8.filter {
            $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "-")
        }
        guard (8...20).contains(digits.count), digits.count.isMultiple(of: 2) else { return nil }
        let values = digits.compactMap(value)
        guard values.count == digits.count else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}
