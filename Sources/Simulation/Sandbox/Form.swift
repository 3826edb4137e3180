// SPDX-License-Identifier: Apache-2.0

/// A form as a browser or a Stripe client sends it (application/x-www-form-urlencoded), and a query string.
struct Form: Sendable {
    /// In order of appearance.
    private(set) var fields: [(name: String, value: String)] = []

    init(_ body: [UInt8]) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let sides = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            fields.append((Self.decoded(Array(sides[0])), Self.decoded(Array(sides[1]))))
        }
    }

    /// The last value of that name.
    subscript(name: String) -> String? { fields.last { $0.name == name }?.value }

    private static func decoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                result.append(32)
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let pair = String(validating: rest.prefix(2), as: UTF8.self),
                let value = UInt8(pair, radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
