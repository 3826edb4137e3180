// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// A second implementation that walks a session minute by minute and shares no code with the rater.
///
/// It knows no steps, limits, caps, discounts and energy thresholds: what it checks is the splitting and selection by
/// clocks, dates, weekdays, durations, graces, phases, separate clocks, samples, occupancy and EVSE; schedules, indexes,
/// free quantities, frozen starts, both rule sets and a change of tariff.
@Suite("Minute stepping", .serialized, .timeLimit(.minutes(5)))
struct MinuteSteppingTests {
    @Test("the rater agrees with a slow walk through every minute", arguments: 0..<UInt64(4))
    func agrees(share: UInt64) async throws {
        for seed in (900_000 + share * 1000)..<(901_000 + share * 1000) {
            await Task.yield()
            let random = try RandomCase(seed: seed, .plain)
            let rated = try random.rated()

            var slow = SlowRater(random)

            let basis = rated.lineBasis == .afterTax ? rated.exact.afterTax : rated.exact.beforeTax
            #expect(Rational(basis) == slow.total(), "\(random)")
        }
    }
}

/// Walks minute by minute.
private struct SlowRater {
    /// Where the walk is.
    private struct Moment {
        var instant: Instant
        var elapsed: Int64 = 0
        var chargingMinutes: Int64 = 0
        var idleMinutes: Int64 = 0
        let isReserved: Bool
        let interval: Usage.Interval
    }

    let random: RandomCase
    let start: Instant?
    var sum = Rational.zero
    var feesPaid: Set<Bool> = []
    var tariffNumber = 0
    /// Whether something of the session was walked through already, be it an interval of no length.
    var hasJumped = false
    /// How much of each component's free quantity was used, in mWh or minutes, by tariff, element and component.
    var freeUsed: [[Int]: Int64] = [:]

    init(_ random: RandomCase) {
        self.random = random
        start = random.intervals.first { $0.state != .reserved }?.start
    }

    /// The sum of all costs before limits and taxes.
    mutating func total() -> Rational {
        var (charging, idleSince): (Int64, Instant?) = (0, nil)
        for interval in random.intervals {
            let isReserved = interval.state == .reserved
            idleSince = interval.state == .parking ? idleSince ?? interval.start : nil
            let minutes = (interval.end - interval.start).nanoseconds / 60_000_000_000
            for minute in 0..<max(minutes, 1) {
                var moment = Moment(
                    instant: interval.start + .minutes(minute), isReserved: isReserved, interval: interval)
                moment.elapsed = isReserved ? 0 : (moment.instant - (start ?? moment.instant)).seconds
                moment.idleMinutes = idleSince.map { (moment.instant - $0).seconds / 60 } ?? 0
                moment.chargingMinutes = charging
                walk(moment, minutes)
                if minutes > 0, interval.state == .charging || interval.state == .suspended { charging += 1 }
            }
        }
        return sum
    }

    private mutating func walk(_ moment: Moment, _ minutes: Int64) {
        while tariffNumber < random.changes.count, random.changes[tariffNumber].from <= moment.instant {
            tariffNumber += 1
            // Before the session began there was no fee that could be charged again.
            guard hasJumped else { continue }
            if tariff.rules.chargesFlatOnChange { feesPaid.remove(false) } else { feesPaid.insert(false) }
        }
        if !feesPaid.contains(moment.isReserved) {
            let fee = first(.flat, moment)
            if fee != nil || tariff.rules.ruleSet == .ocpp { feesPaid.insert(moment.isReserved) }
            if let fee { add(1, 1, fee, moment) }
        }
        if !moment.isReserved { hasJumped = true }
        guard minutes > 0 else { return }
        if !moment.isReserved, moment.interval.energy != .zero, let energy = first(.energy, moment) {
            add(moment.interval.energy.milliwattHours / minutes, 1_000_000, energy, moment)
        }
        let dimension: TariffDimension = moment.interval.state == .parking ? .parking : .time
        if let time = first(dimension, moment),
            moment.idleMinutes * 60 >= (dimension == .parking ? time.component.graceSeconds ?? 0 : 0)
        {
            add(1, 60, time, moment)
        }
    }

