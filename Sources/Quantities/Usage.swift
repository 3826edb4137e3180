// SPDX-License-Identifier: Apache-2.0

/// What happened at a charging point, ready to be priced: an ordered timeline of measured intervals.
///
/// `Charging` makes it from readings, the tariff command line from a file, and the `Rater` prices it. The energy of
/// all intervals of a session sums to the difference of its registers (I24).
public struct Usage: Hashable, Sendable, Codable {
    /// The timeline. Intervals may be of zero length (a jump of the register) and may leave gaps.
    public var intervals: [Interval]

    /// A timeline.
    public init(intervals: [Interval]) { self.intervals = intervals }

    /// What the vehicle and the station were doing (tariffs.md §2).
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Charging.
        case charging = "C"
        /// The vehicle asks for no power.
        case parking = "P"
        /// The station withholds power; counts as time, never as parking.
        case suspended = "S"
        /// Reserved, before the session.
        case reserved = "R"
    }

    /// A stretch of the timeline over which state, power and current hold.
    public struct Interval: Hashable, Sendable, Codable {
        /// First instant, inclusive.
        public var start: Instant
        /// Last instant, exclusive; equal to `start` for a jump of the register.
        public var end: Instant
        /// What was going on.
        public var state: State
        /// Energy imported by the vehicle, spread evenly over the interval (D3). Negative for a meter that fell.
        public var energy: Energy
        /// Power over the whole interval, if known (D9).
        public var power: Power?
        /// Current over the whole interval, if known.
        public var current: Current?
        /// The highest power if it changed in the interval, `power` being the lowest then (D9: a CDR reports both).
        public var highestPower: Power?
        /// The highest current if it changed in the interval, `current` being the lowest then.
        public var highestCurrent: Current?
        /// Charge of the vehicle's battery over the whole interval, if the vehicle told it.
        public var stateOfCharge: Percentage?

        /// A stretch of the timeline.
        public init(
            from start: Instant, to end: Instant, _ state: State, energy: Energy = .zero, power: Power? = nil,
            current: Current? = nil, stateOfCharge: Percentage? = nil
        ) {
            self.start = start
            self.end = end
            self.state = state
            self.energy = energy
            self.power = power
            self.current = current
            self.stateOfCharge = stateOfCharge
        }
    }

    /// The energy of all intervals.
    public var energy: Energy { intervals.reduce(.zero) { $0 + $1.energy } }
    /// From the first to the last instant of everything that is no reservation.
    public var duration: Elapsed {
        let session = intervals.filter { $0.state != .reserved }
        guard let first = session.map(\.start).min(), let last = session.map(\.end).max() else {
            return .zero
        }
        return last - first
    }
}
