// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One charging session: a fold over what its station told (charging.md §5).
///
/// The same facts in any order, any number of times, give the same session (I18). Nothing here is ever edited: a new
/// fact makes a new fold.
package struct Session: Hashable, Sendable, Codable {
    /// When it began, by the corrected clock; nil while no fact is known.
    package private(set) var startedAt: Instant?
    /// When it ended; nil while it goes on.
    package private(set) var endedAt: Instant?
    /// The register when it began.
    package private(set) var startRegister: Energy?
    /// The highest proven register, or the one at the end.
    package private(set) var endRegister: Energy?
    /// What may be billed: proven energy, never negative (I24).
    package private(set) var energy: Energy
    /// The proven registers in order of time, never falling: what the usage is spread over.
    package private(set) var registers: [RegisterPoint]
    /// What vehicle and station were doing, in order of time.
    package private(set) var states: [StatePoint]
    /// Latest power, mW.
    package private(set) var power: Power?
    /// Latest state of charge, millionths of a percent.
    package private(set) var stateOfCharge: Int64?
    /// The station's word for why it stopped.
    package private(set) var stopReason: String?
    /// Start and end are known, so that nothing more is needed.
    package private(set) var isComplete: Bool
    /// What is unusual; some of them need a person.
    package private(set) var flags: Set<SessionFlag>
    /// The latest instant any fact speaks of.
    package private(set) var latestAt: Instant?

    /// A register at a moment.
    package struct RegisterPoint: Hashable, Sendable, Codable {
        package var at: Instant
        package var register: Energy
        package var power: Power?
    }

    /// A state from a moment on.
    package struct StatePoint: Hashable, Sendable, Codable {
        package var at: Instant
        package var state: ChargingState
    }

    /// Folds facts. Neither their order nor repetition matters.
    package init(folding facts: [Fact], under rules: SessionRules) {
        let timeline = FactTimeline(facts, rules)
        let meter = RegisterReading(timeline, rules)
        startedAt = timeline.startedAt
        endedAt = timeline.end?.at
        startRegister = meter.start
        endRegister = meter.end
        energy = meter.energy
        registers = meter.points
        states = timeline.states
        power = timeline.latestPower
        stateOfCharge = timeline.latestStateOfCharge
        stopReason = timeline.end?.reason
        isComplete = timeline.isStarted && timeline.end != nil && meter.start != nil && meter.hasEnd
        flags = timeline.flags.union(meter.flags)
        latestAt = timeline.latestAt
    }
}

/// What a fold needs to know besides the facts.
package struct SessionRules: Hashable, Sendable {
    /// The most the EVSE can deliver; nil if nobody knows, then nothing is called implausible.
    package var powerMax: Power?
    /// How far a station's clock may be from ours before its times are doubted (charging.md §7).
    package var clockTolerance: Elapsed

    package init(powerMax: Power?, clockTolerance: Elapsed = .seconds(120)) {
        self.powerMax = powerMax
        self.clockTolerance = clockTolerance
    }
}

/// What can be unusual about a session.
package enum SessionFlag: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Registers fell and rose again from near zero; only proven pieces count.
    case registerReset = "register_reset"
    /// Registers fell in a way nobody can explain.
    case registerFault = "register_fault"
    /// The meter rolled over at a power of ten or two.
    case rollover
    /// The start register and the samples are on two scales.
    case twoScales = "two_scales"
    /// The stop register is below the start, or nonsense.
    case badStopRegister = "bad_stop_register"
    /// More energy than the EVSE can deliver.
    case implausibleEnergy = "implausible_energy"
    /// The station has no usable clock.
    case noClock = "no_clock"
    /// Two different stops; the first stands.
    case stopConflict = "stop_conflict"
    /// The end register is the last sample, not a stop.
    case estimatedEnd = "estimated_end"
    /// Closed by us, not by the station.
    case closedByServer = "closed_by_server"

    /// Whether a person must look before money is taken.
    package var needsReview: Bool {
        switch self {
        case .registerReset, .registerFault, .twoScales, .badStopRegister, .implausibleEnergy, .stopConflict:
            true
        case .rollover, .noClock, .estimatedEnd, .closedByServer: false
        }
    }

    /// Compares names, for stable lists.
    package static func < (left: SessionFlag, right: SessionFlag) -> Bool { left.rawValue < right.rawValue }
}

extension Session {
    /// How long a session must be quiet before it is final (charging.md §5).
    package struct Quiet: Hashable, Sendable {
        package var complete: Elapsed
        package var incomplete: Elapsed
        package var offline: Elapsed

        package init(
            complete: Elapsed = .seconds(5), incomplete: Elapsed = .minutes(15), offline: Elapsed = .hours(24)
        ) {
            self.complete = complete
            self.incomplete = incomplete
            self.offline = offline
        }
    }

    /// Whether an ended session may be billed.
    package enum Finality: Hashable, Sendable {
        case notYet(Instant)
        case final
        case review([SessionFlag])
    }

    /// Complete and quiet, or its bound has passed; a flag that needs a person makes it a review instead.
    package func finality(
        at now: Instant, lastFactAt: Instant, isStationOnline: Bool, quiet: Quiet
    ) -> Finality {
        let pause = isComplete ? quiet.complete : isStationOnline ? quiet.incomplete : quiet.offline
        let due = lastFactAt + pause
        guard now >= due else { return .notYet(due) }
        let questions = flags.filter(\.needsReview).sorted()
        return questions.isEmpty ? .final : .review(questions)
    }
}
