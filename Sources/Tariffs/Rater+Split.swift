// SPDX-License-Identifier: Apache-2.0

import Quantities

/// A stretch of the timeline over which no condition of the tariff changes.
struct Piece {
    /// Nanoseconds since the epoch.
    let start: Int64
    /// Nanoseconds since the epoch, exclusive.
    let end: Int64
    /// What was going on.
    let state: Usage.State
    /// 10^-12 kWh.
    let energy: Int128
    /// Energy of the session before the piece, 10^-12 kWh; 0 in a reservation.
    let energyBefore: Int128
    /// Nanoseconds from the start of the session to the start of the piece; 0 in a reservation.
    let elapsed: Int64
    /// Nanoseconds of charging before the piece, parking and gaps left out.
    let charging: Int64
    /// Nanoseconds from the moment the vehicle stopped asking for power to the start of the piece.
    let idle: Int64
    /// Milliwatts.
    let power: Int64?
    /// Microamperes.
    let current: Int64?
    /// Milliwatts, where they changed in the piece and `power` is the lowest (D9).
    let highestPower: Int64?
    /// Microamperes, where they changed in the piece and `current` is the lowest.
    let highestCurrent: Int64?
    /// Ten-thousandths of a percent of the battery.
    let stateOfCharge: Int64?

    /// Nanoseconds.
    var duration: Int128 { Int128(end - start) }
    /// Whether the piece lies before the session.
    var isReserved: Bool { state == .reserved }
}

/// Walks the spans of a timeline in order and cuts each wherever a condition may change (tariffs.md §4.2).
struct Splitter {
    /// A place inside a span: its instant, and the energy from the start of the span up to there.
    private struct Cut {
        let instant: Int64
        let energy: Int128
    }

    private let plan: RatingPlan
    private let sessionStart: Int64?
    /// Whether spans stay whole and are priced by what holds at their starts.
    private let pricesAtStarts: Bool
    /// Instants at which a clock, the duration of the session, a price, the site or the tariff changes, ascending.
    private let instants: [Int64]
    private var nextInstant = 0
    private var nextThreshold = 0
    /// Energy of the session so far.
    private var energy: Int128 = 0
    /// Nanoseconds of charging so far.
    private var charging: Int64 = 0
    /// When the vehicle last stopped asking for power; nil while it asks.
    private var idleStart: Int64?
    private var cuts: [Cut] = []

    /// Finds the instants of a timeline at which conditions may change.
    init(
        _ timeline: Timeline, _ plan: RatingPlan, _ zone: ZoneRules, _ context: RatingContext,
        _ prices: PriceSteps, _ policy: RatingPolicy
    ) {
        self.plan = plan
        sessionStart = timeline.sessionStart
        pricesAtStarts = policy.pricesAtStarts
        let (first, last) = (timeline.spans[0].start, timeline.spans[timeline.spans.count - 1].end)
        var instants: [Int64] = []
        if plan.readsLocalTime, !policy.freezesStart {
            instants = zone.instants(of: plan.clockSeconds, from: first, to: last)
        }
        if let start = timeline.sessionStart {
            for duration in plan.durations {
                let (instant, overflow) = start.addingReportingOverflow(duration)
                if !overflow, instant < last { instants.append(instant) }
            }
        }
        if !plan.sourced.isEmpty { instants += prices.instants }
        if plan.readsOccupancy { instants += context.occupancy.map(\.from.nanoseconds) }
        instants += plan.changes
        self.instants = instants.sorted()
    }

    /// Cuts a span and hands its pieces on.
    mutating func cut(_ span: Timeline.Span, into selection: inout Selection) {
        if span.state == .parking {
            idleStart = idleStart ?? span.start
        } else {
            idleStart = nil
        }
        cuts.removeAll(keepingCapacity: true)
        if !pricesAtStarts {
            cutAtInstants(span)
            cutAtClocks(span)
            if span.state != .reserved { cutAtThresholds(span) }
        }
        // By energy first: a cut in time has its energy rounded down, a cut in energy its instant to the
        // nearest nanosecond, so in this order neither ever falls.
        if cuts.count > 1 { cuts.sort { ($0.energy, $0.instant) < ($1.energy, $1.instant) } }
        var from = Cut(instant: span.start, energy: 0)
        for cut in cuts where cut.instant > from.instant || cut.energy > from.energy {
            selection.add(piece(of: span, from: from, to: cut))
            from = cut
        }
        selection.add(piece(of: span, from: from, to: Cut(instant: span.end, energy: span.energy)))
        if span.state != .reserved { energy += span.energy }
        if span.state == .charging || span.state == .suspended { charging += span.end - span.start }
    }

