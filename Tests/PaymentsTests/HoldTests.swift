// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

@Suite("Hold")
struct HoldTests {
    @Test("the overshoot of the page's table is what the formula gives")
    func overshoot() throws {
        let table = try SpecTable(under: "Holds")
        let cases: [(row: String, kilowatts: Int64, price: String)] = [
            ("350 kW DC", 350, "0.79"), ("150 kW DC", 150, "0.59"), ("22 kW AC", 22, "0.59"),
        ]
        for (row, kilowatts, price) in cases {
            let cells = try #require(table.rows[row])
            for (column, seconds): (Int, Int64) in [(2, 70), (3, 25)] {
                let expected = try #require(cells[column].split(separator: "**").last)
                let seen = try exposure(kilowatts, price, seconds: seconds).overshoot
                #expect(seen.decimal == expected, "\(row), \(seconds) s")
            }
        }
    }

    @Test("energy and time are rounded up, each once")
    func timePart() throws {
        // 22 kW · 0.59 · 70 s = 0.2523 → 0.26; 6.00 an hour · 70 s = 0.1167 → 0.12.
        let exposure = Hold.Exposure(
            powerMax: Power(watts: 22_000), perKilowattHour: try rate("0.59"), perHour: try rate("6.00"),
            blind: .seconds(70), atEnd: .eur(0))
        #expect(exposure.overshoot == .eur(38))
    }

    @Test("95 of 100 bills and the margin, rounded up to the step: 31.80 + 1.73 → 35.00")
    func observed() throws {
        let hold = Hold(
            exposure: try exposure(150, "0.59", seconds: 70), bounds: usual, observed: .eur(31_80), limit: nil
        )
        #expect(hold.amount == .eur(35_00))
        #expect(hold.margin == .eur(1_73))
    }

    @Test(
        "never below the minimum, above the maximum, or off the step",
        arguments: [(1, 10_00), (10_01, 15_00), (40_00, 40_00), (79_99, 80_00), (500_00, 80_00)])
    func bounds(usual: Int64, expected: Int64) throws {
        let bounds = Hold.Bounds(usual: usual, minimum: 10_00, maximum: 80_00, step: 5_00)
        let hold = Hold(exposure: try exposure(22, "0.59", seconds: 70), bounds: bounds, limit: nil)
        #expect(hold.amount == .eur(expected))
    }

    @Test("a driver's own limit is the hold, whatever the bounds say")
    func limit() throws {
        let hold = Hold(exposure: try exposure(350, "0.79", seconds: 70), bounds: usual, limit: .eur(20_00))
        #expect(hold.amount == .eur(20_00))
        #expect(hold.stopsAt == .eur(14_62))
    }

    @Test("350 kW stops at 34.62 with meters every 60 s, at 38.07 with every 15 s")
    func stops() throws {
        #expect(try hold(40_00, seconds: 70).stopsAt == .eur(34_62))
        #expect(try hold(40_00, seconds: 25).stopsAt == .eur(38_07))
        #expect(try hold(5_00, seconds: 70).stopsAt == .eur(0))
    }

    @Test(
        "the hold is raised before the stop is reached",
        arguments: [(40_00, 29_24), (25_00, 14_24), (5_00, 0)])
    func raises(amount: Int64, expected: Int64) throws {
        let hold = try hold(amount, seconds: 70)
        #expect(hold.raisesAt == .eur(expected))
        #expect(hold.raisesAt <= hold.stopsAt)
    }

    @Test("it is raised by half of the first hold, at least by 10.00, within limit and ceiling")
    func raised() throws {
        let hold = try hold(40_00, seconds: 70)
        #expect(hold.raised(raise(first: 40_00)) == .eur(60_00))
        #expect(hold.raised(raise(first: 25_00)) == .eur(55_00))
        #expect(hold.raised(raise(first: 10_00)) == .eur(50_00))
        #expect(hold.raised(raise(first: 40_00, limit: 45_00)) == .eur(45_00))
        #expect(hold.raised(raise(first: 40_00, limit: 40_00)) == nil)
        #expect(try self.hold(110_00, seconds: 70).raised(raise(first: 40_00)) == .eur(120_00))
        #expect(try self.hold(120_00, seconds: 70).raised(raise(first: 40_00)) == nil)
    }

    @Test("yen have no minor unit")
    func yen() throws {
        let exposure = Hold.Exposure(
            powerMax: Power(watts: 150_000), perKilowattHour: try rate("60"), perHour: .zero,
            blind: .seconds(70), atEnd: .zero(.jpy))
        #expect(exposure.overshoot == Money(minorUnits: 175, currency: .jpy))
    }

    @Test("a session that is stopped in time never costs more than its hold")
    func boundHolds() throws {
        for seed: UInt64 in 1...2000 {
            var random = SplitMix64(seed: seed)
            let watts = Int64.random(in: 3_700...400_000, using: &random)
            let price = Rate(billionths: Int64.random(in: 0...1_500_000_000, using: &random))
            let blind = Int64.random(in: 5...130, using: &random)
            let exposure = Hold.Exposure(
                powerMax: Power(watts: watts), perKilowattHour: price, perHour: .zero, blind: .seconds(blind),
                atEnd: .eur(0))
            let hold = Hold(exposure: exposure, bounds: usual, limit: nil)
            // The last reading before the stop threshold, then full power for the whole blind time.
            let before = max(hold.stopsAt.minorUnits - 1, 0)
            let more = Int128(watts) * Int128(blind) * Int128(price.billionths)
            let cost = Int128(before) + divide(more, by: 36_000_000_000_000, rounding: .halfUp)
            #expect(cost <= Int128(hold.amount.minorUnits), "seed \(seed)")
        }
    }

    private var usual: Hold.Bounds {
        Hold.Bounds(usual: 40_00, minimum: 10_00, maximum: 80_00, step: 5_00)
    }

    private func raise(first: Int64, limit: Int64? = nil) -> Hold.Raise {
        Hold.Raise(
            first: .eur(first), least: .eur(10_00), step: 5_00, ceiling: .eur(120_00),
            limit: limit.map { .eur($0) })
    }

    private func hold(_ amount: Int64, seconds: Int64) throws -> Hold {
        Hold(exposure: try exposure(350, "0.79", seconds: seconds), bounds: usual, limit: .eur(amount))
    }

    private func exposure(_ kilowatts: Int64, _ price: String, seconds: Int64) throws -> Hold.Exposure {
        Hold.Exposure(
            powerMax: Power(watts: kilowatts * 1000), perKilowattHour: try rate(price), perHour: .zero,
            blind: .seconds(seconds), atEnd: .eur(0))
    }

    private func rate(_ text: String) throws -> Rate { try #require(Rate(decimal: text)) }
}
