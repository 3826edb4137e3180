// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The rounding cases R01 to R09 of tariffs.md §13: what the amounts are, and by that what they are not.
@Suite("Rounding cases")
struct RoundingCaseTests {
    private let energy = stretch("10:00", "11:00", kWh: "1")

    @Test("R01: tax is rounded once per rate, not per line")
    func taxOncePerRate() throws {
        let tariff = try offer(
            element(
                price(.energy, "0.33", tax: "19"), price(.time, "0.33", tax: "19"),
                price(.flat, "0.33", tax: "19")))

        let rated = try rate(tariff, energy)

        #expect(rated.tax == .eur(19))
        #expect(rated.gross == .eur(118))
    }

    @Test("R02: with tax included the gross is anchored")
    func grossIsAnchored() throws {
        let tariff = try offer(element(price(.energy, "0.36", tax: "19")), mode: .included)

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "20"))

        #expect(rated.gross == .eur(720))
        #expect(rated.net == .eur(605))
        #expect(rated.taxes == rated.taxes.filter { $0.amount == .eur(115) && $0.base == .eur(605) })
    }

    @Test("R03: tax of 0.315 is 0.32")
    func taxHalfUp() throws {
        let tariff = try offer(element(price(.energy, "3.60", tax: "8.75")))

        #expect(try rate(tariff, energy).tax == .eur(32))
    }

    @Test("R04: 0.125 is 0.13")
    func lineHalfUp() throws {
        let tariff = try offer(element(price(.energy, "0.50")))

        #expect(try rate(tariff, stretch("10:00", "11:00", kWh: "0.25")).gross == .eur(13))
    }

    @Test("R05: 467.5 yen are 468")
    func yen() throws {
        let tariff = try offer(element(price(.time, "1650")), in: .jpy)

        #expect(try rate(tariff, stretch("10:00", "10:17")).gross == Money(minorUnits: 468, currency: .jpy))
    }

    @Test("R06: 1.2345 dinar are 1.235")
    func dinar() throws {
        let tariff = try offer(element(price(.flat, "1.2345")), in: .kwd)

        #expect(try rate(tariff, energy).gross == Money(minorUnits: 1235, currency: .kwd))
    }

    @Test("R07: parts are not rounded, only their line")
    func partsAreExact() throws {
        let tariff = try offer(
            element(price(.energy, "0.22", tax: "21")) { $0.maxEnergy = Energy(milliwattHours: 7_293_000) },
            element(price(.energy, "0.24", tax: "21")))

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "8.262"))

        #expect(rated.exactTexts == ["1.83702", "2.2227942"])
        #expect(rated.lines.map(\.amount) == [.eur(184)])
        #expect(rated.lines[0].parts.map(\.exact.decimal) == ["1.60446", "0.23256"])
        #expect(rated.tax == .eur(39))
        #expect(rated.gross == .eur(223))
    }

    @Test("R08: each line is rounded, the total is their sum")
    func totalIsSumOfLines() throws {
        let tariff = try offer(
            element(price(.energy, "0.005"), price(.time, "0.005"), price(.flat, "0.005")), mode: .none)

        #expect(try rate(tariff, energy).gross == .eur(3))
    }

    @Test("R09: a credit is the exact opposite of the original")
    func credit() throws {
        let tariff = try offer(element(price(.energy, "0.50", tax: "19")))
        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "0.25"))

        let credit = rated.credit

        expectConsistent(credit)
        #expect(credit.lines.map(\.amount) == [.eur(-13)])
        #expect(credit.net + rated.net == .eur(0))
        #expect(credit.gross + rated.gross == .eur(0))
        #expect(credit.exact.afterTax == -rated.exact.afterTax)
        #expect(credit.credit == rated)
    }

    @Test("rule 8: a maximum spreads its tax over the rates in proportion, remainder to the largest")
    func limitSpreadsTax() throws {
        var terms = Tariff.Terms()
        terms.maximum = Tariff.Limit(net: .of("10"), gross: .of("11"))
        let tariff = try offer(
            element(price(.flat, "0.50", tax: "20"), price(.energy, "0.25", tax: "10")), terms: terms)

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "50"))

        #expect(rated.lines.map(\.amount) == [.eur(1250), .eur(50), .eur(-300)])
        #expect(rated.lines.map(\.kind) == [.energy, .flat, .maxPrice])
        #expect(rated.taxes.map(\.amount) == [.eur(92), .eur(8)])  // 125 − 33 and 10 − 2
        #expect(rated.taxes.map(\.base) == [.eur(961), .eur(39)])
        #expect(rated.net == .eur(1000))
        #expect(rated.incomeByKind.map(\.net) == [.eur(962), .eur(38)])  // 1250 − 288.46 and 50 − 11.54
    }

    @Test("rule 1: lines are in the order in which they begin, ties in the order of kinds, caps after them")
    func orderOfLines() throws {
        let capped = price(.parking, "60", tax: "19").after(graceSeconds: nil, atMost: .of("1"))
        let tariff = try offer(element(price(.flat, "1"), price(.time, "1"), capped, price(.energy, "1")))

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "1"), stretch("11:00", "12:00", .parking))

        #expect(rated.lines.map(\.kind) == [.energy, .time, .flat, .parking, .componentCap])
    }
}
