// SPDX-License-Identifier: Apache-2.0

/// A body or query in the form application/x-www-form-urlencoded, fields in the order given.
struct FormText {
    private var parts: [String] = []

    /// Fields whose value is nil are left out.
    init(_ fields: [(String, String?)] = []) {
        for (name, value) in fields { add(name, value) }
    }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        parts.append("\(Self.encoded(name))=\(Self.encoded(value))")
    }

    var text: String { parts.joined(separator: "&") }
    var bytes: [UInt8] { Array(text.utf8) }

    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