    private var tariff: Tariff { tariffNumber == 0 ? random.tariff : random.changes[tariffNumber - 1].tariff }

    /// Adds the cost of so many parts of a unit, less what is free.
    private mutating func add(
        _ quantity: Int64, _ parts: Int64, _ found: (key: [Int], component: PriceComponent), _ moment: Moment
    ) {
        var rest = quantity
        if let free = found.component.freeQuantity, found.component.dimension != .flat {
            let limit = found.component.dimension == .energy ? free * 1000 : free / 60
            let part = min(rest, limit - freeUsed[found.key, default: 0])
            freeUsed[found.key, default: 0] += part
            rest -= part
        }
        let price = price(of: found.component, at: moment)
        sum = sum + Rational(Int128(rest) * Int128(price.billionths), Int128(parts) * 1_000_000_000)
    }

    private func price(of component: PriceComponent, at moment: Moment) -> Rate {
        // A frozen start takes the price at the start of the session; of the reservation if none followed.
        let instant = random.policy.freezesStart ? start ?? random.intervals[0].start : moment.instant
        switch component.source {
        case nil: return component.price
        case .schedule(let prices): return prices.last { $0.from <= instant }?.price ?? component.price
        case .index(let index):
            let values = random.context.indexes[index.index] ?? []
            guard let value = values.last(where: { $0.from <= instant })?.price.billionths else {
                return component.price
            }
            // Values are whole thousandths, so nothing is left to round.
            let price = value / 1_000_000 * (index.factor.billionths / 1000) + index.adder.billionths
            return Rate(billionths: max(price, index.floor?.billionths ?? .min))
        }
    }

    private func first(_ dimension: TariffDimension, _ moment: Moment) -> (
        key: [Int], component: PriceComponent
    )? {
        for (number, element) in tariff.elements.enumerated() {
            guard let index = element.components.firstIndex(where: { $0.dimension == dimension }) else {
                continue
            }
            let restriction = element.restriction ?? Restriction()
            guard (restriction.reservation != nil) == moment.isReserved else { continue }
            if restriction.reservation == .expired, start != nil { continue }
            var clock = moment.instant
            if random.policy.freezesStart {
                clock = moment.isReserved ? random.intervals[0].start : start ?? clock
            }
            guard holdsLocally(restriction, clock), holdsInSession(restriction, moment) else { continue }
            return ([tariffNumber, number, index], element.components[index])
        }
        return nil
    }

    private func holdsInSession(_ restriction: Restriction, _ moment: Moment) -> Bool {
        func isWithin(_ value: Int64, _ minimum: Int64?, _ maximum: Int64?) -> Bool {
            if let minimum, value < minimum { return false }
            if let maximum, value >= maximum { return false }
            return true
        }
        guard isWithin(moment.elapsed, restriction.minDurationSeconds, restriction.maxDurationSeconds),
            isWithin(
                moment.chargingMinutes * 60, restriction.minChargingSeconds, restriction.maxChargingSeconds),
            isWithin(moment.idleMinutes * 60, restriction.minIdleSeconds, restriction.maxIdleSeconds)
        else { return false }
        if let minimum = restriction.minPower {
            guard let power = moment.interval.power, power.milliwatts >= minimum.milliwatts else {
                return false
            }
        }
        if let minimum = restriction.minStateOfCharge {
            guard let charge = moment.interval.stateOfCharge, charge >= minimum else { return false }
        }
        if restriction.minOccupancy != nil || restriction.maxOccupancy != nil {
            guard let share = random.context.occupancy.last(where: { $0.from <= moment.instant })?.share,
                isWithin(
                    share.tenThousandths, restriction.minOccupancy?.tenThousandths,
                    restriction.maxOccupancy?.tenThousandths)
            else { return false }
        }
        return restriction.evseKind.map { $0 == random.context.evseKind } ?? true
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
