// SPDX-License-Identifier: Apache-2.0

/// A price per kilowatt-hour, per hour or per session: a whole number of billionths of the currency's major unit.
///
/// 0.49 €/kWh is 490,000,000. Index prices need more digits than millionths (tariffs.md §4.1).
public struct Rate: Hashable, Sendable, Comparable {
    /// Billionths of the major unit per unit of the dimension.
    public let billionths: Int64

    /// So many billionths of the major unit.
    public init(billionths: Int64) { self.billionths = billionths }

    /// Costs nothing.
    public static let zero = Rate(billionths: 0)

    /// Compares prices.
    public static func < (left: Rate, right: Rate) -> Bool { left.billionths < right.billionths }

    /// The price as a decimal text without trailing zeros, e.g. `0.49`.
    public var decimal: String { fixedPointText(Int128(billionths), scale: 9) }

    /// Reads a decimal text such as `0.49`; nil if it has more than nine decimals or is no number.
    public init?(decimal text: String) {
        guard let value = fixedPoint(text, scale: 9) else { return nil }
        billionths = value
    }
}

extension Rate: Codable {
    /// Reads billionths.
    public init(from decoder: any Decoder) throws {
        billionths = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes billionths.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(billionths)
    }
}

/// A decimal text as a whole number of `10^-scale`, e.g. `"12345.6"` at scale 3 is 12,345,600.
///
/// Nil if the text is no plain decimal number, has more decimals than `scale` (zeros aside), or does not fit.
public func fixedPoint(_ text: String, scale: Int) -> Int64? {
    var value: Int64 = 0
    var decimals: Int?
    var hasDigits = false
    let negative = text.utf8.first == UInt8(ascii: "-")
    for byte in text.utf8.dropFirst(negative ? 1 : 0) {
        if byte == UInt8(ascii: "."), decimals == nil {
            decimals = 0
            continue
        }
        guard (48...57).contains(byte) else { return nil }
        hasDigits = true
        if let count = decimals, count == scale {
            guard byte == 48 else { return nil }
            continue
        }
        decimals = decimals.map { $0 + 1 }
        guard let longer = appending(byte - 48, to: value, negative: negative) else { return nil }
        value = longer
    }
    guard hasDigits, text.utf8.last != UInt8(ascii: ".") else { return nil }
    for _ in 0..<(scale - (decimals ?? 0)) {
        guard let longer = appending(0, to: value, negative: negative) else { return nil }
        value = longer
    }
    return value
}

private func appending(_ digit: UInt8, to value: Int64, negative: Bool) -> Int64? {
    let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
    let step = negative ? -Int64(digit) : Int64(digit)
    let (sum, carry) = tenfold.addingReportingOverflow(step)
    return overflow || carry ? nil : sum
}

/// The decimal text of `value × 10^-scale` without trailing zeros and without an exponent, e.g. `-0.05`.
public func fixedPointText(_ value: Int128, scale: Int) -> String {
    let digits = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
    var fraction = Substring(padded.suffix(scale))
    while fraction.last == "0" { fraction.removeLast() }
    let whole = padded.dropLast(scale)
    return (value < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
}
