// SPDX-License-Identifier: Apache-2.0

import Quantities
import Testing

@Suite("Sharing money")
struct AllocationTests {
    @Test("shares are by largest remainder, earlier first")
    func examples() {
        #expect(Money.eur(1000).allocated(by: [1, 1, 1]) == [.eur(334), .eur(333), .eur(333)])
        #expect(Money.eur(-1000).allocated(by: [1, 1, 1]) == [.eur(-334), .eur(-333), .eur(-333)])
        #expect(Money.eur(100).allocated(by: [1, 2, 3]) == [.eur(17), .eur(33), .eur(50)])
        #expect(Money.eur(5).allocated(by: [0, 0]) == [.eur(5), .eur(0)])
        #expect(Money.eur(1).allocated(by: [0, 1, 1]) == [.eur(0), .eur(1), .eur(0)])
        #expect(
            Money.eur(.max).allocated(by: [.max, .max]).map(\.minorUnits) == [
                Int64.max / 2 + 1, Int64.max / 2,
            ])
    }

    @Test("parts sum to the whole, none is a unit or more from its share, and a weight of zero gets nothing")
    func properties() {
        for seed in UInt64(1)...3000 {
            var random = SeededGenerator(seed: seed)
            let whole = Money.eur(Int64.random(in: -1_000_000...1_000_000, using: &random))
            let weights = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                Int64.random(in: 0...(Bool.random(using: &random) ? 3 : Int64.max), using: &random)
            }

            let parts = whole.allocated(by: weights)

            #expect(parts.sum(in: .eur) == whole, "seed \(seed)")
            let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
            guard total > 0 else { continue }
            for (part, weight) in zip(parts, weights) {
                let difference = Int128(part.minorUnits) * total - Int128(whole.minorUnits) * Int128(weight)
                #expect(difference.magnitude < total.magnitude, "seed \(seed)")
                #expect(weight > 0 || part.isZero, "seed \(seed)")
            }
        }
    }

    @Test("nobody to share with, or a negative weight, is a mistake of the program")
    func traps() async {
        await #expect(processExitsWith: .failure) { _ = Money.eur(1).allocated(by: []) }
        await #expect(processExitsWith: .failure) { _ = Money.eur(1).allocated(by: [1, -1]) }
        await #expect(processExitsWith: .failure) { _ = Money.eur(1).spread(over: []) }
    }

    @Test("spreading gives what is left over to the largest")
    func spreading() {
        #expect(Money.eur(-35).spread(over: [.eur(10), .eur(125)]) == [.eur(-2), .eur(-33)])
        #expect(Money.eur(7).spread(over: [.eur(0), .eur(0)]) == [.eur(7), .eur(0)])
        #expect(Money.eur(10).spread(over: [.eur(-1), .eur(2), .eur(1)]) == [.eur(2), .eur(6), .eur(2)])
    }
}

@Suite("Tax")
struct TaxTests {
    @Test(
        "a rate is read from its percentage",
        arguments: [
            ("19", 190_000), ("8.875", 88_750), ("0", 0), ("100", 1_000_000), ("5.2000", 52_000),
            ("0.0001", 1),
            ("100.0001", nil), ("-1", nil), ("8.87501", nil), ("", nil), ("19 %", nil), ("1e1", nil),
        ] as [(String, Int64?)])
    func percentages(text: String, value: Int64?) {
        #expect(TaxRate(percent: text)?.tenThousandthsOfPercent == value)
    }

    @Test("tax on net and in gross are rounded half up once")
    func rounding() throws {
        let rate = try #require(TaxRate(percent: "8.75"))

        #expect(rate.tax(onNet: .eur(360)) == .eur(32))
        #expect(rate.tax(onNet: .eur(-360)) == .eur(-32))
        #expect(TaxRate(percent: 19).tax(inGross: .eur(720)) == .eur(115))
        #expect(TaxRate(percent: 19).tax(inGross: .eur(1707)) == .eur(273))
        #expect(TaxRate(percent: 0).tax(inGross: .eur(720)) == .eur(0))
        #expect(rate.percentText == "8.75")
    }

    @Test("nets of gross amounts sum to gross less its tax, each within a unit of its own net")
    func nets() {
        for seed in UInt64(1)...2000 {
            var random = SeededGenerator(seed: seed)
            let rate = TaxRate(tenThousandthsOfPercent: Int64.random(in: 0...1_000_000, using: &random))
            let amounts = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Money.eur(Int64.random(in: -2000...20_000, using: &random))
            }

            let nets = rate.nets(ofGross: amounts)

            let gross = amounts.sum(in: .eur)
            #expect(nets.sum(in: .eur) == gross - rate.tax(inGross: gross), "seed \(seed)")
            for (net, amount) in zip(nets, amounts) {
                let difference = net - (amount - rate.tax(inGross: amount))
                #expect(abs(difference.minorUnits) <= 1, "seed \(seed)")
            }
        }
        #expect(TaxRate(percent: 19).nets(ofGross: []) == [])
        #expect(TaxRate(percent: 19).nets(ofGross: [.eur(1000), .eur(707)]) == [.eur(840), .eur(594)])
    }
}
