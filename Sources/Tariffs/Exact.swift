// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// An unrounded rational number, always reduced: numerator over a denominator greater than zero.
///
/// Costs and totals are kept so until they are rounded once (tariffs.md §4.1).
public struct Exact: Hashable, Sendable {
    /// What is divided.
    public let numerator: Int128
    /// What it is divided by; greater than zero and without a common factor.
    public let denominator: Int128

    /// Zero.
    public static let zero = Exact(reduced: 0, 1)
    /// One.
    static let one = Exact(reduced: 1, 1)

    /// A quotient; the divisor must be greater than zero and the dividend not the smallest Int128.
    public init(_ numerator: Int128, over denominator: Int128) {
        precondition(denominator > 0 && numerator != .min, "a fraction is written over a positive number")
        let divisor = Int128(greatestCommonDivisor(numerator.magnitude, denominator.magnitude))
        self.init(reduced: numerator / divisor, denominator / divisor)
    }

    /// A price or bound in the major unit.
    public init(_ rate: Rate) { self.init(Int128(rate.billionths), over: 1_000_000_000) }

    private init(reduced numerator: Int128, _ denominator: Int128) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The exact opposite.
    public static prefix func - (value: Exact) -> Exact {
        Exact(reduced: -value.numerator, value.denominator)
    }

    /// The number of minor units, rounded half away from zero once (`line-half-up/1`, rule 3).
    public func minorUnits(of currency: Currency) -> Int64 {
        let (whole, roundsUp) = scaledMagnitude(by: UInt128(currency.minorUnitsPerMajor))
        let rounded = Int64(whole) + (roundsUp ? 1 : 0)
        return numerator < 0 ? -rounded : rounded
    }

    /// The product with a whole number, rounded half away from zero; at most the largest Int64.
    func halfUp(times factor: Int64) -> Int64 {
        let (whole, roundsUp) = scaledMagnitude(by: UInt128(factor.magnitude))
        let rounded = Int64(clamping: whole) + (roundsUp && whole < UInt128(Int64.max) ? 1 : 0)
        return (numerator < 0) != (factor < 0) ? -rounded : rounded
    }

    /// The size in millionths, cut, at most the largest Int64.
    var millionthsMagnitude: Int64 { Int64(clamping: scaledMagnitude(by: 1_000_000).whole) }

    /// The magnitude times a factor up to 10^18, as its whole part and whether the rest is half or more.
    private func scaledMagnitude(by factor: UInt128) -> (whole: UInt128, roundsUp: Bool) {
        let divisor = denominator.magnitude
        let (whole, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
        // The rest is below the divisor, so the quotient of the wide product is below the factor.
        let (digits, remainder) = divisor.dividingFullWidth(rest.multipliedFullWidth(by: factor))
        return (whole * factor + digits, remainder >= divisor - remainder)
    }
}

/// Greatest common divisor by halving and subtracting; much faster than dividing 128-bit numbers.
private func greatestCommonDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
    guard first != 0 else { return second }
    guard second != 0 else { return first }
    let shift = UInt128(min(first.trailingZeroBitCount, second.trailingZeroBitCount))
    var left = first >> UInt128(first.trailingZeroBitCount)
    var right = second >> UInt128(second.trailingZeroBitCount)
    // Both are odd from here on, and what remains soon fits into one word, where halving is cheap.
    while left > UInt128(UInt64.max), right > UInt128(UInt64.max) {
        if left == right { return left << shift }
        if left < right { swap(&left, &right) }
        left -= right
        left >>= UInt128(left.trailingZeroBitCount)
    }
    if left > right { swap(&left, &right) }
    let word = UInt64(truncatingIfNeeded: left)
    return UInt128(oddDivisor(word, UInt64(truncatingIfNeeded: right % left))) << shift
}

/// The same of an odd number and any other, in one word each.
private func oddDivisor(_ odd: UInt64, _ other: UInt64) -> UInt64 {
    var (left, right) = (odd, other)
    while right != 0 {
        right >>= UInt64(right.trailingZeroBitCount)
        if left > right { swap(&left, &right) }
        right -= left
    }
    return left
}

extension Exact {
    /// The sum. Where it does not fit into 128 bits both are rounded to 18 decimals first, and `isReduced` is
    /// set.
    func plus(_ other: Exact, precisionReduced isReduced: inout Bool) -> Exact {
        let shared = Int128(greatestCommonDivisor(denominator.magnitude, other.denominator.magnitude))
        let (left, first) = numerator.multipliedReportingOverflow(by: other.denominator / shared)
        let (right, second) = other.numerator.multipliedReportingOverflow(by: denominator / shared)
        let (sum, third) = left.addingReportingOverflow(right)
        let (base, fourth) = denominator.multipliedReportingOverflow(by: other.denominator / shared)
        if !first, !second, !third, !fourth, sum != .min { return Exact(sum, over: base) }
        isReduced = true
        return Exact(eighteenDecimals + other.eighteenDecimals, over: Self.quintillion)
    }

