// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// What a station tells of one session, written down step by step: step n is n × 5 minutes after the
/// beginning.
struct Story {
    /// 2026-03-10T08:00:00Z.
    static let begin = Instant(seconds: 1_773_129_600)
    /// Wh on the meter when a story begins, unless it says otherwise.
    static let register: Int64 = 4_812_345
    /// What most folds need to know: an EVSE of 150 kW.
    static let rules = SessionRules(powerMax: Power(watts: 150_000))

    private(set) var facts: [Fact] = []
    private var order: Int64 = 0

    static func at(_ step: Int64) -> Instant { begin + .minutes(5 * step) }

    /// Adds a fact. It is received as it happens unless told otherwise.
    mutating func tell(
        _ kind: Fact.Kind, at measuredAt: Instant?, received: Instant? = nil, sequence: Int64? = nil,
        offline: Bool = false
    ) {
        order += 1
        facts.append(
            Fact(
                kind, measuredAt: measuredAt, receivedAt: received ?? measuredAt ?? Self.begin,
                sequence: sequence, order: order, offline: offline))
    }

    /// A start with its register in Wh, and the driver's token.
    mutating func start(_ wattHours: Int64? = Story.register, step: Int64 = 0, received: Instant? = nil) {
        tell(
            .started(register: wattHours.map { Energy(wattHours: $0) }), at: Self.at(step),
            received: received)
        tell(.token(PresentedToken(uid: "TAG1")), at: Self.at(step), received: received)
    }

    /// Import registers in Wh, one for each step.
    mutating func samples(_ wattHours: Int64..., first step: Int64 = 1, context: String = "Sample.Periodic") {
        for (index, value) in wattHours.enumerated() {
            sample(value, at: Self.at(step + Int64(index)), context: context)
        }
    }

    /// One import register in Wh.
    mutating func sample(
        _ wattHours: Int64, at instant: Instant, received: Instant? = nil,
        context: String = "Sample.Periodic", sequence: Int64? = nil
    ) {
        let reading = Reading(.importRegister, value: wattHours * 1000, context: context)
        tell(.reading(reading), at: instant, received: received, sequence: sequence)
    }

    /// A stop with its register in Wh.
    mutating func stop(
        _ wattHours: Int64?, step: Int64, reason: String = "Local", received: Instant? = nil
    ) {
        tell(
            .ended(register: wattHours.map { Energy(wattHours: $0) }, reason: reason), at: Self.at(step),
            received: received)
    }

    /// A 2.x event: what it says, and registers in Wh with their contexts.
    mutating func event(
        _ sequence: Int64, _ kinds: [Fact.Kind], step: Int64, _ registers: [(Int64, String)] = []
    ) {
        for kind in kinds { tell(kind, at: Self.at(step), sequence: sequence) }
        for (value, context) in registers {
            sample(value, at: Self.at(step), context: context, sequence: sequence)
        }
    }

    func folded(_ rules: SessionRules = Story.rules) -> Session { Session(folding: facts, under: rules) }
}
