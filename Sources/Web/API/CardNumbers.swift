// SPDX-License-Identifier: Apache-2.0
import JSONText

/// Finds card numbers in what clients send. No card number ever enters the system (product.md).
enum CardNumbers {
    /// Fields whose values look like card numbers by nature and never are: telephone numbers and the UIDs of RFID cards.
    private static let exempt: Set<String> = ["support_phone", "uid", "vat_id"]

    /// Refuses a document that holds one anywhere; the answer names the place and never the number.
    static func refuse(in value: JSON, at place: JSONPointer = .root) throws(Problem) {
        switch value {
        case .string(let text), .number(let text):
            guard isCardNumber(text) else { return }
            throw Problem(
                .cardNumberInRequest, "This looks like a card number. Nothing was stored.", at: place)
        case .array(let values):
            for (index, value) in values.enumerated() { try refuse(in: value, at: place.appending(index)) }
        case .object(let members):
            for member in members where !exempt.contains(member.key) {
                let place = place.appending(member.key)
                if isCardNumber(member.key) {
                    throw Problem(.cardNumberInRequest, "A key looks like a card number. Nothing was stored.")
                }
                try refuse(in: member.value, at: place)
            }
        case .null, .bool: return
        }
    }

    /// Whether somewhere in the text stand 13 to 19 digits, blanks and hyphens between them allowed, that begin like a
    /// card number (ISO/IEC 7812: 2 to 6) and whose last digit checks the others (Luhn).
    static func isCardNumber(_ text: String) -> Bool {
        var run: [UInt8] = []
        var isBroken = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): run.append(byte - 48)
            case UInt8(ascii: " "), UInt8(ascii: "-"):
                // A blank parts a word from the digits after it; within digits it is only layout.
                if run.isEmpty { isBroken = false }
            default:
                if !isBroken, isCard(run) { return true }
                run = []
                // Digits inside a word (an id, a hash) are no card number.
                isBroken = isWordCharacter(byte)
                continue
            }
        }
        return !isBroken && isCard(run)
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "+")
    }

    private static func isCard(_ digits: [UInt8]) -> Bool {
        guard (13...19).contains(digits.count), let first = digits.first, (2...6).contains(first) else {
            return false
        }
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let weighted = index.isMultiple(of: 2) ? Int(digit) : 2 * Int(digit)
            sum += weighted > 9 ? weighted - 9 : weighted
        }
        return sum.isMultiple(of: 10)
    }
}
