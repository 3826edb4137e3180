// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One charging session: a fold over what its station told (charging.md §5).
///
/// The same facts in any order, any number of times, give the same session (I18, I19). Nothing here is ever
/// edited: a new fact makes a new fold.
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
    /// Latest power, mW; of three phases their sum.
    package private(set) var power: Power?
    /// The most power ever told in this session, mW.
    package private(set) var powerPeak: Power?
    /// Latest current, µA; of three phases their sum.
    package private(set) var current: Current?
    /// Latest state of charge, millionths of a percent.
    package private(set) var stateOfCharge: Int64?
    /// Who it is for: the first token that was shown.
    package private(set) var token: PresentedToken?
    /// Who stopped it, if the end came with a token.
    package private(set) var stoppedBy: PresentedToken?
    /// The station's word for why it stopped.
    package private(set) var stopReason: String?
    /// Start and end are known, so that nothing more is needed.
    package private(set) var isComplete: Bool
    /// What is unusual; some of them need a person.
    package private(set) var flags: Set<SessionFlag>
    /// The latest instant any fact speaks of.
    package private(set) var latestAt: Instant?
    /// The version of the rules it was folded under.
    package private(set) var rulesVersion: Int
    /// What a person decided about it, if anybody did.
    package private(set) var judgement: Judgement?
    /// Whether its start was told; nil in sessions folded before that was kept.
    package private(set) var isStartTold: Bool?

    /// A register at a moment.
    package struct RegisterPoint: Hashable, Sendable, Codable {
        /// When.
        package var at: Instant
        /// The register on the scale of the start register.
        package var register: Energy
        /// The power told with it.
        package var power: Power?
        /// The current told with it.
        package var current: Current?

        package init(at: Instant, register: Energy, power: Power? = nil, current: Current? = nil) {
            self.at = at
            self.register = register
            self.power = power
            self.current = current
        }
    }

    /// A state from a moment on.
    package struct StatePoint: Hashable, Sendable, Codable {
        /// From when.
        package var at: Instant
        /// What.
        package var state: ChargingState

        package init(at: Instant, state: ChargingState) {
            self.at = at
            self.state = state
        }
    }

    /// Folds facts. Neither their order nor repetition matters.
    package init(folding facts: [Fact], under rules: SessionRules) {
        let timeline = FactTimeline(facts, rules)
        let meter = RegisterReading(timeline, rules)
        let powers = timeline.totals(of: .power)
        startedAt = timeline.startedAt
        endedAt = timeline.end?.at
        startRegister = meter.start
        endRegister = meter.end
        energy = meter.energy
        registers = meter.points
        states = timeline.states
        power = powers.last.map { Power(milliwatts: $0.value) }
        powerPeak = powers.map(\.value).max().map { Power(milliwatts: $0) }
        current = timeline.totals(of: .current).last.map { Current(microamperes: $0.value) }
        stateOfCharge = timeline.totals(of: .stateOfCharge).last?.value
        token = timeline.tokens.first?.token
        stoppedBy = timeline.stopToken
        stopReason = timeline.end?.reason
        isComplete = timeline.isStarted && timeline.end != nil && meter.start != nil && meter.hasEnd
        flags = timeline.flags.union(meter.flags)
        latestAt = timeline.latestAt
        rulesVersion = SessionRules.version
        judgement = timeline.judgement
        isStartTold = timeline.isStarted
        switch judgement {
        case .energy(let given): bill(given)
        case .times(let from, let to): take(place: from, to)
        default: break
        }
    }

    /// Billed by the times that a person gives: its energy is spread evenly over them, and since nobody knows when which
    /// state began, no idle fee arises.
    private mutating func take(place from: Instant, _ to: Instant) {
        startedAt = from
        endedAt = to
        states = []
        flags.remove(.noClock)
        flags.insert(.clockOffset)
        let start = startRegister ?? .zero
        registers = [
            RegisterPoint(at: from, register: start, power: nil, current: nil),
            RegisterPoint(at: to, register: start + energy, power: nil, current: nil),
        ]
    }

    /// Bills so much, spread evenly from the beginning to the end.
    private mutating func bill(_ given: Energy) {
        let from = startRegister ?? .zero
        energy = given
        endRegister = from + given
        guard let startedAt else { return }
        registers = [
            RegisterPoint(at: startedAt, register: from, power: nil, current: nil),
            RegisterPoint(at: endedAt ?? startedAt, register: from + given, power: nil, current: nil),
        ]
    }

    /// A fold as it was kept, field by field. Only what stores sessions has use for it: whoever has the facts folds them.
    package init(
        keptSince startedAt: Instant?, endedAt: Instant?, startRegister: Energy?, endRegister: Energy?,
        energy: Energy, registers: [RegisterPoint], states: [StatePoint], power: Power?, powerPeak: Power?,
        current: Current?, stateOfCharge: Int64?, token: PresentedToken?, stoppedBy: PresentedToken?,
        stopReason: String?, isComplete: Bool, flags: Set<SessionFlag>, latestAt: Instant?, rulesVersion: Int,
        judgement: Judgement?, isStartTold: Bool?
    ) {
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.startRegister = startRegister
        self.endRegister = endRegister
        self.energy = energy
        self.registers = registers
        self.states = states
        self.power = power
        self.powerPeak = powerPeak
        self.current = current
        self.stateOfCharge = stateOfCharge
        self.token = token
        self.stoppedBy = stoppedBy
        self.stopReason = stopReason
        self.isComplete = isComplete
        self.flags = flags
        self.latestAt = latestAt
        self.rulesVersion = rulesVersion
        self.judgement = judgement
        self.isStartTold = isStartTold
    }

    /// What a person must look at before money is taken; nothing once somebody has decided.
    package var questions: [SessionFlag] {
        judgement == nil ? flags.filter(\.needsReview).sorted() : []
    }
}

extension FactTimeline {
    /// The token that came with the end, but for one that was never shown before: that is whom the session is
    /// for.
    fileprivate var stopToken: PresentedToken? {
        guard let end, isStarted || tokens.count > 1 else { return nil }
        return tokens.last { $0.at == end.at && $0.sequence == end.sequence }?.token
    }
}
