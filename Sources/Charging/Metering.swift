// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Step 3, Usage: a session's registers and states made into the timeline that the rater prices.
///
/// The energy of its intervals sums to the session's energy exactly; between two registers energy flows evenly over
/// the time (tariffs.md D3) and the last piece takes the remainder.
extension Session {
    /// The usage of the whole session, or of a running one as if it ended at `asOf`.
    package func usage(asOf: Instant? = nil) -> Usage {
        guard let begun = startedAt else { return Usage(intervals: []) }
        let last = max(endedAt ?? max(asOf ?? begun, latestAt ?? begun), begun)
        var intervals: [Usage.Interval] = []
        var previous = registers.first ?? RegisterPoint(at: begun, register: .zero, power: nil)
        for point in registers.dropFirst() {
            let at = min(max(point.at, previous.at), last)
            append(
                from: previous.at, to: at, energy: point.register - previous.register, power: point.power,
                &intervals)
            previous = RegisterPoint(at: at, register: point.register, power: point.power)
        }
        if last > previous.at { append(from: previous.at, to: last, energy: .zero, power: nil, &intervals) }
        // A session of no length without energy is still one: it is priced, at whatever a start costs.
        if intervals.isEmpty { intervals.append(Usage.Interval(from: begun, to: last, state(at: begun))) }
        return Usage(intervals: intervals)
    }

    /// Cuts a stretch where the state changes; each piece gets its share of the energy by time.
    private func append(
        from start: Instant, to end: Instant, energy: Energy, power: Power?,
        _ intervals: inout [Usage.Interval]
    ) {
        guard end > start else {
            guard energy != .zero else { return }
            intervals.append(
                Usage.Interval(from: start, to: end, state(at: start), energy: energy, power: power))
            return
        }
        let cuts = [start] + states.map(\.at).filter { $0 > start && $0 < end } + [end]
        var given = Energy.zero
        let whole = Int128((end - start).nanoseconds)
        for (from, to) in zip(cuts, cuts.dropFirst()) {
            let passed = Int128((to - start).nanoseconds)
            let upTo = Energy(
                milliwattHours: Int64(
                    divide(Int128(energy.milliwattHours) * passed, by: whole, rounding: .down)))
            let piece = (to == end ? energy : upTo) - given
            given += piece
            intervals.append(Usage.Interval(from: from, to: to, state(at: from), energy: piece, power: power))
        }
    }

    /// Without any statement everything is charging and no idle fee arises (charging.md §12).
    private func state(at instant: Instant) -> Usage.State {
        guard let index = states.lastIndex(where: { $0.at <= instant }) else { return .charging }
        switch states[index].state {
        case .charging: return .charging
        case .suspendedByVehicle: return .parking
        case .suspendedByStation: return .suspended
        case .connected, .idle:
            let hasCharged = states[..<index].contains { $0.state == .charging }
            return hasCharged ? .parking : .suspended
        }
    }
}