    /// The difference.
    func minus(_ other: Exact, precisionReduced isReduced: inout Bool) -> Exact {
        plus(-other, precisionReduced: &isReduced)
    }

    /// The product. Where it does not fit both are rounded to 18 decimals first, and `isReduced` is set.
    func times(_ other: Exact, precisionReduced isReduced: inout Bool) -> Exact {
        let left = Exact(numerator, over: other.denominator)
        let right = Exact(other.numerator, over: denominator)
        let (product, first) = left.numerator.multipliedReportingOverflow(by: right.numerator)
        let (base, second) = left.denominator.multipliedReportingOverflow(by: right.denominator)
        if !first, !second, product != .min { return Exact(reduced: product, base) }
        isReduced = true
        let (high, low) = eighteenDecimals.magnitude.multipliedFullWidth(by: other.eighteenDecimals.magnitude)
        let divisor = Self.quintillion.magnitude
        // Prices of sessions are below 10^12 and rates of tax below 2: a larger product cannot come up.
        guard high < divisor else { return self }
        let (digits, rest) = divisor.dividingFullWidth((high, low))
        let rounded = Int128(truncatingIfNeeded: digits + (rest >= divisor - rest ? 1 : 0))
        return Exact((numerator < 0) != (other.numerator < 0) ? -rounded : rounded, over: Self.quintillion)
    }

    /// The reciprocal; nil of zero.
    var reciprocal: Exact? {
        guard numerator != 0 else { return nil }
        return Exact(
            reduced: numerator < 0 ? -denominator : denominator, Int128(numerator.magnitude))
    }

    private static let quintillion: Int128 = 1_000_000_000_000_000_000

    /// The value in units of 10^-18, rounded half away from zero.
    private var eighteenDecimals: Int128 {
        let (whole, roundsUp) = scaledMagnitude(by: Self.quintillion.magnitude)
        let rounded = Int128(whole) + (roundsUp ? 1 : 0)
        return numerator < 0 ? -rounded : rounded
    }

    /// Compares values.
    func isLess(than other: Exact) -> Bool {
        let (ours, first) = numerator.multipliedReportingOverflow(by: other.denominator)
        let (theirs, second) = other.numerator.multipliedReportingOverflow(by: denominator)
        return first || second ? eighteenDecimals < other.eighteenDecimals : ours < theirs
    }
}

extension Exact {
    /// The unrounded value without trailing zeros and without an exponent.
    ///
    /// A value that does not end is given with 12 fraction digits, half up (tariffs.md §8).
    public var decimal: String {
        guard let digits = terminatingDigits else { return decimal(maximumFractionDigits: 12) }
        var text = String(numerator.magnitude / denominator.magnitude)
        if numerator < 0 { text = "-" + text }
        guard digits > 0 else { return text }
        text += "."
        var rest = numerator.magnitude % denominator.magnitude
        for _ in 0..<digits {
            let (digit, remainder) = denominator.magnitude.dividingFullWidth(rest.multipliedFullWidth(by: 10))
            text += String(digit)
            rest = remainder
        }
        return text
    }

    /// The value rounded half up to so many fraction digits, at most 18, trailing zeros trimmed.
    public func decimal(maximumFractionDigits digits: Int) -> String {
        var factor: UInt128 = 1
        for _ in 0..<min(digits, 18) { factor *= 10 }
        let (whole, roundsUp) = scaledMagnitude(by: factor)
        let rounded = Int128(whole) + (roundsUp ? 1 : 0)
        return fixedPointText(numerator < 0 ? -rounded : rounded, scale: min(digits, 18))
    }

    /// How many decimals the value has, or nil if they never end.
    private var terminatingDigits: Int? {
        var rest = denominator.magnitude
        let twos = rest.trailingZeroBitCount
        rest >>= UInt128(twos)
        var fives = 0
        while rest.isMultiple(of: 5) {
            rest /= 5
            fives += 1
        }
        return rest == 1 ? max(twos, fives) : nil
    }
}

extension Exact: CustomStringConvertible, LosslessStringConvertible, Codable {
    /// `p/q` in lowest terms, or `p` alone for a whole number.
    public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }

    /// Reads `p/q` or `p`; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let numerator = Int128(parts[0]), numerator != .min,
            let denominator = parts.count == 2 ? Int128(parts[1]) : 1, denominator > 0
        else { return nil }
        self.init(numerator, over: denominator)
    }

    /// Reads `p/q`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Exact(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is no fraction")
        }
        self = value
    }

    /// Writes `p/q`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
