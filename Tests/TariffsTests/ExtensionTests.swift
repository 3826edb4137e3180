// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// Cases of tariffs.md §11 and §12 that need grace, caps and windows.
@Suite("Extension cases")
struct ExtensionTests {
    @Test("X01: idle time is priced after its grace, and its cap is a line of its own")
    func idleGraceAndCap() throws {
        let idle = price(.parking, "24").after(graceSeconds: 600, atMost: .of("10"))
        let tariff = try offer(element(price(.energy, "0.45"), idle))

        let rated = try rate(
            tariff, stretch("10:00", "11:00", kWh: "30"), stretch("11:00", "11:50", .parking))

        #expect(rated.lines.map(\.kind) == [.energy, .parking, .componentCap])
        #expect(rated.lines.map(\.exact.decimal) == ["13.5", "16", "-6"])
        #expect(rated.line(.parking)?.from == .at("2026-03-02T11:10:00Z"))
        #expect(rated.gross == .eur(2350))
        #expect(rated.incomeByKind.map(\.kind) == [.energy, .parking])
        #expect(rated.incomeByKind.map(\.net) == [.eur(1350), .eur(1000)])
    }

    @Test("X01: the grace begins again each time the vehicle stops, runs through gaps and ends with charging")
    func graceBeginsAgain() throws {
        let idle = price(.parking, "60").after(graceSeconds: 600, atMost: nil)
        let tariff = try offer(element(idle))

        let rated = try rate(
            tariff, stretch("10:00", "10:12", .parking), stretch("10:12", "10:20"),
            stretch("10:20", "10:25", .parking), stretch("10:40", "10:45", .parking))

        #expect(rated.line(.parking)?.exact.decimal == "7")  // 2 min of the first stop, 5 min after the gap
    }

    @Test("X02: 0.10 per minute after 240 minutes, cap 12")
    func blockingFee() throws {
        let idle = price(.parking, "6").after(graceSeconds: nil, atMost: .of("12"))
        let tariff = try offer(
            element(price(.energy, "0.59")), element(idle) { $0.minDurationSeconds = 14_400 })

        let rated = try rate(
            tariff, stretch("10:00", "11:00", kWh: "30"), stretch("11:00", "18:00", .parking))

        #expect(rated.gross == .eur(2970))
    }

    @Test("X03: 0.12 per minute after four hours, not from 22 to 8, cap 12")
    func nightPause() throws {
        let idle = price(.parking, "7.20").after(graceSeconds: nil, atMost: .of("12"))
        let tariff = try offer(
            element(idle) {
                $0.minDurationSeconds = 14_400
                $0.startTime = ClockTime("08:00")
                $0.endTime = ClockTime("22:00")
            })

        let rated = try rate(tariff, stretch("2026-03-02T18:00:00Z", "2026-03-03T10:00:00Z", .parking))

        #expect(rated.line(.parking)?.exact.decimal == "14.4")
        #expect(rated.gross == .eur(1200))
    }

    @Test("X08: quarter-hour prices")
    func quarterHours() throws {
        let quarters = [("10:00", "10:15", ".10"), ("10:15", "10:30", ".20"), ("10:30", "10:45", ".30")]
        var elements = quarters.map { start, end, amount in
            element(price(.energy, "0" + amount)) {
                $0.startTime = ClockTime(start)
                $0.endTime = ClockTime(end)
            }
        }
        elements.append(element(price(.energy, "0.40")))
        let tariff = try Tariff(id: "T", currency: .eur, taxMode: .excluded, elements: elements)

        let rated = try rate(
            tariff, stretch("10:00", "10:15", kWh: "2"), stretch("10:15", "10:30", kWh: "3"),
            stretch("10:30", "10:45", kWh: "3"), stretch("10:45", "11:00", kWh: "2"))

        #expect(rated.gross == .eur(250))
        #expect(rated.line(.energy)?.unitPrice == nil)
    }

    @Test("P03: idle 0.40 per minute from ten minutes of idle time on, without a cap")
    func idleTimeOfOCPP() throws {
        let idle = price(.parking, "24").after(graceSeconds: 600, atMost: nil)
        let tariff = try offer(element(idle))

        let rated = try rate(
            tariff, stretch("10:00", "13:00", kWh: "30"), stretch("13:00", "13:50", .parking))

        #expect(rated.gross == .eur(1600))
    }

    @Test("a floor adds what a component cost too little, only where it was used")
    func componentFloor() throws {
        var energy = price(.energy, "0.40", tax: "19")
        energy.floor = .of("1")
        let tariff = try offer(element(energy, price(.flat, "0.10")))

        let used = try rate(tariff, stretch("10:00", "11:00", kWh: "1"))
        let unused = try rate(tariff, stretch("10:00", "11:00"))

        #expect(used.lines.map(\.exact.decimal) == ["0.4", "0.1", "0.6"])
        #expect(used.lines.map(\.kind) == [.energy, .flat, .componentFloor])
        #expect(unused.gross == .eur(10))
    }

    @Test("the simple tariff is the price of the public page")
    func simpleTariff() throws {
        var fees = Tariff.Fees()
        fees.idlePerMinute = .of("0.10")
        fees.idleGraceSeconds = 300
        fees.idleCap = .of("12")
        fees.taxRate = TaxRate(percent: 19)
        let tariff = try Tariff.simple(id: "public", currency: .eur, energyPerKWh: .of("0.49"), fees: fees)

        let rated = try rate(
            tariff, stretch("10:00", "11:00", kWh: "37.49"), stretch("11:00", "11:15", .parking))

        #expect(rated.gross == .eur(1937))  // 18.3701, so 18.37, and 10 min at 0.10
        #expect(rated.net + rated.tax == rated.gross)
        #expect(rated.lines[0].arithmetic == "37.49 kWh × 0.49 = 18.3701, rounded half up once")
    }
}
