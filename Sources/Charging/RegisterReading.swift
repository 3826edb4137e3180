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
        let stop = timeline.end
        if let stop { keepWhatCounts(until: stop, &samples) }
        let told = timeline.startRegister.flatMap { Self.possible.contains($0) ? $0 : nil }
        start = told ?? Self.marked("Transaction.Begin", samples) ?? samples.first?.register
        guard var first = start else { return }
        if let scale = Self.secondScale(first, samples, timeline, rules) {
            first = scale
            start = scale
            flags.insert(.twoScales)
        }
        Self.removeGlitches(since: timeline.startedAt, above: first, &samples, rules)
        let last = endRegister(stop, samples, above: first)
        follow(first, samples, last, timeline)
        checkPlausible(timeline, rules)
    }

    /// What a register can show, up to ten times the largest that any meter rolls over at; other numbers are noise.
    private static let possible = Energy.zero...Energy(wattHours: 100_000_000_000)
    /// How long after the stop its own reading may be taken: a signature may take 30 s (charging.md §6, rule 13).
    private static let endLag = Elapsed.seconds(60)
    /// The time between two readings of a station without a clock, for the tests of rule 6.
    private static let assumedPause = Elapsed.hours(1)
    /// The length of a session of a station without a clock, for the tests of rule 6.
    private static let assumedSession = Elapsed.hours(24)

    private struct Sample {
        var at: Instant
        var received: FactTimeline.Receipt
        var register: Energy
        var context: String
        var power: Power?
    }

    /// Phases of one moment and one context belong together.
    private struct Moment: Hashable {
        var at: Instant
        var context: String
    }

    /// Import registers at the outlet, without a phase; the sum of the phases only where no total exists (C50).
    private static func samples(_ timeline: FactTimeline) -> [Sample] {
        let all = timeline.readings(of: .importRegister).filter {
            $0.reading.location == "Outlet" && possible.contains(Energy(milliwattHours: $0.reading.value))
        }
        let totals = all.filter { $0.reading.phase == nil }
        let powers = Dictionary(
            timeline.readings(of: .power).filter { $0.reading.phase == nil }.map {
                ($0.at, $0.reading.value)
            },
            uniquingKeysWith: { first, _ in first })
        func sample(_ first: FactTimeline.TimedReading, _ value: Int64) -> Sample {
            Sample(
                at: first.at, received: first.received, register: Energy(milliwattHours: value),
                context: first.reading.context, power: powers[first.at].map { Power(milliwatts: $0) })
        }
        if !totals.isEmpty { return totals.map { sample($0, $0.reading.value) } }
        let moments = Dictionary(grouping: all) { Moment(at: $0.at, context: $0.reading.context) }
        return moments.values.compactMap { readings -> Sample? in
            let phases = ["L1", "L2", "L3"].compactMap { name in readings.first { $0.reading.phase == name } }
            return phases.count == 3 ? sample(phases[0], phases.reduce(0) { $0 + $1.reading.value }) : nil
        }.sorted { ($0.at, $0.register, $0.context) < ($1.at, $1.register, $1.context) }
    }

    private static func marked(_ context: String, _ samples: [Sample]) -> Energy? {
        samples.first { $0.context == context }?.register
    }

    /// What is measured after the stop is evidence, not energy (C62). The reading that the station marks as the end is
    /// its end, although its own time may lie after that of the message that brought both, or a moment after the stop
    /// if it came by itself; of several the first stands (C33).
    private mutating func keepWhatCounts(until stop: FactTimeline.End, _ samples: inout [Sample]) {
        let ends = samples.filter { $0.context == "Transaction.End" }
        if let low = ends.map(\.register).min(), let high = ends.map(\.register).max(),
            high - low > Energy(wattHours: 1)
        {
            flags.insert(.stopConflict)
        }
        let first = ends.min { $0.received < $1.received }
        samples.removeAll { sample in
            guard sample.context == "Transaction.End" else { return sample.at > stop.at }
            let isTooLate = sample.at > stop.at + Self.endLag && sample.received.at != stop.received.at
            return isTooLate || sample.received != first?.received
        }
    }

    /// One sample out of line, the next is back: it is ignored (charging.md §6, rule 5). A sample that is too high is out
    /// of line only if the EVSE could not have delivered it, because a smaller one never lowers the total (rule 4).
    private static func removeGlitches(
        since begun: Instant?, above first: Energy, _ samples: inout [Sample], _ rules: SessionRules
    ) {
        var kept: [Sample] = []
        for (index, sample) in samples.enumerated() {
            guard index + 1 < samples.count else {
                kept.append(sample)
                break
            }
            let before = kept.last?.register ?? first
            let after = samples[index + 1].register
            let most = rules.powerMax.flatMap { power in
                (kept.last?.at ?? begun).map { before + deliverable(power, in: sample.at - $0) }
            }
            let isTooHigh = most.map { sample.register > $0 && sample.register > after } ?? false
            if before <= after, sample.register < before || isTooHigh { continue }
            kept.append(sample)
        }
        samples = kept
    }

    /// A start register far below the samples, most often 0: the first sample is the start (C58).
    private static func secondScale(
        _ start: Energy, _ samples: [Sample], _ timeline: FactTimeline, _ rules: SessionRules
    ) -> Energy? {
        guard let first = samples.first, let power = rules.powerMax, let begun = timeline.startedAt,
            start.milliwattHours < first.register.milliwattHours / 2
        else { return nil }
        let pause = timeline.flags.contains(.noClock) ? assumedPause : first.at - begun
        return first.register - start > deliverable(power, in: pause) ? first.register : nil
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
            let latest = samples.last?.register ?? first
            if Self.possible.contains(told),
                told >= latest - Energy(wattHours: 1) || Self.isRollover(from: latest, to: told)
            {
                return (stop.at, told)
            }
            flags.insert(.badStopRegister)
            return marked.map { (stop.at, $0.register) }
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
        let over = timeline.end.map { max($0.at, begun) } ?? latest
        let length = timeline.flags.contains(.noClock) ? Self.assumedSession : over - begun
        if energy > Self.deliverable(power, in: length) { flags.insert(.implausibleEnergy) }
    }
}
