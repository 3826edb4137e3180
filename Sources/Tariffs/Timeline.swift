// SPDX-License-Identifier: Apache-2.0

import Quantities

/// A usage in order of time, checked against all limits (stage 1 of tariffs.md §4).
struct Timeline {
    /// One interval, ready for arithmetic.
    struct Span {
        /// Nanoseconds since the epoch.
        let start: Int64
        /// Nanoseconds since the epoch, exclusive.
        let end: Int64
        /// What was going on.
        let state: Usage.State
        /// 10^-12 kWh, never negative.
        let energy: Int128
        /// Milliwatts.
        let power: Int64?
        /// Microamperes.
        let current: Int64?
        /// Milliwatts, where they changed in the span and `power` is the lowest.
        let highestPower: Int64?
        /// Microamperes, where they changed in the span and `current` is the lowest.
        let highestCurrent: Int64?
        /// Ten-thousandths of a percent of the battery.
        let stateOfCharge: Int64?
        /// Index in the usage, for paths.
        let index: Int
    }

    /// Not empty; ordered by start, then end, without overlap; reservations first.
    let spans: [Span]
    /// The first interval that is no reservation; nil if there is none.
    let sessionStart: Int64?

    /// A reservation that no session followed.
    var isExpired: Bool { sessionStart == nil }
    /// Start of the session; of the reservation if no session followed. Decides which tariff is valid (D27).
    var start: Instant { Instant(nanoseconds: sessionStart ?? spans[0].start) }
    /// End of the last interval.
    var end: Instant { Instant(nanoseconds: spans[spans.count - 1].end) }

    /// Checks and orders a usage.
    init(_ usage: Usage, notes: inout [Note]) throws(RatingError) {
        guard !usage.intervals.isEmpty else {
            throw RatingError(.noIntervals, at: "/intervals", "A session needs at least one interval.")
        }
        guard usage.intervals.count <= TariffLimits.intervals else {
            throw RatingError(
                .limitExceeded, at: "/intervals", "More than \(TariffLimits.intervals) intervals.")
        }
        var spans = try Self.checked(usage.intervals, notes: &notes)
        let isOrdered = zip(spans, spans.dropFirst()).allSatisfy { !Self.precedes($1, $0) }
        if !isOrdered {
            notes.note(.intervalsReordered, at: "/intervals", "The intervals were sorted by time.")
            spans.sort(by: Self.precedes)
        }
        try Self.checkSequence(spans, notes: &notes)
        let (length, overflow) = spans[spans.count - 1].end.subtractingReportingOverflow(spans[0].start)
        guard !overflow, length <= TariffLimits.nanoseconds else {
            throw RatingError(.limitExceeded, at: "/intervals", "The session is longer than 400 days.")
        }
        self.spans = spans
        sessionStart = spans.first { $0.state != .reserved }?.start
        if sessionStart == nil {
            notes.note(
                .reservationExpired, at: "/intervals", "No session followed the reservation: it expired.")
        }
    }

    private static func checked(_ intervals: [Usage.Interval], notes: inout [Note]) throws(RatingError)
        -> [Span]
    {
        var spans: [Span] = []
        spans.reserveCapacity(intervals.count)
        var total: UInt64 = 0
        for (index, interval) in intervals.enumerated() {
            guard interval.start <= interval.end else {
                throw RatingError(
                    .intervalReversed, at: "/intervals/\(index)", "The interval ends before it starts.")
            }
            let energy = interval.energy.milliwattHours
            let (sum, overflow) = total.addingReportingOverflow(energy.magnitude)
            guard !overflow, sum <= UInt64(TariffLimits.energyMilliwattHours) else {
                throw RatingError(
                    .limitExceeded, at: "/intervals/\(index)/kwh", "The session has more than 100,000 kWh.")
            }
            total = sum
            if energy < 0 {
                notes.append(
                    Note(
                        .meterRollback, at: "/intervals/\(index)/kwh",
                        "The register fell; the interval counts as zero energy."))
            }
            spans.append(
                Span(
                    start: interval.start.nanoseconds, end: interval.end.nanoseconds, state: interval.state,
                    energy: Int128(max(0, energy)) * 1_000_000, power: interval.power?.milliwatts,
                    current: interval.current?.microamperes,
                    highestPower: interval.highestPower?.milliwatts,
                    highestCurrent: interval.highestCurrent?.microamperes,
                    stateOfCharge: interval.stateOfCharge?.tenThousandths, index: index))
        }
        return spans
    }

    /// By start, then end. Intervals of no length at one instant are ordered by what they say, so that the
    /// order of the input never matters.
    private static func precedes(_ left: Span, _ right: Span) -> Bool {
        if left.start != right.start { return left.start < right.start }
        if left.end != right.end { return left.end < right.end }
        // A reservation that ends where the session jumps comes first.
        if left.state != right.state {
            if left.state == .reserved || right.state == .reserved { return left.state == .reserved }
            return left.state.rawValue < right.state.rawValue
        }
        if left.energy != right.energy { return left.energy < right.energy }
        if left.power != right.power { return (left.power ?? .min) < (right.power ?? .min) }
        if left.current != right.current { return (left.current ?? .min) < (right.current ?? .min) }
        return (left.stateOfCharge ?? .min) < (right.stateOfCharge ?? .min)
    }

    private static func checkSequence(_ spans: [Span], notes: inout [Note]) throws(RatingError) {
        var hasSession = false
        for (position, span) in spans.enumerated() {
            if span.state == .reserved, hasSession {
                throw RatingError(
                    .reservationAfterSession, at: "/intervals/\(span.index)",
                    "A reservation lies after the beginning of the session.")
            }
            hasSession = hasSession || span.state != .reserved
            guard position > 0 else { continue }
            let previous = spans[position - 1]
            if span.start < previous.end {
                throw RatingError(
                    .intervalOverlap, at: "/intervals/\(span.index)",
                    "The interval overlaps with interval \(previous.index).")
            }
            if span.start > previous.end {
                notes.append(
                    Note(
                        .timelineGap, at: "/intervals/\(span.index)",
                        "Nothing is known about the time before this interval; it is not priced."))
            }
        }
    }
}
