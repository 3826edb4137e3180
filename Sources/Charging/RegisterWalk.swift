// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Registers in order of time made into proven energy: what rises counts, and a fall is one of the kinds of
/// charging.md §6, rule 5.
struct RegisterWalk {
    /// A register at a time.
    struct Step: Hashable {
        var at: Instant
        var register: Energy
        var power: Power?
        var current: Current?
    }

    /// Proven registers on the scale of the first, never falling.
    private(set) var points: [Session.RegisterPoint]
    /// The sum of all that rose, each rise once.
    private(set) var energy = Energy.zero
    private(set) var flags: Set<SessionFlag> = []

    /// Falls up to this are the meter's last digit.
    private static let slack = Energy(wattHours: 1)

    private let limit: DeliveryLimit
    private var previous: Step

    /// Walks from the start register; `isOver` tells whether more may come.
    init(from start: Step, through steps: [Step], limit: DeliveryLimit, isOver: Bool) {
        self.limit = limit
        previous = start
        points = [Session.RegisterPoint(at: start.at, register: start.register, power: nil, current: nil)]
        let steps = Self.withoutGlitches([start] + steps, limit)
        for (index, step) in steps.enumerated() {
            let isLatest = index == steps.count - 1 && !isOver
            guard let rise = proven(by: step, isLatest: isLatest) else { continue }
            energy += rise
            previous = step
            points.append(
                Session.RegisterPoint(
                    at: max(step.at, points.last?.at ?? step.at), register: start.register + energy,
                    power: step.power, current: step.current))
        }
    }

    /// What a step proves to have flowed since the one before; nil if it is to be ignored. When the newest
    /// sample of a running session falls or leaps, the next one will tell what that means.
    private mutating func proven(by step: Step, isLatest: Bool) -> Energy? {
        let rise = step.register - previous.register
        if rise >= .zero {
            guard limit.allows(rise, from: previous.at, to: step.at) else {
                if isLatest { return nil }
                flags.insert(.implausibleEnergy)
                return rise
            }
            return rise
        }
        if rise >= .zero - Self.slack { return nil }
        if let rolled = Self.rolledOver(from: previous, to: step, limit) {
            flags.insert(.rollover)
            return rolled
        }
        if isLatest { return nil }
        guard step.register.milliwattHours < previous.register.milliwattHours / 2 else {
            flags.insert(.registerFault)
            return nil
        }
        // The meter began anew somewhere between the two; that piece is given away.
        flags.insert(.registerReset)
        return .zero
    }

    /// Leaves out samples out of line, where what follows is back where the register was (charging.md §6,
    /// glitch).
    private static func withoutGlitches(_ steps: [Step], _ limit: DeliveryLimit) -> [Step] {
        var kept = Array(steps.prefix(1))
        for index in steps.indices.dropFirst() {
            let after = steps[(index + 1)...]
            if let before = kept.last, isGlitch(before, steps[index], after, limit) { continue }
            kept.append(steps[index])
        }
        return Array(kept.dropFirst())
    }

    private static func isGlitch(
        _ before: Step, _ step: Step, _ after: ArraySlice<Step>, _ limit: DeliveryLimit
    ) -> Bool {
        guard let next = after.first else { return false }
        if step.register < before.register - slack {
            guard rolledOver(from: before, to: step, limit) == nil else { return false }
            if next.register >= before.register - slack { return true }
            // Several low ones are out of line if the way back is too far to have been delivered: no reset
            // then.
            guard let back = after.first(where: { $0.register >= before.register - slack }) else {
                return false
            }
            return !limit.allows(back.register - step.register, from: step.at, to: back.at)
        }
        // One that is too high is out of line only if nobody can have delivered it: else it counts (rule 4).
        return next.register < step.register - slack && next.register >= before.register - slack
            && rolledOver(from: step, to: next, limit) == nil
            && !limit.allows(step.register - before.register, from: before.at, to: step.at)
    }

    /// What flowed over the end of a register's digits: M − previous + next, if the two lie at its ends and
    /// it can have flowed in the time.
    static func rolledOver(from previous: Step, to next: Step, _ limit: DeliveryLimit) -> Energy? {
        for size in sizes {
            let whole = Energy(wattHours: size)
            let isNearEnd = previous.register.milliwattHours > whole.milliwattHours / 100 * 98
            let isNearZero = next.register.milliwattHours < whole.milliwattHours / 100 * 2
            guard isNearEnd, previous.register <= whole, isNearZero else { continue }
            let rolled = whole - previous.register + next.register
            return limit.allows(rolled, from: previous.at, to: next.at) ? rolled : nil
        }
        return nil
    }

    /// Where registers begin anew, in Wh: 10⁶ to 10⁹ Wh, 2³¹ and 2³² Wh, 10⁵ to 10⁷ kWh.
    private static let sizes: [Int64] = [
        1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 2_147_483_648, 4_294_967_296, 10_000_000_000,
    ]
}
