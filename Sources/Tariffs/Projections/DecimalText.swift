// SPDX-License-Identifier: Apache-2.0

/// A decimal number as text, read exactly at a scale; finer digits are rounded half even, and that is said.
struct DecimalText {
    /// The number in units of 10^-scale.
    let value: Int128
    /// Whether digits were lost.
    let isRounded: Bool

    /// Why a text has no value here.
    enum Failure: Error {
        /// Not in the grammar of RFC 8259 §6: `NaN`, `5,0`, `0x10`, `+1`.
        case notDecimal
        /// Too large for any field.
        case tooLarge
    }

    /// Reads a text in units of 10^-scale.
    init(_ text: String, scale: Int) throws(Failure) {
        var copy = text
        let found = copy.withUTF8 { bytes in
            var scanner = Scanner(bytes: bytes)
            return scanner.number()
        }
        guard let number = found else { throw .notDecimal }
        let shift = number.exponent + scale
        var magnitude = number.digits
        var isRounded = number.hasDropped
        if magnitude == 0 {
            (value, self.isRounded) = (0, isRounded)
            return
        }
        if shift >= 0 {
            for _ in 0..<min(shift, 40) {
                let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                guard !overflow else { throw .tooLarge }
                magnitude = product
            }
            guard shift < 40 else { throw .tooLarge }
        } else {
            let (quotient, lost) = Self.rounded(magnitude, byTenTo: -shift, hasDropped: number.hasDropped)
            (magnitude, isRounded) = (quotient, lost)
        }
        guard let exact = Int128(exactly: magnitude) else { throw .tooLarge }
        value = number.isNegative ? -exact : exact
        self.isRounded = isRounded
    }

    /// Divides by a power of ten, half to even; `hasDropped` is a speck above the last digit.
    private static func rounded(_ magnitude: UInt128, byTenTo power: Int, hasDropped: Bool)
        -> (UInt128, lost: Bool)
    {
        // 10^38 is the largest power in 128 bits; what is smaller than half of it is zero.
        guard power <= 38 else { return (0, true) }
        var divisor: UInt128 = 1
        for _ in 0..<power { divisor *= 10 }
        let (quotient, rest) = magnitude.quotientAndRemainder(dividingBy: divisor)
        guard rest != 0 || hasDropped else { return (quotient, false) }
        let missing = divisor - rest
        if rest == missing, !hasDropped { return (quotient + quotient % 2, true) }
        return (rest >= missing ? quotient + 1 : quotient, true)
    }

    /// What a text says: `digits × 10^exponent`.
    private struct Number {
        var isNegative = false
        var digits: UInt128 = 0
        var exponent = 0
        /// Whether digits other than zero came after those that fit.
        var hasDropped = false
    }

    private struct Scanner {
        let bytes: UnsafeBufferPointer<UInt8>
        var position = 0

        var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skip(_ byte: UInt8) -> Bool {
            guard current == byte else { return false }
            position += 1
            return true
        }

        mutating func number() -> Number? {
            var number = Number()
            number.isNegative = skip(UInt8(ascii: "-"))
            let startsWithZero = current == UInt8(ascii: "0")
            let count = digits(into: &number, isFraction: false)
            guard count > 0, count == 1 || !startsWithZero else { return nil }
            if skip(UInt8(ascii: ".")) {
                guard digits(into: &number, isFraction: true) > 0 else { return nil }
            }
            if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
                guard let exponent = exponent() else { return nil }
                number.exponent += exponent
            }
            return position == bytes.count ? number : nil
        }

        /// Reads digits; those beyond 37 significant ones only shift the exponent.
        private mutating func digits(into number: inout Number, isFraction: Bool) -> Int {
            let start = position
            while let byte = current, (48...57).contains(byte) {
                position += 1
                if number.digits < 1_000_000_000_000_000_000_000_000_000_000_000_000 {
                    number.digits = number.digits * 10 + UInt128(byte - 48)
                    if isFraction { number.exponent -= 1 }
                } else {
                    number.hasDropped = number.hasDropped || byte != 48
                    if !isFraction { number.exponent += 1 }
                }
            }
            return position - start
        }

        private mutating func exponent() -> Int? {
            let isNegative = skip(UInt8(ascii: "-"))
            if !isNegative { _ = skip(UInt8(ascii: "+")) }
            let start = position
            var value = 0
            while let byte = current, (48...57).contains(byte) {
                // Far beyond any use already; a longer exponent must not overflow.
                value = min(value * 10 + Int(byte - 48), 1_000_000)
                position += 1
            }
            guard position > start else { return nil }
            return isNegative ? -value : value
        }
    }
}
