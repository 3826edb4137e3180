// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Testing

@Suite("Texts of quantities and rates")
struct QuantityTextTests {
    @Test(
        "energy is shown in kWh with three decimals, rounded half up once",
        arguments: [
            (37_490_000, "37.490 kWh", 37_490), (500, "0.001 kWh", 1), (499, "0.000 kWh", 0),
            (-1_500_500, "-1.501 kWh", -1501), (0, "0.000 kWh", 0), (999_999_500, "1000.000 kWh", 1_000_000),
            (Int64.max, "9223372036854.776 kWh", 9_223_372_036_854_776),
        ] as [(Int64, String, Int64)])
    func energy(milliwattHours: Int64, text: String, wattHours: Int64) {
        let energy = Energy(milliwattHours: milliwattHours)

        #expect(energy.description == text)
        #expect(energy.wattHours == wattHours)
    }

    @Test("units of energy and power")
    func units() {
        #expect(Energy(wattHours: 1) == Energy(milliwattHours: 1000))
        #expect(Energy(kilowattHours: 1) == Energy(milliwattHours: 1_000_000))
        #expect(Energy(wattHours: 3) - Energy(wattHours: 1) + .zero == Energy(wattHours: 2))
        #expect(Power(watts: 11_000).milliwatts == 11_000_000)
        #expect(Power(milliwatts: 1500).watts == 2)
        #expect(Current(microamperes: 1) < Current(microamperes: 2))
    }

    @Test("F57 energy that outgrows its integer traps")
    func traps() async {
        await #expect(processExitsWith: .failure) {
            _ = Energy(milliwattHours: .max) + Energy(milliwattHours: 1)
        }
        await #expect(processExitsWith: .failure) { _ = Energy(kilowattHours: .max) }
    }

    @Test(
        "a decimal text is read exactly or not at all",
        arguments: [
            ("0.49", 9, 490_000_000), ("-0.05", 9, -50_000_000), ("12345.6", 3, 12_345_600), ("7", 0, 7),
            ("0.10", 1, 1), ("1.0000", 0, 1), ("-0", 3, 0), ("00012", 0, 12),
            ("9223372036854775807", 0, .max), ("-9223372036854775808", 0, .min),
            ("9223372036.854775807", 9, .max), ("-9223372036.854775808", 9, .min),
            ("9223372036854775808", 0, nil), ("-9223372036854775809", 0, nil),
            ("9223372036.854775808", 9, nil),
            ("922337203685477580800", 0, nil), ("0.0000000001", 9, nil), ("1.5", 0, nil), ("", 0, nil),
            ("-", 0, nil),
            (".", 0, nil), ("5.", 0, nil), ("1.2.3", 2, nil), ("1,5", 1, nil), ("1e3", 0, nil),
            ("+1", 0, nil),
            (" 1", 0, nil), ("0x1", 0, nil), ("--1", 0, nil), ("١", 0, nil), ("NaN", 0, nil),
        ] as [(String, Int, Int64?)])
    func reading(text: String, scale: Int, value: Int64?) {
        #expect(fixedPoint(text, scale: scale) == value)
    }

    @Test("a written decimal has no trailing zeros and no exponent, and reads back")
    func writing() {
        #expect(fixedPointText(0, scale: 9) == "0")
        #expect(fixedPointText(-50_000_000, scale: 9) == "-0.05")
        #expect(fixedPointText(1, scale: 9) == "0.000000001")
        #expect(fixedPointText(1_000_000_000, scale: 9) == "1")
        #expect(fixedPointText(120, scale: 0) == "120")
        #expect(fixedPointText(.min, scale: 0) == "-170141183460469231731687303715884105728")
        for seed in UInt64(1)...2000 {
            var random = SeededGenerator(seed: seed)
            let value = Int64.random(in: .min ... .max, using: &random)
            let scale = Int.random(in: 0...12, using: &random)
            #expect(
                fixedPoint(fixedPointText(Int128(value), scale: scale), scale: scale) == value, "seed \(seed)"
            )
        }
    }

    @Test("a rate is billionths of the major unit")
    func rates() {
        #expect(Rate(decimal: "0.49")?.billionths == 490_000_000)
        #expect(Rate(decimal: "0.0000000001") == nil)
        #expect(Rate(billionths: 129_334_840).decimal == "0.12933484")
        #expect(Rate.zero < Rate(billionths: 1))
    }

    @Test("quantities are whole numbers in JSON")
    func codable() throws {
        func survives<Value: Codable & Equatable>(_ value: Value, as json: String) throws {
            let bytes = try JSONEncoder().encode([value])
            #expect(String(decoding: bytes, as: UTF8.self) == "[\(json)]")
            #expect(try JSONDecoder().decode([Value].self, from: bytes) == [value])
        }
        try survives(Energy(milliwattHours: 7), as: "7")
        try survives(Power(milliwatts: -7), as: "-7")
        try survives(Current(microamperes: 7), as: "7")
        try survives(Rate(billionths: 7), as: "7")
        try survives(TaxRate(percent: 19), as: "190000")
        try survives(Instant(nanoseconds: .min), as: "\(Int64.min)")
        try survives(Elapsed.seconds(1), as: "1000000000")
        try survives(try #require(CivilDate("2026-03-01")), as: "\"2026-03-01\"")
        try survives(SessionID(at: .epoch, random: 0), as: "\"ses_00000000000000000000000000\"")
    }
}

