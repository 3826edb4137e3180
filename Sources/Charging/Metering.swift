// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Step 3, Usage: a session's registers and states made into the timeline that the rater prices.
///
/// The energy of its intervals sums to the session's energy exactly; between two registers energy flows
/// evenly over the time (tariffs.md D3) and the last piece takes the remainder.
extension Session {
    /// The usage of the whole session, or of a running one as if it ended at `asOf`.
    package func usage(asOf: Instant? = nil) -> Usage {
        guard let begun = startedAt else { return Usage(intervals: []) }
        guard !flags.contains(.noClock) else { return Usage(intervals: [timeless(at: begun)]) }
        // Never up to less than was measured; a state may be newer, and of the next visit.
        let known = asOf.map { max($0, registers.last?.at ?? begun) } ?? latestAt ?? begun
        let last = max(endedAt ?? known, begun)
        var intervals: [Usage.Interval] = []
        var previous = begun
        var register = startRegister ?? .zero
        for point in registers.dropFirst() {
            let at = min(max(point.at, previous), last)
            cut(
                Usage.Interval(
                    from: previous, to: at, .charging, energy: point.register - register, power: point.power,
                    current: point.current), into: &intervals)
            previous = at
            register = point.register
        }
        if last > previous { cut(Usage.Interval(from: previous, to: last, .charging), into: &intervals) }
        // A session of no length without energy is still one: it is priced, at whatever a start costs.
        if intervals.isEmpty { intervals.append(Usage.Interval(from: begun, to: last, state(at: begun))) }
        return Usage(intervals: intervals)
    }

    /// Without a clock all energy is billed at the price in force at the start, and no time at all
    /// (charging.md §7).
    private func timeless(at begun: Instant) -> Usage.Interval {
        Usage.Interval(from: begun, to: begun, .charging, energy: energy)
    }

    /// Cuts a stretch where the state changes; each piece gets its share of the energy by time.
    private func cut(_ stretch: Usage.Interval, into intervals: inout [Usage.Interval]) {
        let whole = Int128((stretch.end - stretch.start).nanoseconds)
        guard whole > 0 else {
            guard stretch.energy != .zero else { return }
            var jump = stretch
            jump.state = state(at: stretch.start)
            return intervals.append(jump)
        }
        let changes = states.map(\.at).filter { $0 > stretch.start && $0 < stretch.end }
        let cuts = [stretch.start] + changes + [stretch.end]
        var given = Energy.zero
        for (from, to) in zip(cuts, cuts.dropFirst()) where to > from {
            let passed = Int128((to - stretch.start).nanoseconds)
            let upTo = divide(
                Int128(stretch.energy.milliwattHours) * passed, by: whole, rounding: .down)
            let piece = (to == stretch.end ? stretch.energy : Energy(milliwattHours: Int64(upTo))) - given
            given += piece
            intervals.append(
                Usage.Interval(
                    from: from, to: to, state(at: from), energy: piece, power: stretch.power,
                    current: stretch.current))
        }
    }

    /// Without any statement everything is charging and no idle fee arises (charging.md §12).
    private func state(at instant: Instant) -> Usage.State {
        states.lastIndex { $0.at <= instant }.map { usageState(at: $0) } ?? .charging
    }

    /// What one of the session's states means for the price.
    func usageState(at index: Int) -> Usage.State {
        switch states[index].state {
        case .charging: return .charging
        case .suspendedByStation: return .suspended
        case .suspendedByVehicle, .connected, .idle: return hasCharged(before: index) ? .parking : .suspended
        }
    }

    /// Whether an idle fee may arise from now on.
    package var mayBeIdle: Bool { states.indices.last.map { usageState(at: $0) == .parking } ?? false }

    /// Idle is what follows a charge (charging.md §12): the station said before that it charges, or its register had risen.
    private func hasCharged(before index: Int) -> Bool {
        let start = startRegister ?? .zero
        return states[..<index].contains { $0.state == .charging }
            || registers.contains { $0.at <= states[index].at && $0.register > start }
    }
}
