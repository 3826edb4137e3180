// SPDX-License-Identifier: Apache-2.0

/// Decimal text to integers and back, digit by digit; nothing passes through floating point.
public enum DecimalDigits {
    /// The value of `text` in units of 10^-scale, or nil if it is no decimal number or does not fit exactly.
    ///
    /// Reads an optional sign, digits with an optional point, an optional exponent. `"12345.60"` at scale 3
    /// is 12345600; `"0.0005"` at scale 3 is nil, for a digit would be lost; `"1.5e3"` at scale 0 is 1500.
    public static func fixedPoint(_ text: String, scale: Int) -> Int128? {
        guard let result = fixedPointTowardZero(text, scale: scale), result.isExact else { return nil }
        return result.value
    }

    /// The value of `text` in units of 10^-scale, digits below the unit cut off; nil if it is no number.
    ///
    /// For meters that print more digits than they measure: `"12.3450003"` kWh at scale 6 is 12345000.
    public static func fixedPointTowardZero(_ text: String, scale: Int) -> (value: Int128, isExact: Bool)? {
        var copy = text
        return copy.withUTF8 { fixedPointTowardZero($0, scale: scale) }
    }

    private static func fixedPointTowardZero(
        _ bytes: UnsafeBufferPointer<UInt8>, scale: Int
    ) -> (value: Int128, isExact: Bool)? {
        var reader = Reader(bytes: bytes)
        let negative = reader.sign()
        guard var number = reader.mantissa(), let exponent = reader.exponent(), reader.isAtEnd else {
            return nil
        }
        var isExact = true
        // 10^38 is the largest power in an Int128: what shifts further does not fit, or leaves nothing.
        var shift = exponent - number.fractionDigits + scale
        while shift > 0, number.value != 0 {
            let (product, overflow) = number.value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            number.value = product
            shift -= 1
        }
        while shift < 0, number.value != 0 {
            let (quotient, remainder) = number.value.quotientAndRemainder(dividingBy: 10)
            if remainder != 0 { isExact = false }
            number.value = quotient
            shift += 1
        }
        return (negative ? -number.value : number.value, isExact)
    }

    /// The text of `value` units of 10^-scale: 12345600 at scale 3 is `"12345.600"`.
    public static func text(_ value: Int128, scale: Int) -> String {
        precondition(scale >= 0, "a decimal text has no negative number of decimals")
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
        let sign = value < 0 ? "-" : ""
        guard scale > 0 else { return sign + padded }
        return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
    }

    /// A cursor over the characters of one number.
    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var position = 0

        var isAtEnd: Bool { position == bytes.count }
        var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        /// Whether the number is negative; passes over the sign.
        mutating func sign() -> Bool {
            guard let character = current else { return false }
            let isMinus = character == UInt8(ascii: "-")
            if isMinus || character == UInt8(ascii: "+") { position += 1 }
            return isMinus
        }

        /// The digits before the exponent as one integer, and how many of them stand behind the point.
        mutating func mantissa() -> (value: Int128, fractionDigits: Int)? {
            var value: Int128 = 0
            var digits = 0
            var point: Int?
            // Zeros at the end are held back, so that "1.000…0" with forty of them still fits.
            var heldZeros = 0
            var appended = 0
            while let character = current {
                if character == UInt8(ascii: "."), point == nil {
                    point = digits
                } else if let digit = Self.digit(character) {
                    digits += 1
                    if digit == 0 {
                        heldZeros += 1
                    } else {
                        guard Self.append(zeros: heldZeros, digit, to: &value) else { return nil }
                        appended += heldZeros + 1
                        heldZeros = 0
                    }
                } else {
                    break
                }
                position += 1
            }
            guard digits > 0 else { return nil }
            return (value, appended - (point ?? digits))
        }

        /// The power of ten after `e`; 0 if there is none, nil if it is broken or beyond any use.
        mutating func exponent() -> Int? {
            guard current == UInt8(ascii: "e") || current == UInt8(ascii: "E") else { return 0 }
            position += 1
            let negative = sign()
            var value = 0
            var digits = 0
            while let character = current, let digit = Self.digit(character) {
                value = min(value * 10 + digit, 100_000)
                digits += 1
                position += 1
            }
            guard digits > 0 else { return nil }
            return negative ? -value : value
        }

        private static func digit(_ character: UInt8) -> Int? {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
                ? Int(character - UInt8(ascii: "0")) : nil
        }

        /// Appends zeros and one digit; false when an Int128 has no room. Zeros before the first digit are free.
        private static func append(zeros: Int, _ digit: Int, to value: inout Int128) -> Bool {
            for factor in 0...zeros {
                if value == 0, factor < zeros { continue }
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow else { return false }
                value = product
            }
            let (sum, overflow) = value.addingReportingOverflow(Int128(digit))
            value = sum
            return !overflow
        }
    }
}
