// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The properties of tariffs.md §10 over random tariffs and sessions. A failure prints its seed.
@Suite("Rater properties", .timeLimit(.minutes(5)))
struct RaterPropertyTests {
    private static let count: UInt64 = 2000

    private func forEachCase(from seed: UInt64, _ body: (RandomCase, Rated) throws -> Void) throws {
        for seed in seed..<seed + Self.count {
            let random = try RandomCase(seed: seed)
            let rated = try Rater().rate(
                Usage(intervals: random.intervals), under: random.tariff, in: random.zone)
            try body(random, rated)
        }
    }

    @Test("1, 5: segments sum to the metered energy, parts to lines, lines to totals, taxes to gross − net")
    func sums() throws {
        try forEachCase(from: 10_000) { random, rated in
            let metered = random.intervals.reduce(Int128(0)) {
                $0 + Int128($1.energy.milliwattHours) * 1_000_000
            }
            let segments = rated.segments.reduce(Int128(0)) { $0 + $1.energy.fineUnits }
            #expect(segments == metered, "\(random)")
            let energy = random.tariff.elements.contains {
                $0.restriction == nil && $0.components.contains { $0.dimension == .energy }
            }
            if energy {
                let billed = rated.lines.filter { $0.kind == .energy }.flatMap(\.parts)
                    .reduce(Int128(0)) { $0 + $1.quantity.fineUnits - $1.stepSurplus.fineUnits }
                #expect(billed == metered, "\(random)")
            }
            expectConsistent(rated)
        }
    }

    @Test("2: cutting an interval at any minute, energy in proportion, does not change the totals")
    func cutting() throws {
        try forEachCase(from: 20_000) { random, rated in
            var generator = SeededGenerator(seed: random.seed)
            let cut = random.intervals.flatMap { $0.cut(by: &generator) }
            let again = try Rater().rate(Usage(intervals: cut), under: random.tariff, in: random.zone)
            #expect(
                abs(again.exact.afterTax.milliardths - rated.exact.afterTax.milliardths) <= 1, "\(random)")
            #expect(again.lines.map(\.kind) == rated.lines.map(\.kind), "\(random)")
        }
    }

    @Test("order of intervals does not matter")
    func order() throws {
        try forEachCase(from: 30_000) { random, rated in
            var generator = SeededGenerator(seed: random.seed)
            let shuffled = random.intervals.shuffled(using: &generator)
            let again = try Rater().rate(Usage(intervals: shuffled), under: random.tariff, in: random.zone)
            #expect(again.lines == rated.lines, "\(random)")
            #expect(again.segments == rated.segments, "\(random)")
            #expect(again.gross == rated.gross, "\(random)")
        }
    }

    @Test("7: credit plus original is zero for every line")
    func credit() throws {
        try forEachCase(from: 40_000) { random, rated in
            for (line, opposite) in zip(rated.lines, rated.credit.lines) {
                #expect((line.amount + opposite.amount).isZero, "\(random)")
            }
            #expect((rated.gross + rated.credit.gross).isZero, "\(random)")
        }
    }

    @Test("8: the running cost at the end is the final cost, and it never looks at later intervals")
    func runningCost() throws {
        try forEachCase(from: 50_000) { random, rated in
            var running: [Usage.Interval] = []
            for interval in random.intervals {
                running.append(interval)
                let soFar = try Rater().rate(Usage(intervals: running), under: random.tariff, in: random.zone)
                if running.count == random.intervals.count { #expect(soFar == rated, "\(random)") }
                // Until a session follows, a reservation counts as expired: its segments are priced otherwise.
                if soFar.noteCodes.contains(.reservationExpired) { continue }
                #expect(Array(rated.segments.prefix(soFar.segments.count)) == soFar.segments, "\(random)")
            }
        }
    }

    @Test("9: an element that can never be reached changes nothing")
    func unreachable() throws {
        try forEachCase(from: 60_000) { random, rated in
            var never = Restriction()
            never.maxDurationSeconds = 0
            never.minDurationSeconds = 0
            let extra = TariffElement(
                TariffDimension.allCases.map { PriceComponent($0, .of("9")) }, when: never)
            let longer = try Tariff(
                id: "R", currency: random.tariff.currency, taxMode: random.tariff.taxMode,
                elements: random.tariff.elements + [extra], terms: random.tariff.terms)
            let again = try Rater().rate(Usage(intervals: random.intervals), under: longer, in: random.zone)
            #expect(again.lines == rated.lines, "\(random)")
            #expect(again.exact == rated.exact, "\(random)")
        }
    }

    @Test("11: totals are within the limits")
    func limits() throws {
        try forEachCase(from: 70_000) { random, rated in
            if let minimum = random.tariff.minimum {
                #expect(rated.exact.beforeTax.milliardths >= Int128(minimum.net.billionths), "\(random)")
            }
            if let maximum = random.tariff.maximum {
                #expect(rated.exact.beforeTax.milliardths <= Int128(maximum.net.billionths), "\(random)")
            }
            if random.tariff.taxMode != .none {
                #expect(rated.exact.beforeTax.milliardths <= rated.exact.afterTax.milliardths, "\(random)")
            }
        }
    }

    @Test("a tariff frozen as canonical JSON prices the same")
    func frozen() throws {
        try forEachCase(from: 80_000) { random, rated in
            let (tariff, _) = try Tariff.decode(ocpi: random.tariff.canonicalJSON)
            #expect(tariff == random.tariff, "\(random)")
            let again = try Rater().rate(Usage(intervals: random.intervals), under: tariff, in: random.zone)
            #expect(again == rated, "\(random)")
        }
    }
}

extension Exact {
    /// The value in units of 10^-9, cut.
    var milliardths: Int128 {
        let (whole, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
        // Digit by digit: nine times ten stays far away from the end of Int128 for the values of these tests.
        var result = whole
        var remainder = Rational(rest, denominator)
        for _ in 0..<9 {
            let (digit, next) = (remainder.numerator * 10).quotientAndRemainder(
                dividingBy: remainder.denominator)
            result = result * 10 + digit
            remainder = Rational(next, remainder.denominator)
        }
        return result
    }
}

extension Usage.Interval {
    /// The interval in two, at a whole minute and with its energy in proportion; as it is if it is too short.
    func cut(by random: inout SeededGenerator) -> [Usage.Interval] {
        let minutes = (end - start).nanoseconds / 60_000_000_000
        guard minutes > 1 else { return [self] }
        let first = Int64.random(in: 1..<minutes, using: &random)
        var (left, right) = (self, self)
        left.end = start + .minutes(first)
        right.start = left.end
        left.energy = Energy(milliwattHours: energy.milliwattHours / minutes * first)
        right.energy = energy - left.energy
        return [left, right]
    }
}
