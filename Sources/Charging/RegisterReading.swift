// SPDX-License-Identifier: Apache-2.0

import Quantities

/// The registers of a session made into proven energy (charging.md §6): a difference, never a sum of deltas
/// (C48); what the registers do not prove is given away or left to a person.
struct RegisterReading {
    /// The register at the start.
    private(set) var start: Energy?
    /// The start plus what is proven; the highest so far while the session runs.
    private(set) var end: Energy?
    private(set) var energy = Energy.zero
    private(set) var points: [Session.RegisterPoint] = []
    private(set) var flags: Set<SessionFlag> = []
    /// Whether an end register was told, by the stop or by a reading marked as the end.
    private(set) var hasEnd = false

    private let limit: DeliveryLimit

    init(_ timeline: FactTimeline, _ rules: SessionRules) {
        limit = DeliveryLimit(rules, hasClock: timeline.clock.source != .none)
        var samples = Self.samples(timeline, rules)
        if timeline.judgement == .stop(.lastSample) { samples.removeAll { $0.context == Self.endContext } }
        guard let begun = timeline.startedAt,
            var first = Self.firstRegister(timeline, &samples)
        else {
            lackStart(timeline, samples)
            return
        }
        var stop = timeline.end?.register
        let scale = ownScale(first, samples, stop, begun, rules)
        if scale != .zero {
            for index in samples.indices { samples[index].register = samples[index].register + scale }
            if let told = stop, told < first { stop = told + scale }
        } else if isTooLow(first, samples, stop, begun) {
            first = samples[0].register
            flags.insert(.twoScales)
        }
        start = first
        let from = RegisterWalk.Step(at: begun, register: first)
        let steps = endingWith(stop, timeline.end, samples, from)
        if steps.isEmpty, flags.contains(.estimatedEnd), timeline.owesEnd { flags.insert(.noUsableRegister) }
        follow(from, steps, timeline)
    }

    /// A register that a reading told.
    private struct Sample: Hashable {
        var at: Instant
        var register: Energy
        var context: String
        var sequence: Int64?
        var power: Power?
        var current: Current?

        var step: RegisterWalk.Step {
            RegisterWalk.Step(at: at, register: register, power: power, current: current)
        }
    }

    /// Import registers at the outlet, up to the stop: what is measured later is evidence, not energy (C62).
    private static func samples(_ timeline: FactTimeline, _ rules: SessionRules) -> [Sample] {
        let powers = Dictionary(
            timeline.totals(of: .power).map { ($0.at, $0.value) }, uniquingKeysWith: { $1 })
        let currents = Dictionary(
            timeline.totals(of: .current).map { ($0.at, $0.value) }, uniquingKeysWith: { $1 })
        return timeline.totals(of: .importRegister, at: rules.meter.location.wire).compactMap { total in
            let register = Energy(milliwattHours: total.value)
            guard register.isOnMeter, isBeforeEnd(total, timeline.end) else { return nil }
            return Sample(
                at: total.at, register: register, context: total.context, sequence: total.sequence,
                power: powers[total.at].map { Power(milliwatts: $0) },
                current: currents[total.at].map { Current(microamperes: $0) })
        }
    }

    /// The reading that the ending event itself marks as the end of the transaction is its end, although it
    /// may be measured a moment later (a signature takes up to 30 s; C64); a register told with the stop is
    /// later than all samples.
    private static func isBeforeEnd(_ total: FactTimeline.Total, _ end: FactTimeline.End?) -> Bool {
        guard let end, total.at > end.at else { return true }
        guard end.register == nil, total.context == endContext, total.sequence == end.sequence else {
            return false
        }
        return end.sequence != nil || total.at - end.at <= endLag
    }

    /// Something was delivered, but from where the register began nobody knows; or not even where it ended.
    private mutating func lackStart(_ timeline: FactTimeline, _ samples: [Sample]) {
        guard let end = timeline.end, end.register != nil || timeline.mayHaveCharged else { return }
        if end.register != nil || !samples.isEmpty {
            flags.insert(.noStartRegister)
        } else if timeline.leavesEnergyOpen {
            flags.insert(.noUsableRegister)
        }
    }

    private static let beginContext = "Transaction.Begin"
    private static let endContext = "Transaction.End"
    /// How long after a stop without a number a reading marked as the end may be measured.
    private static let endLag = Elapsed.minutes(1)

    /// The start register: told, or marked as the beginning, or the first sample (C49), but for one that is marked as the
    /// end: from there nothing can be counted. What was measured before it belongs to another session.
    private static func firstRegister(_ timeline: FactTimeline, _ samples: inout [Sample]) -> Energy? {
        if let told = timeline.startRegister {
            if timeline.clock.source != .none, let begun = timeline.startedAt {
                samples.removeAll { $0.at < begun }
            }
            dropBeginning(told, from: &samples)
            return told
        }
        guard let marked = samples.firstIndex(where: { $0.context == Self.beginContext }) else {
            return samples.first { $0.context != Self.endContext }?.register
        }
        let register = samples[marked].register
        samples.removeFirst(marked + 1)
        dropBeginning(register, from: &samples)
        return register
    }

