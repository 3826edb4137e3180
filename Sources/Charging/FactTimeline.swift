// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Facts sorted by what they say, with the times that a price may believe (charging.md §7).
struct FactTimeline {
    /// A fact with its corrected time.
    struct Placed: Hashable {
        var at: Instant
        var fact: Fact
    }

    /// The end that stands.
    struct End: Hashable {
        var at: Instant
        var register: Energy?
        var reason: String?
        var received: Receipt
    }

    /// When a fact was received, and in which place: what decides between two that contradict each other.
    struct Receipt: Hashable, Comparable {
        var at: Instant
        var order: Int64
        var sequence: Int64

        init(_ fact: Fact) {
            at = fact.receivedAt
            order = fact.order
            sequence = fact.sequence ?? -1
        }

        static func < (left: Receipt, right: Receipt) -> Bool {
            (left.at, left.order, left.sequence) < (right.at, right.order, right.sequence)
        }
    }

    /// A reading at its corrected time.
    struct TimedReading {
        var at: Instant
        var reading: Reading
        var received: Receipt
    }

    let placed: [Placed]
    private(set) var flags: Set<SessionFlag> = []

    init(_ facts: [Fact], _ rules: SessionRules) {
        var unique: [String: Fact] = [:]
        for fact in facts {
            let key = fact.contentKey
            // Of two equal facts the one received first is kept, so that a repetition changes no time.
            if let known = unique[key], Receipt(known) <= Receipt(fact) { continue }
            unique[key] = fact
        }
        let hasClock = Self.isClockUsable(Array(unique.values), rules)
        placed = unique.map { key, fact in
            (key, Placed(at: hasClock ? fact.measuredAt ?? fact.receivedAt : fact.receivedAt, fact: fact))
        }.sorted { Self.comesFirst($0, $1) }.map(\.1)
        if !hasClock { flags.insert(.noClock) }
        if Set(placed.compactMap { Self.endKey($0.fact) }).count > 1 { flags.insert(.stopConflict) }
        if end?.reason == "closed_by_server" { flags.insert(.closedByServer) }
    }

    private static func comesFirst(_ left: (String, Placed), _ right: (String, Placed)) -> Bool {
        let (a, b) = (left.1, right.1)
        return (a.at, a.fact.sequence ?? 0, a.fact.rank, a.fact.rankWithin, left.0) < (
            b.at, b.fact.sequence ?? 0, b.fact.rank, b.fact.rankWithin, right.0
        )
    }

    /// A clock before 2020, or in the future by more than the tolerance, is none (charging.md §7).
    private static func isClockUsable(_ facts: [Fact], _ rules: SessionRules) -> Bool {
        let epoch2020 = Instant(seconds: 1_577_836_800)
        return facts.allSatisfy { fact in
            guard let at = fact.measuredAt else { return true }
            return at >= epoch2020 && at - fact.receivedAt <= rules.clockTolerance
        }
    }

    /// What makes two ends different: their registers or, where they tell none, their times. An end that we made gives
    /// way to the station's own.
    private static func endKey(_ fact: Fact) -> String? {
        guard case .ended(let register, let reason) = fact.kind, reason != "closed_by_server" else {
            return nil
        }
        if let register { return "\(register.milliwattHours)" }
        return "at \(fact.measuredAt?.nanoseconds ?? 0)"
    }

    /// Whether a start was told.
    var isStarted: Bool {
        placed.contains { if case .started = $0.fact.kind { true } else { false } }
    }

    /// The start that was told, or the first fact of any kind.
    var startedAt: Instant? {
        let start = placed.first { if case .started = $0.fact.kind { true } else { false } }
        return (start ?? placed.first)?.at
    }

    /// The register told with the start.
    var startRegister: Energy? {
        for case .started(let register?) in placed.map(\.fact.kind) { return register }
        return nil
    }

    /// The first stop that a station told; ours only if there is no other.
    var end: End? {
        let ends = placed.compactMap { placed -> End? in
            guard case .ended(let register, let reason) = placed.fact.kind else { return nil }
            return End(at: placed.at, register: register, reason: reason, received: Receipt(placed.fact))
        }
        let told = ends.filter { $0.reason != "closed_by_server" }
        return (told.isEmpty ? ends : told).min { $0.received < $1.received }
    }

    /// The readings of one measurand, in order of time.
    func readings(of measurand: Measurand) -> [TimedReading] {
        placed.compactMap { placed in
            guard case .reading(let reading) = placed.fact.kind, reading.measurand == measurand else {
                return nil
            }
            return TimedReading(at: placed.at, reading: reading, received: Receipt(placed.fact))
        }
    }

    var latestPower: Power? {
        let sums = readings(of: .power).filter { $0.reading.phase == nil }
        return sums.last.map { Power(milliwatts: $0.reading.value) }
    }

    var latestStateOfCharge: Int64? { readings(of: .stateOfCharge).last?.reading.value }

    /// What vehicle and station were doing; repetitions are left out, and of one instant the last stands.
    var states: [Session.StatePoint] {
        var points: [Session.StatePoint] = []
        for placed in placed {
            guard case .state(let state) = placed.fact.kind else { continue }
            if points.last?.at == placed.at { points.removeLast() }
            if points.last?.state != state { points.append(Session.StatePoint(at: placed.at, state: state)) }
        }
        return points
    }

    var latestAt: Instant? { placed.last?.at }
}

extension Fact {
    /// Facts of one instant: the start first, then states and readings, the end last.
    fileprivate var rank: Int {
        switch kind {
        case .started: 0
        case .token: 1
        case .limit: 2
        case .state: 3
        case .reading: 4
        case .ended: 5
        }
    }

    /// Facts of one kind and one instant: smaller registers first; of two states the one without a fee last, so that it
    /// stands (charging.md §12).
    fileprivate var rankWithin: Int64 {
        switch kind {
        case .reading(let reading): reading.value
        case .state(.suspendedByVehicle), .state(.idle), .state(.connected): 0
        case .state(.suspendedByStation): 1
        case .state(.charging): 2
        default: 0
        }
    }

    /// What makes two facts the same (charging.md §4): what they say, never the message they came in, nor `offline`.
    package var contentKey: String {
        let time = measuredAt.map { String($0.nanoseconds) } ?? "-"
        let place = sequence.map { String($0) } ?? "-"
        switch kind {
        case .started(let register):
            return "started|\(time)|\(register?.milliwattHours ?? -1)"
        case .reading(let reading):
            return [
                "reading", time, reading.measurand.rawValue, reading.context, reading.location,
                reading.phase ?? "-",
                String(reading.value),
            ].joined(separator: "|")
        case .state(let state):
            return "state|\(time)|\(state.rawValue)"
        case .token(let token):
            return "token|\(token.folded)|\(place)"
        case .limit(let limit):
            return "limit|\(time)|\(limit)"
        case .ended(let register, let reason):
            return "ended|\(time)|\(register?.milliwattHours ?? -1)|\(reason ?? "-")"
        }
    }
}
