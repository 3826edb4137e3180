// SPDX-License-Identifier: Apache-2.0

import Quantities

/// The registers of a session made into proven energy (charging.md §6): a difference, never a sum of deltas; what the
/// registers do not prove is given away or left to a person.
struct RegisterReading {
    private(set) var start: Energy?
    private(set) var end: Energy?
    private(set) var energy = Energy.zero
    private(set) var points: [Session.RegisterPoint] = []
    private(set) var flags: Set<SessionFlag> = []
    /// Whether the end register was told, by a stop or a reading marked as the end.
    private(set) var hasEnd = false

    init(_ timeline: FactTimeline, _ rules: SessionRules) {
        var samples = Self.samples(timeline)
        start = timeline.startRegister ?? Self.marked("Transaction.Begin", samples) ?? samples.first?.register
        guard var first = start else { return }
        if let scale = Self.secondScale(first, samples, timeline, rules) {
            first = scale
            start = scale
            flags.insert(.twoScales)
        }
        let stop = timeline.end
        // C62: what is measured after the stop is evidence, not energy. The reading that the station marks as the end
        // of the transaction is its end, although its own time may lie a moment after the message's.
        if let stop { samples.removeAll { $0.at > stop.at && $0.context != "Transaction.End" } }
        let last = endRegister(stop, samples, above: first)
        follow(first, samples, last, timeline)
        checkPlausible(timeline, rules)
    }

    private struct Sample {
        var at: Instant
        var register: Energy
        var context: String
        var power: Power?
    }

    /// Import registers at the outlet, without a phase; the sum of the phases only where no total exists (C50).
    private static func samples(_ timeline: FactTimeline) -> [Sample] {
        let all = timeline.readings(of: .importRegister).filter { $0.reading.location == "Outlet" }
        let totals = all.filter { $0.reading.phase == nil }
        let powers = Dictionary(
            timeline.readings(of: .power).filter { $0.reading.phase == nil }.map {
                ($0.at, $0.reading.value)
            },
            uniquingKeysWith: { first, _ in first })
        func sample(_ at: Instant, _ value: Int64, _ context: String) -> Sample {
            Sample(
                at: at, register: Energy(milliwattHours: value), context: context,
                power: powers[at].map { Power(milliwatts: $0) })
        }
        if !totals.isEmpty { return totals.map { sample($0.at, $0.reading.value, $0.reading.context) } }
        let byTime = Dictionary(grouping: all) { $0.at }
        return byTime.keys.sorted().compactMap { at in
            let phases = byTime[at] ?? []
            guard Set(phases.compactMap(\.reading.phase)).isSuperset(of: ["L1", "L2", "L3"]) else {
                return nil
            }
            return sample(at, phases.reduce(0) { $0 + $1.reading.value }, phases[0].reading.context)
        }
    }

    private static func marked(_ context: String, _ samples: [Sample]) -> Energy? {
        samples.first { $0.context == context }?.register
    }

    /// A start register of 0 with absolute samples: the first sample is the start (C58).
    private static func secondScale(
        _ start: Energy, _ samples: [Sample], _ timeline: FactTimeline, _ rules: SessionRules
    ) -> Energy? {
        guard let first = samples.first, let power = rules.powerMax, let begun = timeline.startedAt else {
            return nil
        }
        let most = deliverable(power, in: first.at - begun)
        return first.register - start > most ? first.register : nil
    }

    /// At most P_max × time × 1.1 + 200 Wh (charging.md §6, rule 6).
    private static func deliverable(_ power: Power, in time: Elapsed) -> Energy {
        let nanoseconds = Int128(max(0, time.nanoseconds))
        let energy = divide(
            Int128(power.milliwatts) * nanoseconds * 11, by: 36_000_000_000_000, rounding: .up)
        return Energy(milliwattHours: Int64(energy)) + Energy(wattHours: 200)
    }

    private mutating func endRegister(
        _ stop: FactTimeline.End?, _ samples: [Sample], above first: Energy
    ) -> (at: Instant, register: Energy)? {
        guard let stop else { return nil }
        let marked = samples.last { $0.context == "Transaction.End" }
        if let told = stop.register {
            hasEnd = true
            let highest = samples.map(\.register).max() ?? first
            if told >= max(first, .zero), told >= highest || samples.isEmpty { return (stop.at, told) }
            if Self.isRollover(from: highest, to: told) { return (stop.at, told) }
            if let marked, marked.register >= highest { return (stop.at, marked.register) }
            flags.insert(.badStopRegister)
            return nil
        }
        if let marked {
            hasEnd = true
            return (stop.at, marked.register)
        }
        flags.insert(.estimatedEnd)
        return nil
    }

    /// Walks the registers in order of time and keeps what rises; a fall is one of the kinds of rule 5.
    private mutating func follow(
        _ first: Energy, _ samples: [Sample], _ last: (at: Instant, register: Energy)?,
        _ timeline: FactTimeline
    ) {
        var walk = samples.map { (at: $0.at, register: $0.register, power: $0.power) }
        if let last { walk.append((last.at, last.register, nil)) }
        let begun = timeline.startedAt ?? walk.first?.at ?? .epoch
        points = [Session.RegisterPoint(at: begun, register: first, power: nil)]
        var previous = first
        var proven = Energy.zero
        for (index, step) in walk.enumerated() {
            let rise = step.register - previous
            if rise >= .zero {
                proven += rise
                previous = step.register
            } else if rise >= Energy(wattHours: -1) {
                continue
            } else if let rolled = Self.rolledOver(from: previous, to: step.register) {
                proven += rolled
                previous = step.register
                flags.insert(.rollover)
            } else if walk.dropFirst(index + 1).contains(where: { $0.register >= previous }) {
                continue  // a glitch: one sample out of line, the next is back
            } else if step.register < Energy(milliwattHours: previous.milliwattHours / 2) {
                flags.insert(.registerReset)
                previous = step.register
            } else {
                flags.insert(.registerFault)
                continue
            }
            points.append(
                Session.RegisterPoint(at: max(step.at, begun), register: first + proven, power: step.power))
        }
        energy = proven
        end = first + proven
    }

    /// M ∈ {10⁶ … 10⁹, 2³¹, 2³²} Wh or 10⁵ … 10⁷ kWh; the previous register near M, the next near zero.
    private static func rolledOver(from previous: Energy, to next: Energy) -> Energy? {
        let wattHours: [Int64] = [
            1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 2_147_483_648, 4_294_967_296,
        ]
        for size in wattHours {
            let limit = Energy(wattHours: size)
            let isNear = previous.milliwattHours > limit.milliwattHours / 100 * 98 && previous <= limit
            if isNear, next.milliwattHours < limit.milliwattHours / 50 { return limit - previous + next }
        }
        return nil
    }

    private static func isRollover(from previous: Energy, to next: Energy) -> Bool {
        rolledOver(from: previous, to: next) != nil
    }

    private mutating func checkPlausible(_ timeline: FactTimeline, _ rules: SessionRules) {
        guard let power = rules.powerMax, let begun = timeline.startedAt, let latest = timeline.latestAt
        else { return }
        guard !timeline.flags.contains(.noClock) else { return }
        let over = timeline.end.map { max($0.at, begun) } ?? latest
        if energy > Self.deliverable(power, in: over - begun) { flags.insert(.implausibleEnergy) }
    }
}