    /// Transaction data repeat the beginning, by some stations with the time of the stop: it is no sample of then.
    private static func dropBeginning(_ register: Energy, from samples: inout [Sample]) {
        samples.removeAll { $0.context == beginContext && $0.register == register }
    }

    /// What to add to samples that count from zero in each transaction while the start is the meter's own;
    /// zero if they do not. Until the operator has said so of the station, a person must look.
    private mutating func ownScale(
        _ first: Energy, _ samples: [Sample], _ stop: Energy?, _ begun: Instant, _ rules: SessionRules
    ) -> Energy {
        guard let sample = samples.first, samples.allSatisfy({ $0.register < first }) else { return .zero }
        let isNearZero = limit.allows(sample.register, from: begun, to: sample.at)
        guard isNearZero, stop.map({ $0 >= first || $0 >= samples[samples.count - 1].register }) ?? true
        else { return .zero }
        // Near the end of its digits the register may have begun anew instead.
        let from = RegisterWalk.Step(at: begun, register: first)
        guard RegisterWalk.rolledOver(from: from, to: sample.step, limit) == nil else { return .zero }
        if !rules.meter.countsFromZero { flags.insert(.twoScales) }
        return first
    }

    /// A start register of 0 and absolute samples: nobody can have delivered that, and all that follows
    /// agrees with the samples. Then the first sample is the start (C58).
    private func isTooLow(
        _ first: Energy, _ samples: [Sample], _ stop: Energy?, _ begun: Instant
    ) -> Bool {
        guard let sample = samples.first, sample.register > first else { return false }
        let others = samples.dropFirst().map(\.register) + (stop.map { [$0] } ?? [])
        return !limit.allows(sample.register - first, from: begun, to: sample.at)
            && others.allSatisfy { $0 >= sample.register }
    }

    /// The steps of the walk, the end register last. A bad one, or none, leaves the last proven sample as the
    /// end (C57).
    private mutating func endingWith(
        _ stop: Energy?, _ end: FactTimeline.End?, _ samples: [Sample], _ from: RegisterWalk.Step
    ) -> [RegisterWalk.Step] {
        guard let end else { return samples.map(\.step) }
        if let stop {
            hasEnd = true
            let last = RegisterWalk.Step(at: max(end.at, samples.last?.at ?? end.at), register: stop)
            let before = samples.last?.step ?? from
            guard isBad(last, after: before, from.register) else { return samples.map(\.step) + [last] }
            flags.insert(.badStopRegister)
            return samples.map(\.step)
        }
        return endingAtMark(end, samples, from)
    }

    /// Where the stop tells no register, the reading marked as the end is it; of several the one in the
    /// ending message.
    private mutating func endingAtMark(
        _ end: FactTimeline.End, _ samples: [Sample], _ from: RegisterWalk.Step
    ) -> [RegisterWalk.Step] {
        let marks = samples.filter { $0.context == Self.endContext }
        guard let marked = marks.last(where: { $0.sequence == end.sequence }) ?? marks.last else {
            flags.insert(.estimatedEnd)
            return samples.map(\.step)
        }
        hasEnd = true
        if marks.contains(where: { $0.register != marked.register }) { flags.insert(.stopConflict) }
        let others = samples.filter { $0.context != Self.endContext }.map(\.step)
        let last = RegisterWalk.Step(
            at: max(marked.at, others.last?.at ?? marked.at), register: marked.register, power: marked.power,
            current: marked.current)
        guard isBad(last, after: others.last ?? from, from.register) else { return others + [last] }
        flags.insert(.badStopRegister)
        return others
    }

    /// -1, 0, or below both the start and the sample before it, without any end of digits between.
    private func isBad(
        _ stop: RegisterWalk.Step, after before: RegisterWalk.Step, _ first: Energy
    ) -> Bool {
        if !stop.register.isOnMeter { return true }
        guard stop.register < before.register, stop.register < first || stop.register == .zero else {
            return false
        }
        return RegisterWalk.rolledOver(from: before, to: stop, limit) == nil
    }

    private mutating func follow(
        _ from: RegisterWalk.Step, _ steps: [RegisterWalk.Step], _ timeline: FactTimeline
    ) {
        let walk = RegisterWalk(from: from, through: steps, limit: limit, isOver: timeline.end != nil)
        points = walk.points
        energy = walk.energy
        end = from.register + walk.energy
        flags.formUnion(walk.flags)
        let over = max(timeline.end?.at ?? from.at, points.last?.at ?? from.at)
        if !limit.allows(energy, from: from.at, to: over) { flags.insert(.implausibleEnergy) }
    }
}
