// SPDX-License-Identifier: Apache-2.0
import JSONText
import Testing

@Suite("Decimal text")
struct DecimalDigitsTests {
    @Test(
        "decimal text becomes an exact integer of its smallest unit",
        arguments: [
            ("0", 3, 0), ("12345.6", 3, 12_345_600), ("-0.001", 3, -1), ("+7", 0, 7), ("007", 0, 7),
            ("1.5e3", 0, 1500), ("15E-1", 1, 15), ("1.0000000000000000000000000000000000000000000000", 0, 1),
            (".5", 1, 5), ("5.", 1, 50), ("0e99999", 0, 0), ("1000000000", 3, 1_000_000_000_000),
            ("0.000000001", 9, 1), ("100e-2", 0, 1),
        ] as [(String, Int, Int128)])
    func exact(text: String, scale: Int, value: Int128) {
        #expect(DecimalDigits.fixedPoint(text, scale: scale) == value, "\(text)")
    }

    @Test(
        "what is no number, loses digits or does not fit is nothing",
        arguments: [
            "", " 1", "1 ", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x1", "NaN", "1,5", "0.0001", "1e60",
            "1e-30", "1e99999999999999999999", "340282366920938463463374607431768211456", "１",
        ])
    func refused(text: String) {
        #expect(DecimalDigits.fixedPoint(text, scale: 3) == nil, "\(text)")
    }

    @Test("digits below the unit can be cut off, and it is said")
    func towardZero() {
        let meter = DecimalDigits.fixedPointTowardZero("12.3450003", scale: 6)
        let negative = DecimalDigits.fixedPointTowardZero("-0.0009", scale: 3)
        let exact = DecimalDigits.fixedPointTowardZero("1.500", scale: 3)

        #expect(meter?.value == 12_345_000 && meter?.isExact == false)
        #expect(negative?.value == 0 && negative?.isExact == false)
        #expect(exact?.value == 1500 && exact?.isExact == true)
        #expect(DecimalDigits.fixedPointTowardZero("1e60", scale: 3) == nil)
    }

    @Test("an integer is written with all decimals of its scale")
    func written() {
        #expect(DecimalDigits.text(12_345_600, scale: 3) == "12345.600")
        #expect(DecimalDigits.text(-5, scale: 2) == "-0.05")
        #expect(DecimalDigits.text(0, scale: 2) == "0.00")
        #expect(DecimalDigits.text(42, scale: 0) == "42")
        #expect(DecimalDigits.text(.min, scale: 0) == "-170141183460469231731687303715884105728")
    }

    @Test("text and value are two forms of one thing")
    func roundTrip() {
        let seed: UInt64 = 20_261
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            let value = Int128(Int64.random(in: .min ... .max, using: &random))
            let scale = Int.random(in: 0...12, using: &random)
            let text = DecimalDigits.text(value, scale: scale)
            #expect(DecimalDigits.fixedPoint(text, scale: scale) == value, "seed \(seed): \(text)")
        }
    }
}