@Suite("Identifiers")
struct IDTests {
    @Test("an identifier made later sorts later, whatever its random bits")
    func sortsByTime() {
        for seed in UInt64(1)...500 {
            var random = SeededGenerator(seed: seed)
            let first = Int64.random(in: 0...4_000_000_000_000, using: &random)
            let second = first + Int64.random(in: 1...1_000_000, using: &random)
            let earlier = SessionID(
                at: Instant(milliseconds: first), random: .random(in: .min ... .max, using: &random))
            let later = SessionID(
                at: Instant(milliseconds: second), random: .random(in: .min ... .max, using: &random))
            #expect(earlier < later, "seed \(seed)")
            #expect(SessionID(earlier.text) == earlier, "seed \(seed)")
        }
    }

    @Test("the text is the prefix and 26 characters of Crockford base 32")
    func text() {
        let id = PaymentID(at: Instant(milliseconds: 1_469_918_176_385), random: 0)

        #expect(id.text.hasPrefix("pay_01ARYZ6S41"))
        #expect(id.text.utf8.count == 30)
        #expect(PaymentID(at: .epoch, random: .max).text == "pay_0000000000ZZZZZZZZZZZZZZZZ")
    }

    @Test(
        "another owner's prefix and other characters are refused",
        arguments: [
            "", "ses_", "pay_01J9", "ses01J9", "ses_01-9", "SES_01J9", "ses_01J9 ", "ses_01J9\n", "_01J9",
            "ses_é",
        ])
    func refused(text: String) {
        #expect(SessionID(text) == nil)
    }

    @Test("short identifiers of examples are accepted, very long ones are not")
    func lengths() {
        #expect(SessionID("ses_1")?.text == "ses_1")
        #expect(SessionID("ses_" + String(repeating: "a", count: 64)) != nil)
        #expect(SessionID("ses_" + String(repeating: "a", count: 65)) == nil)
    }
}

@Suite("Usage")
struct UsageTests {
    @Test("energy is the sum of all intervals, duration leaves reservations out")
    func sums() {
        func interval(_ from: Int64, _ to: Int64, _ state: Usage.State, _ wattHours: Int64 = 0)
            -> Usage.Interval
        {
            Usage.Interval(
                from: Instant(seconds: from), to: Instant(seconds: to), state,
                energy: Energy(wattHours: wattHours))
        }
        let usage = Usage(intervals: [
            interval(0, 60, .reserved), interval(100, 200, .charging, 30), interval(300, 400, .parking, 2),
        ])

        #expect(usage.energy == Energy(wattHours: 32))
        #expect(usage.duration == .seconds(300))
        #expect(Usage(intervals: [interval(0, 60, .reserved)]).duration == .zero)
        #expect(Usage(intervals: []).energy == .zero)
    }
}
