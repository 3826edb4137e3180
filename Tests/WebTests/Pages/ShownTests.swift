// SPDX-License-Identifier: Apache-2.0
import Quantities
import Tariffs
import Testing
import Web

@Suite("How values are shown", .timeLimit(.minutes(1)))
struct ShownTests {
    private let english = Shown(zone: .utc)
    private let german = Shown(zone: .utc, language: .german)

    @Test(
        "money has its currency's digits and sign",
        arguments: [
            (Money.eur(4_90), "4.90 €", "4,90 €"), (.eur(-5), "-0.05 €", "-0,05 €"),
            (Money(minorUnits: 1200, currency: .gbp), "£12.00", "12,00 £"),
            (Money(minorUnits: -1200, currency: .usd), "-$12.00", "-12,00 $"),
            (Money(minorUnits: 500, currency: .jpy), "500 JPY", "500 JPY"),
            (Money(minorUnits: 1005, currency: .kwd), "1.005 KWD", "1,005 KWD"),
        ])
    func money(amount: Money, inEnglish: String, inGerman: String) {
        #expect(english.money(amount) == inEnglish)
        #expect(german.money(amount) == inGerman)
    }

    @Test("a price has at least its currency's digits")
    func unitPrices() {
        #expect(english.unitPrice("0.5", .eur, per: "kWh") == "0.50 €/kWh")
        #expect(english.unitPrice("0.123456", .eur, per: "min") == "0.123456 €/min")
        #expect(german.unitPrice("1", .eur, per: "") == "1,00 €")
        #expect(english.unitPrice("30", .jpy, per: "kWh") == "30 JPY/kWh")
    }

    @Test("energy has three decimals, power one")
    func energyAndPower() {
        #expect(english.energy(Energy(milliwattHours: 12_340_499)) == "12.340 kWh")
        #expect(german.energy(Energy(wattHours: 12_340)) == "12,340 kWh")
        #expect(english.power(Power(watts: 131_049)) == "131.0 kW")
        #expect(english.power(Power(watts: 7_360)) == "7.4 kW")
        #expect(english.ratedPower(Power(watts: 150_000)) == "150 kW")
        #expect(english.power(nil) == "–")
    }

    @Test("durations and ages use their largest units")
    func durations() {
        #expect(english.duration(.seconds(59)) == "59 s")
        #expect(english.duration(.seconds(60)) == "1 min")
        #expect(english.duration(.seconds(3_900)) == "1 h 05 min")
        #expect(english.duration(.seconds(-3)) == "0 s")
        #expect(english.age(.minutes(119)) == "119 min")
        #expect(english.age(.hours(47)) == "47 h")
        #expect(english.age(.hours(49)) == "2 d")
        #expect(english.countdown(.seconds(252)) == "4:12")
    }

    @Test("times are those of the place, on both sides of a change of its clocks")
    func times() throws {
        // Europe/Berlin, 2027-03-28 01:00 UTC: 02:00 becomes 03:00.
        let change = Instant(try #require(CivilDate("2027-03-28")), secondOfDay: 3600)
        let zone = ZoneRules(
            offsets: [.init(from: .epoch, seconds: 3600), .init(from: change, seconds: 7200)],
            name: "Europe/Berlin")
        let berlin = Shown(zone: zone)

        #expect(berlin.clock(change - .seconds(1)) == "01:59")
        #expect(berlin.clock(change) == "03:00")
        #expect(berlin.dateAndClock(change) == "2027-03-28 03:00")
        #expect(berlin.clockWithSeconds(change + .seconds(7)) == "03:00:07")
        #expect(berlin.zoneName(at: change) == "Europe/Berlin (UTC+02:00)")
    }
}
