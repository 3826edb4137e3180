// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The properties of tariffs.md §10 over 100,000 random tariffs and sessions, extensions included: seeds 1,000,000 to
/// 1,099,999, in eight shares. A failure prints its seed; `RandomCase(seed:_:)` with it makes the same case again.
///
/// One share after the other, and every case gives way: tests beside it that wait for a server have time limits.
@Suite("Rater properties", .serialized, .timeLimit(.minutes(10)))
struct RaterPropertyTests {
    private static let first: UInt64 = 1_000_000
    private static let count: UInt64 = 100_000
    private static let shares: UInt64 = 8

    /// Each case is rated once for what holds on every bill, and once more for one of the properties that compare.
    @Test("§10: 100,000 random cases", arguments: 0..<Self.shares)
    func allProperties(share: UInt64) async throws {
        let length = Self.count / Self.shares
        for seed in (Self.first + share * length)..<(Self.first + (share + 1) * length) {
            await Task.yield()
            // Every tenth case is as large as cases get.
            let random = try RandomCase(seed: seed, seed.isMultiple(of: 10) ? .full : .small)
            let rated = try random.rated()
            try checkSums(random, rated)
            checkLimits(random, rated)
            checkCredit(random, rated)
            switch seed / 10 % 6 {
            case 0: try checkCutting(random, rated)
            case 1: try checkOrder(random, rated)
            case 2: try checkRunningCost(random, rated)
            case 3: try checkUnreachable(random, rated)
            case 4: try checkFrozen(random, rated)
            default: try checkShift(random, rated)
            }
        }
    }

    /// 1, 5: segments sum to the metered energy, parts to lines, lines to totals, taxes to gross − net.
    private func checkSums(_ random: RandomCase, _ rated: Rated) throws {
        let metered = random.intervals.reduce(Int128(0)) { $0 + Int128($1.energy.milliwattHours) * 1_000_000 }
        let segments = rated.segments.reduce(Int128(0)) { $0 + $1.energy.fineUnits }
        if segments != metered { Issue.record("1: energy of segments, \(random)") }
        let always = ([random.tariff] + random.changes.map(\.tariff)).allSatisfy { tariff in
            tariff.elements.contains { element in
                element.restriction == nil && element.components.contains { $0.dimension == .energy }
            }
        }
        if always, !rated.noteCodes.contains(.waivedTrivial),
            !rated.lines.contains(where: { $0.kind == .minPrice })
        {
            let billed = rated.lines.filter { $0.kind == .energy }.flatMap(\.parts)
                .reduce(Int128(0)) { $0 + $1.quantity.fineUnits - $1.stepSurplus.fineUnits }
            if billed != metered { Issue.record("1: energy of parts, \(random)") }
        }
        if let fault = rated.inconsistency { Issue.record("\(fault), \(random)") }
    }

    /// 4, 11: totals are within the limits, and net is at most gross.
    private func checkLimits(_ random: RandomCase, _ rated: Rated) {
        let tariff =
            random.changes.last { $0.from < random.intervals.map(\.end).max() ?? .epoch }?.tariff
            ?? random.tariff
        let isWaived = rated.noteCodes.contains(.waivedTrivial)
        let net = rated.exact.beforeTax.milliardths
        let hasCap = rated.lines.contains { $0.kind == .counterCap }
        if let minimum = tariff.minimum, !hasCap, !isWaived, net < Int128(minimum.net.billionths) {
            Issue.record("11: below the minimum, \(random)")
        }
        if let maximum = tariff.maximum, tariff.rules.percentageFee == nil,
            net > Int128(maximum.net.billionths)
        {
            Issue.record("11: above the maximum, \(random)")
        }
        // A negative index price may be taxed higher than the rest.
        let hasNegative = ([random.tariff] + random.changes.map(\.tariff)).contains { tariff in
            tariff.elements.contains { element in
                element.components.contains {
                    if case .index(let index) = $0.source { return index.floor == nil }
                    return false
                }
            }
        }
        if !hasNegative, net > rated.exact.afterTax.milliardths {
            Issue.record("4: net above gross, \(random)")
        }
    }

    /// 7: credit plus original is zero for every line, and twice a credit is the original.
    private func checkCredit(_ random: RandomCase, _ rated: Rated) {
        let credit = rated.credit
        let isOpposite = zip(rated.lines, credit.lines).allSatisfy { ($0.amount + $1.amount).isZero }
        if !isOpposite || !(rated.gross + credit.gross).isZero || credit.credit != rated {
            Issue.record("7: credit, \(random)")
        }
    }

