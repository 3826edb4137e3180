// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The price box: what a driver sees before the start.
@Suite("Price box")
struct DisplayPriceTests {
    @Test("energy, then per minute, then per session, with grace and cap")
    func legalOrder() throws {
        var fees = Tariff.Fees()
        fees.session = .of("0.35")
        fees.idlePerMinute = .of("0.10")
        fees.idleGraceSeconds = 300
        fees.idleCap = .of("12")
        fees.taxRate = TaxRate(percent: 19)
        let tariff = try Tariff.simple(id: "1", currency: .eur, energyPerKWh: .of("0.49"), fees: fees)

        let prices = tariff.displayPrices(at: .epoch, in: .utc)

        #expect(prices.map(\.kind) == [.energy, .idle, .session])
        #expect(prices.map(\.price) == ["0.49", "0.1", "0.35"])
        #expect(prices.map(\.per) == [.kilowattHour, .minute, .session])
        #expect(prices.map(\.graceSeconds) == [nil, 300, nil])
        #expect(prices.map(\.cap) == [nil, .eur(1200), nil])
        #expect(
            prices.allSatisfy {
                $0.isTaxIncluded && $0.taxRate == TaxRate(percent: 19) && $0.condition == nil
            })
    }

    @Test("a price that begins later in the session is shown with its condition, a clock rules others out")
    func conditions() throws {
        let tariff = try offer(
            element(price(.energy, "0.30")) {
                $0.startTime = ClockTime("22:00")
                $0.endTime = ClockTime("06:00")
            },
            element(price(.energy, "0.50")),
            element(price(.parking, "6")) { $0.minDurationSeconds = 14_400 },
            element(price(.flat, "9")) { $0.reservation = .reserved })

        let day = tariff.displayPrices(at: .at("2026-03-02T12:00:00Z"), in: .utc)
        let night = tariff.displayPrices(at: .at("2026-03-02T23:00:00Z"), in: .utc)

        #expect(day.map(\.price) == ["0.5", "0.1"])
        #expect(night.map(\.price) == ["0.3", "0.1"])
        #expect(day[1].condition?.words == "after 240 min")
        #expect(night[0].window?.words == "22:00 to 06:00")
        #expect(
            tariff.nextPriceChange(after: .at("2026-03-02T12:00:00Z"), in: .utc)
                == .at("2026-03-02T22:00:00Z"))
    }

    @Test("a price per hour that does not end per minute has twelve decimals")
    func endlessPrice() throws {
        let tariff = try offer(element(price(.time, "5")))

        #expect(tariff.displayPrices(at: .epoch, in: .utc)[0].price == "0.083333333333")
        #expect(tariff.nextPriceChange(after: .epoch, in: .utc) == nil)
    }

    @Test("the price of the box is the price of the bill")
    func priceOfTheBill() async throws {
        for seed in UInt64(5_000_000)..<5_001_000 {
            await Task.yield()
            let random = try RandomCase(seed: seed)
            let start = random.intervals[0].start
            let second = Usage.Interval(
                from: start, to: start + .seconds(1), .charging, energy: Energy(wattHours: 1))

            let rated = try Rater().rate(Usage(intervals: [second]), under: random.tariff, in: random.zone)

            let shown = random.tariff.displayPrices(at: start, in: random.zone).filter { $0.kind == .energy }
            for part in rated.lines.filter({ $0.kind == .energy }).flatMap(\.parts) {
                // What is free at first, or covered by an allowance, is not a price of the box.
                guard case .element = part.reason else { continue }
                #expect(shown.contains { $0.price == part.unitPrice?.decimal }, "\(random)")
            }
        }
    }
}

@Suite("Taxes of a site")
struct TaxProfileTests {
    @Test("a profile replaces the rates of a tariff, by kind of line")
    func profile() throws {
        let tariff = try offer(
            element(
                price(.energy, "1", tax: "5"), price(.time, "1"), price(.parking, "1"), price(.flat, "1")),
            element(price(.flat, "1"), price(.time, "1")) { $0.reservation = .reserved })
        var profile = TaxProfile(TaxRate(percent: 19))
        profile.parking = TaxRate(percent: 7)
        profile.reservation = nil

        let taxed = try tariff.taxed(by: profile, mode: .included)

        let nineteen = TaxRate(percent: 19)
        #expect(taxed.taxMode == .included)
        #expect(
            taxed.elements[0].components.map(\.taxRate) == [
                nineteen, nineteen, TaxRate(percent: 7), nineteen,
            ])
        #expect(taxed.elements[1].components.map(\.taxRate) == [nil, nil])
        #expect(taxed.id == tariff.id)
    }
}
