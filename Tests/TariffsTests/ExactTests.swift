// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Tariffs
import Testing

@Suite("Exact values")
struct ExactTests {
    @Test(
        "a value that ends is written whole, any other with twelve digits",
        arguments: [
            (Exact(1, over: 8), "0.125"), (Exact(-1, over: 3), "-0.333333333333"),
            (Exact(2, over: 3), "0.666666666667"),
            (Exact(10, over: 5), "2"), (Exact(0, over: 7), "0"), (Exact(-5, over: 10), "-0.5"),
            (Exact(1, over: 18_000_000_000_000_000_000_000), "0"),
            (Exact(1, over: 1_000_000_000_000_000_000_000), "0.000000000000000000001"),
            (Exact(Int128.max, over: 1), "170141183460469231731687303715884105727"),
            (Exact(Int128.max, over: Int128.max - 1), "1"),
        ])
    func decimals(value: Exact, text: String) {
        #expect(value.decimal == text)
    }

    @Test("minor units are rounded half away from zero")
    func minorUnits() {
        #expect(Exact(125, over: 1000).minorUnits(of: .eur) == 13)
        #expect(Exact(-125, over: 1000).minorUnits(of: .eur) == -13)
        #expect(Exact(124_999, over: 1_000_000).minorUnits(of: .eur) == 12)
        #expect(Exact(935, over: 2).minorUnits(of: .jpy) == 468)
        #expect(Exact(12_345, over: 10_000).minorUnits(of: .kwd) == 1235)
    }

    @Test("a fraction survives its text; what is no fraction is refused")
    func texts() throws {
        for value in [Exact(61, over: 60), Exact(-3, over: 1), .zero] {
            #expect(Exact(value.description) == value)
            #expect(try JSONDecoder().decode(Exact.self, from: JSONEncoder().encode(value)) == value)
        }
        for text in ["", "1/0", "1/-2", "a", "1/2/3", "1/"] { #expect(Exact(text) == nil, "\(text)") }
    }

    @Test("a bill survives being stored")
    func codable() throws {
        for seed in UInt64(1)...50 {
            let random = try RandomCase(seed: seed)
            let rated = try Rater().rate(
                Usage(intervals: random.intervals), under: random.tariff, in: random.zone)

            let again = try JSONDecoder().decode(Rated.self, from: JSONEncoder().encode(rated))

            #expect(again == rated, "\(random)")
        }
    }

    @Test("zone rules survive being stored, in any order")
    func zoneRules() throws {
        let rules = Zones.centralEurope
        #expect(ZoneRules(offsets: rules.offsets.reversed(), name: rules.name) == rules)
        #expect(try JSONDecoder().decode(ZoneRules.self, from: JSONEncoder().encode(rules)) == rules)
        #expect(rules.local(.at("2026-07-01T22:30:00Z")).date == CivilDate("2026-07-02"))
        #expect(rules.local(.at("2026-07-01T22:30:00Z")).secondOfDay == 1800)
        #expect(rules.offsetSeconds(at: .at("2000-01-01T00:00:00Z")) == 3600)
    }
}

@Suite("Words")
struct ReasonTests {
    @Test("a restriction is told in words")
    func restriction() {
        var restriction = Restriction()
        #expect(restriction.words == "always")
        restriction.startTime = ClockTime("22:00")
        restriction.weekdays = [.friday, .monday, .tuesday, .wednesday, .thursday]
        restriction.startDate = CivilDate("2026-01-01")
        restriction.endDate = CivilDate("2027-01-01")
        restriction.minEnergy = Energy(wattHours: 500)
        restriction.maxPower = Power(watts: 11_000)
        restriction.minDurationSeconds = 14_400
        restriction.maxDurationSeconds = 14_401
        restriction.reservation = .expired

        #expect(
            restriction.words
                == "22:00 to 00:00, on Monday to Friday, from 2026-01-01, before 2027-01-01, from 0.5 kWh, "
                + "below 11 kW, after 240 min, in the first 14401 s, when a reservation expires")
    }

    @Test(
        "days of the week",
        arguments: [
            ([], "on no day"), ([.sunday], "on Sunday"), ([.sunday, .saturday], "on Saturday and Sunday"),
            ([.monday, .wednesday, .friday], "on Monday, Wednesday and Friday"),
            (Restriction.Weekday.allCases, "on Monday to Sunday"),
        ] as [([Restriction.Weekday], String)])
    func weekdays(days: [Restriction.Weekday], words: String) {
        var restriction = Restriction()
        restriction.weekdays = days
        #expect(restriction.words == words)
    }
}
