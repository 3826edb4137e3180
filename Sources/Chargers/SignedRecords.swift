// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Digests
import Foundation
import JSONText
import Quantities

/// Card numbers in signed meter records, e.g. as the `ID` of OCMF. A record without one would not be the record that was
/// signed, so it is not kept at all: its hash and the readings beside it are, and a person looks at the bill (decided.md,
/// Reviews and holds).
enum SignedRecords {
    /// The fields that a record comes in: 2.x `signedMeterData`; 1.6 `value` with format `SignedData`.
    private static let fields: Set<String> = ["signedMeterData", "value"]
    /// Shorter texts are no records; a card number in them is taken out like any other.
    private static let shortest = 24

    /// The frame without such records, and the SHA-256 of each, 64 hexadecimal digits.
    static func withholding(_ bytes: [UInt8]) -> (bytes: [UInt8], records: [String]) {
        guard SignedMark.isIn(bytes) else { return (bytes, []) }
        var kept: [UInt8] = []
        var records: [String] = []
        var copied = 0
        for literal in literals(of: bytes) {
            // What is no JSON is no record; the frame is refused for it later.
            guard let text = (try? JSON.parse(Array(bytes[literal])))?.string, holdsCard(text) else {
                continue
            }
            let hash = SHA256Digest.hex(of: Array(text.utf8))
            records.append(hash)
            kept += bytes[copied..<literal.lowerBound]
            kept += Array("\"\(CardNumbers.replacement) sha256:\(hash)\"".utf8)
            copied = literal.upperBound
        }
        return records.isEmpty ? (bytes, []) : (kept + bytes[copied...], records)
    }

    /// Where the values of those fields stand, quotes included, if they are texts and long enough.
    private static func literals(of bytes: [UInt8]) -> [Range<Int>] {
        let quote = UInt8(ascii: "\"")
        var found: [Range<Int>] = []
        var isValue = false
        var place = 0
        while place < bytes.count {
            guard bytes[place] == quote else {
                place += 1
                continue
            }
            var end = place + 1
            while end < bytes.count, bytes[end] != quote { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
            guard end < bytes.count else { return found }
            var next = end + 1
            while next < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[next]) { next += 1 }
            let isName = next < bytes.count && bytes[next] == UInt8(ascii: ":")
            if isValue, !isName, end - place > shortest { found.append(place..<end + 1) }
            isValue = isName && fields.contains(String(decoding: bytes[place + 1..<end], as: UTF8.self))
            place = end + 1
        }
        return found
    }

    /// As it is, in base 64 or hexadecimal digits as 2.x carries it, or so inside a JSON text, as some write it in 1.6.
    private static func holdsCard(_ text: String) -> Bool {
        if CardNumbers.areIn(text) { return true }
        // What is no JSON has nothing inside.
        if let nested = (try? JSON.parse(Array(text.utf8)))?["signedMeterData"]?.string {
            return holdsCard(nested)
        }
        if let plain = hexBytes(text) { return CardNumbers.areIn(plain) }
        let plain = Data(base64Encoded: text, options: .ignoreUnknownCharacters)
        return plain.map { CardNumbers.areIn(Array($0)) } ?? false
    }
}

extension StationMessage {
    /// The same with the fact that these records were not kept.
    func withholding(_ records: [String], at now: Instant) -> StationMessage {
        let facts = records.map { Fact(.withheld(record: $0), measuredAt: nil, receivedAt: now) }
        switch self {
        case .transaction(var report) where !facts.isEmpty:
            report.facts += facts
            return .transaction(report)
        case .readings(let evse, let told) where !facts.isEmpty:
            return .readings(evse: evse, facts: told + facts)
        default: return self
        }
    }
}
