// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// A second implementation that walks a session minute by minute and shares no code with the rater.
///
/// It knows no steps, limits, caps, power bands and energy thresholds: what it checks is the splitting and selection
/// by clocks, dates, weekdays, durations, graces and phases.
@Suite("Minute stepping", .timeLimit(.minutes(5)))
struct MinuteSteppingTests {
    @Test("the rater agrees with a slow walk through every minute")
    func agrees() throws {
        for seed in UInt64(900_000)..<903_000 {
            let random = try RandomCase(seed: seed, isPlain: true)
            let rated = try Rater().rate(
                Usage(intervals: random.intervals), under: random.tariff, in: random.zone)

            let slow = SlowRater(random).total()

            let basis = rated.lineBasis == .afterTax ? rated.exact.afterTax : rated.exact.beforeTax
            #expect(Rational(basis) == slow, "\(random)")
        }
    }
}

/// Walks minute by minute.
private struct SlowRater {
    let random: RandomCase

    init(_ random: RandomCase) { self.random = random }

    /// The sum of all costs before limits and taxes.
    func total() -> Rational {
        var sum = Rational.zero
        let start = random.intervals.first { $0.state != .reserved }?.start
        var feesPaid: Set<Bool> = []
        var idleMinutes: Int64 = 0
        var idleSince: Instant?
        for interval in random.intervals {
            let isReserved = interval.state == .reserved
            if interval.state != .parking { idleSince = nil }
            if interval.state == .parking, idleSince == nil { idleSince = interval.start }
            let minutes = (interval.end - interval.start).nanoseconds / 60_000_000_000
            for minute in 0..<max(minutes, 1) {
                let instant = interval.start + .minutes(minute)
                let elapsed = isReserved ? 0 : (instant - (start ?? instant)).seconds
                idleMinutes = idleSince.map { (instant - $0).seconds / 60 } ?? 0
                func component(_ dimension: TariffDimension) -> PriceComponent? {
                    first(dimension, instant, elapsed, isReserved, start == nil)
                }
                if !feesPaid.contains(isReserved), let fee = component(.flat) {
                    feesPaid.insert(isReserved)
                    sum = sum + Rational(Int128(fee.price.billionths), 1_000_000_000)
                }
                guard minutes > 0 else { continue }
                if !isReserved, let energy = component(.energy) {
                    let milliwattHours = Int128(interval.energy.milliwattHours / minutes)
                    sum =
                        sum
                        + Rational(milliwattHours * Int128(energy.price.billionths), 1_000_000_000_000_000)
                }
                let dimension: TariffDimension = interval.state == .parking ? .parking : .time
                if let time = component(dimension),
                    idleMinutes * 60 >= (dimension == .parking ? time.graceSeconds ?? 0 : 0)
                {
                    sum = sum + Rational(Int128(time.price.billionths), 60_000_000_000)
                }
            }
        }
        return sum
    }

    private func first(
        _ dimension: TariffDimension, _ instant: Instant, _ elapsed: Int64, _ isReserved: Bool,
        _ isExpired: Bool
    ) -> PriceComponent? {
        for element in random.tariff.elements {
            guard let component = element.components.first(where: { $0.dimension == dimension }) else {
                continue
            }
            let restriction = element.restriction ?? Restriction()
            guard (restriction.reservation != nil) == isReserved else { continue }
            if restriction.reservation == .expired, !isExpired { continue }
            guard holdsLocally(restriction, instant) else { continue }
            if let minimum = restriction.minDurationSeconds, elapsed < minimum { continue }
            if let maximum = restriction.maxDurationSeconds, elapsed >= maximum { continue }
            return component
        }
        return nil
    }

    private func holdsLocally(_ restriction: Restriction, _ instant: Instant) -> Bool {
        let offset = random.zone.offsets.last { $0.from <= instant } ?? random.zone.offsets[0]
        let local = Instant(seconds: instant.seconds + offset.seconds)
        let minute = Int((local.seconds - local.utcDate.daysSinceEpoch * 86_400) / 60)
        if let days = restriction.weekdays, !days.map(\.isoNumber).contains(local.utcDate.weekday) {
            return false
        }
        if let start = restriction.startDate, local.utcDate < start { return false }
        if let end = restriction.endDate, local.utcDate >= end { return false }
        let start = restriction.startTime?.minuteOfDay ?? 0
        let end = restriction.endTime?.minuteOfDay ?? 0
        if start == end { return true }
        // 00:00 as an end is the end of the day; any other end before the start is on the next day.
        if end == 0 { return minute >= start }
        return start < end ? (start..<end).contains(minute) : !(end..<start).contains(minute)
    }
}