    private mutating func cutAtInstants(_ span: Timeline.Span) {
        while nextInstant < instants.count, instants[nextInstant] <= span.start { nextInstant += 1 }
        while nextInstant < instants.count, instants[nextInstant] < span.end {
            cut(span, at: instants[nextInstant])
            nextInstant += 1
        }
    }

    /// Time of idling and of charging, which run on clocks of their own.
    private mutating func cutAtClocks(_ span: Timeline.Span) {
        if let idleStart {
            for bound in plan.idleBounds { cut(span, after: bound, since: idleStart) }
        } else if span.state != .reserved {
            for bound in plan.chargingBounds where bound > charging {
                cut(span, after: bound - charging, since: span.start)
            }
        }
    }

    private mutating func cut(_ span: Timeline.Span, after nanoseconds: Int64, since start: Int64) {
        let (instant, overflow) = start.addingReportingOverflow(nanoseconds)
        if !overflow, instant > span.start, instant < span.end { cut(span, at: instant) }
    }

    /// Exact in time; the energy up to there is rounded down, and the last piece takes the remainder (D3).
    private mutating func cut(_ span: Timeline.Span, at instant: Int64) {
        guard span.energy != 0 else { return cuts.append(Cut(instant: instant, energy: 0)) }
        let share = span.energy * Int128(instant - span.start)
        let energy = divide(share, by: Int128(span.end - span.start), rounding: .down)
        cuts.append(Cut(instant: instant, energy: energy))
    }

    /// Exact in energy; the instant is rounded to the nanosecond.
    private mutating func cutAtThresholds(_ span: Timeline.Span) {
        let thresholds = plan.energyThresholds
        while nextThreshold < thresholds.count, thresholds[nextThreshold] <= energy { nextThreshold += 1 }
        while nextThreshold < thresholds.count, thresholds[nextThreshold] < energy + span.energy {
            let part = thresholds[nextThreshold] - energy
            let time = divide(part * Int128(span.end - span.start), by: span.energy, rounding: .halfUp)
            cuts.append(Cut(instant: span.start + Int64(time), energy: part))
            nextThreshold += 1
        }
    }

    private func piece(of span: Timeline.Span, from: Cut, to: Cut) -> Piece {
        let isReserved = span.state == .reserved
        return Piece(
            start: from.instant, end: to.instant, state: span.state, energy: to.energy - from.energy,
            energyBefore: isReserved ? 0 : energy + from.energy,
            elapsed: isReserved ? 0 : from.instant - (sessionStart ?? from.instant),
            charging: charging + (idleStart == nil && !isReserved ? from.instant - span.start : 0),
            idle: idleStart.map { from.instant - $0 } ?? 0, power: span.power, current: span.current,
            highestPower: span.highestPower, highestCurrent: span.highestCurrent,
            stateOfCharge: span.stateOfCharge)
    }
}

extension ZoneRules {
    /// The instants strictly between two others at which a local clock shows one of `seconds` of the day, and
    /// those at which the clocks change. The repeated hour shows a time twice, a skipped hour never (D26).
    func instants(of seconds: [Int64], from start: Int64, to end: Int64) -> [Int64] {
        let first = Instant(nanoseconds: start)
        let last = Instant(nanoseconds: end)
        var result: [Int64] = []
        for number in index(at: first)...index(at: last) {
            let isLast = number + 1 == offsets.count
            let from = number == 0 ? first : max(first, offsets[number].from)
            let until = isLast ? last : min(last, offsets[number + 1].from)
            if from > first { result.append(from.nanoseconds) }
            let offset = offsets[number].seconds
            // Whole seconds keep the multiplication away from the ends of Int64.
            let low = from.seconds
            let high = until.seconds
            var midnight = floorOfDay(low + offset) - offset
            while midnight <= high {
                for second in seconds where midnight + second > low && midnight + second <= high {
                    let instant = (midnight + second) * 1_000_000_000
                    if instant < end { result.append(instant) }
                }
                midnight += 86_400
            }
        }
        return result
    }
}

/// The local midnight at or before a local second.
private func floorOfDay(_ second: Int64) -> Int64 {
    let (day, rest) = second.quotientAndRemainder(dividingBy: 86_400)
    return (rest < 0 ? day - 1 : day) * 86_400
}