    /// 2: cutting an interval at any minute, energy in proportion, does not change the totals.
    private func checkCutting(_ random: RandomCase, _ rated: Rated) throws {
        var generator = SeededGenerator(seed: random.seed)
        let again = try random.rated(random.intervals.flatMap { $0.cut(by: &generator) })
        let difference = again.exact.afterTax.milliardths - rated.exact.afterTax.milliardths
        if abs(difference) > 1 || again.lines.map(\.kind) != rated.lines.map(\.kind) {
            Issue.record("2: cutting, \(random)")
        }
    }

    /// The order of intervals does not matter.
    private func checkOrder(_ random: RandomCase, _ rated: Rated) throws {
        var generator = SeededGenerator(seed: random.seed)
        let again = try random.rated(random.intervals.shuffled(using: &generator))
        if again.lines != rated.lines || again.segments != rated.segments || again.gross != rated.gross {
            Issue.record("order, \(random)")
        }
    }

    /// 8: the running cost at the end is the final cost, and it never looks at later intervals.
    private func checkRunningCost(_ random: RandomCase, _ rated: Rated) throws {
        var running: [Usage.Interval] = []
        for interval in random.intervals {
            running.append(interval)
            let soFar = try random.rated(running)
            if running.count == random.intervals.count, soFar != rated { Issue.record("8: final, \(random)") }
            // Until a session follows, a reservation counts as expired: its segments are priced otherwise.
            if soFar.noteCodes.contains(.reservationExpired) { continue }
            // A tariff that takes over later cuts segments by its own bounds, too.
            guard random.changes.isEmpty else { continue }
            if Array(rated.segments.prefix(soFar.segments.count)) != soFar.segments {
                Issue.record("8: running, \(random)")
            }
        }
    }

    /// 9: an element that can never be reached changes nothing.
    private func checkUnreachable(_ random: RandomCase, _ rated: Rated) throws {
        var never = Restriction()
        never.maxDurationSeconds = 0
        never.minDurationSeconds = 0
        let extra = TariffElement(TariffDimension.allCases.map { PriceComponent($0, .of("9")) }, when: never)
        let longer = try Tariff(
            id: "R", currency: random.tariff.currency, taxMode: random.tariff.taxMode,
            elements: random.tariff.elements + [extra], terms: random.tariff.terms)
        let again = try random.rated(under: longer)
        if again.lines != rated.lines || again.exact != rated.exact {
            Issue.record("9: unreachable, \(random)")
        }
    }

    /// A tariff frozen as canonical JSON, with its context, prices the same.
    private func checkFrozen(_ random: RandomCase, _ rated: Rated) throws {
        let (tariff, _) = try Tariff.decode(ocpi: random.tariff.canonicalJSON)
        if tariff != random.tariff || tariff.contentHash != random.tariff.contentHash {
            Issue.record("canonical form, \(random)")
        }
        if try random.rated(under: tariff) != rated { Issue.record("frozen tariff, \(random)") }
    }

    /// 6: shifting all times does not change the total when nothing names a time.
    private func checkShift(_ random: RandomCase, _ rated: Rated) throws {
        let namesTime = random.tariff.elements.contains { element in
            element.restriction?.readsLocalTime == true || element.restriction?.minOccupancy != nil
                || element.restriction?.maxOccupancy != nil
                || element.components.contains { $0.source != nil }
        }
        guard !namesTime, random.changes.isEmpty else { return }
        let shifted = random.intervals.map { interval in
            var copy = interval
            copy.start = copy.start + .minutes(12_345)
            copy.end = copy.end + .minutes(12_345)
            return copy
        }
        if try random.rated(shifted).exact != rated.exact { Issue.record("6: shift, \(random)") }
    }

    @Test(
        "3: the total does not fall when energy rises, prices being at least 0 and without a limit or an energy tier"
    )
    func monotone() async throws {
        for seed in UInt64(2_000_000)..<2_002_000 {
            await Task.yield()
            let random = try RandomCase(seed: seed, .plain)
            let hasIndex = ([random.tariff] + random.changes.map(\.tariff)).contains { tariff in
                tariff.elements.contains { $0.components.contains { $0.source != nil } }
            }
            guard !hasIndex, let index = random.intervals.firstIndex(where: { $0.start < $0.end }) else {
                continue
            }
            var more = random.intervals
            more[index].energy += Energy(wattHours: 1000)
            let (less, greater) = (try random.rated().exact.beforeTax, try random.rated(more).exact.beforeTax)
            #expect(less.milliardths <= greater.milliardths, "\(random)")
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
