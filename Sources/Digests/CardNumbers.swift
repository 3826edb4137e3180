// SPDX-License-Identifier: Apache-2.0

/// Finds card numbers in texts, so that none is ever stored or logged (payments.md §11, I29).
///
/// A card number is 13 to 19 digits, blanks and hyphens between them allowed, that begin like a card of a known issuer
/// (ISO/IEC 7812) and whose last digit checks the others (Luhn). Digits inside a word, such as an id or a hash, are none.
package enum CardNumbers {
    /// What stands in the place of one.
    package static let replacement = "[card number removed]"

    /// Whether there is one in the text.
    package static func areIn(_ text: String) -> Bool { !ranges(in: Array(text.utf8)).isEmpty }

    /// Whether there is one in the bytes of a text.
    package static func areIn(_ bytes: [UInt8]) -> Bool { !ranges(in: bytes).isEmpty }

    /// The text without them.
    package static func removed(from text: String) -> String {
        guard text.utf8.count >= 13 else { return text }
        let bytes = Array(text.utf8)
        let found = ranges(in: bytes)
        return found.isEmpty ? text : String(decoding: removed(from: bytes, found), as: UTF8.self)
    }

    /// The bytes of a text without them, but for what stands before `start`.
    package static func removed(from bytes: [UInt8], after start: Int = 0) -> [UInt8] {
        let found = ranges(in: bytes, after: start)
        return found.isEmpty ? bytes : removed(from: bytes, found)
    }

    private static func removed(from bytes: [UInt8], _ found: [Range<Int>]) -> [UInt8] {
        var result: [UInt8] = []
        var place = 0
        for range in found {
            result += bytes[place..<range.lowerBound]
            result += Array(replacement.utf8)
            place = range.upperBound
        }
        return result + bytes[place...]
    }

    /// Where they are, first to last.
    private static func ranges(in bytes: [UInt8], after start: Int = 0) -> [Range<Int>] {
        guard hasLongNumber(bytes) else { return [] }
        var found: [Range<Int>] = []
        var groups: [Range<Int>] = []
        var place = start
        // Digits that follow a letter belong to a word.
        var isInWord = false
        // A plus sign begins a telephone number.
        var isPhone = false
        while place < bytes.count {
            let byte = bytes[place]
            if isDigit(byte) {
                let start = place
                while place < bytes.count, isDigit(bytes[place]) { place += 1 }
                if groups.isEmpty, start > 0, bytes[start - 1] == UInt8(ascii: "+") { isPhone = true }
                if !isInWord { groups.append(start..<place) }
            } else {
                if isSeparator(byte), !groups.isEmpty, groups.last?.upperBound == place {
                    // One separator between digits is layout; a second one parts them.
                    let next = place + 1
                    if next < bytes.count, isDigit(bytes[next]) {
                        place = next
                        continue
                    }
                }
                if isWordCharacter(byte), groups.last?.upperBound == place { groups.removeLast() }
                found += cards(in: groups, bytes, isPhone: isPhone)
                groups = []
                isPhone = false
                isInWord = isWordCharacter(byte)
                place += 1
            }
        }
        return found + cards(in: groups, bytes, isPhone: isPhone)
    }

    /// Whether 13 digits follow each other, with at most one separator between two of them: nearly nothing has that, and
    /// every message of every station passes here.
    private static func hasLongNumber(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var digits = 0
            var isApart = false
            for byte in bytes {
                if isDigit(byte) {
                    digits += 1
                    if digits == 13 { return true }
                    isApart = false
                } else if isSeparator(byte), !isApart {
                    isApart = true
                } else {
                    digits = 0
                    isApart = false
                }
            }
            return false
        }
    }

    /// The runs of whole groups that are card numbers: digits beside one do not hide it.
    private static func cards(in groups: [Range<Int>], _ bytes: [UInt8], isPhone: Bool) -> [Range<Int>] {
        // A telephone number has at most 15 digits (E.164); what is longer is none.
        if isPhone, groups.reduce(0, { $0 + $1.count }) <= 15 { return [] }
        var found: [Range<Int>] = []
        var first = 0
        search: while first < groups.count {
            var digits: [UInt8] = []
            for last in first..<groups.count {
                digits += bytes[groups[last]].map { $0 - 48 }
                if digits.count > 19 { break }
                if digits.count >= 13, isCard(digits) {
                    found.append(groups[first].lowerBound..<groups[last].upperBound)
                    first = last + 1
                    continue search
                }
            }
            first += 1
        }
        return found
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 32 || byte == 45 }
    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
            || byte >= 0x80
    }

    private static func isCard(_ digits: [UInt8]) -> Bool {
        let start = digits.prefix(6).reduce(0) { $0 * 10 + Int($1) }
        guard issuers.contains(where: { $0.begins(start) && $0.lengths.contains(digits.count) }) else {
            return false
        }
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let weighted = index.isMultiple(of: 2) ? Int(digit) : 2 * Int(digit)
            sum += weighted > 9 ? weighted - 9 : weighted
        }
        return sum.isMultiple(of: 10)
    }

    /// A range of first six digits, and how long numbers in it are.
    private struct Issuer {
        let from: Int
        let to: Int
        let lengths: ClosedRange<Int>

        func begins(_ start: Int) -> Bool { (from...to).contains(start) }
    }

    /// As the networks publish them; where two overlap either is enough.
    private static let issuers = [
        Issuer(from: 400_000, to: 499_999, lengths: 13...19),  // Visa
        Issuer(from: 510_000, to: 559_999, lengths: 16...16),  // Mastercard
        Issuer(from: 222_100, to: 272_099, lengths: 16...16),  // Mastercard
        Issuer(from: 340_000, to: 349_999, lengths: 15...15),  // American Express
        Issuer(from: 370_000, to: 379_999, lengths: 15...15),  // American Express
        Issuer(from: 300_000, to: 305_999, lengths: 14...19),  // Diners Club
        Issuer(from: 309_500, to: 309_599, lengths: 14...19),  // Diners Club
        Issuer(from: 360_000, to: 369_999, lengths: 14...19),  // Diners Club
        Issuer(from: 380_000, to: 399_999, lengths: 14...19),  // Diners Club
        Issuer(from: 352_800, to: 358_999, lengths: 16...19),  // JCB
        Issuer(from: 500_000, to: 509_999, lengths: 13...19),  // Maestro
        Issuer(from: 560_000, to: 589_999, lengths: 13...19),  // Maestro
        Issuer(from: 600_000, to: 699_999, lengths: 13...19),  // Discover, UnionPay, Maestro, RuPay
        Issuer(from: 220_000, to: 220_499, lengths: 16...19),  // Mir
        Issuer(from: 810_000, to: 829_999, lengths: 16...19),  // UnionPay, RuPay
        Issuer(from: 979_200, to: 979_299, lengths: 16...16),  // Troy
    ]
}
