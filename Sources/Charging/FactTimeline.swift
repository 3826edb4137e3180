// SPDX-License-Identifier: Apache-2.0

import Quantities

/// The facts of a session, each once, in the order in which they happened, with the times that a price may
/// believe.
struct FactTimeline {
    /// A fact with the time it is billed by.
    struct Placed: Hashable {
        var at: Instant
        var fact: Fact
    }

    /// The end that stands.
    struct End: Hashable {
        var at: Instant
        var register: Energy?
        var reason: String?
        var sequence: Int64?
    }

    /// A measured value at a time; the sum of the phases where no total was told.
    struct Total: Hashable {
        var at: Instant
        var value: Int64
        var context: String
        var sequence: Int64?
    }

    let placed: [Placed]
    let clock: BilledClock
    /// The end that stands; nil while the session goes on.
    let end: End?
    private(set) var flags: Set<SessionFlag>
    /// What a person decided, if anybody did.
    let judgement: Judgement?

    init(_ facts: [Fact], _ rules: SessionRules) {
        judgement = Judgement.standing(in: facts)
        var unique = [Fact.Content: Fact](minimumCapacity: facts.count)
        var lacksRecord = false
        for fact in facts {
            // Neither happened at the station: they have no place in its time.
            if case .judged = fact.kind { continue }
            if case .withheld = fact.kind {
                lacksRecord = true
                continue
            }
            let content = fact.content
            // Of equal facts the one received first stays, so that a repetition changes no time (I19).
            if let known = unique[content], !fact.cameBefore(known) { continue }
            unique[content] = fact
        }
        let clock = BilledClock(Array(unique.values), rules)
        self.clock = clock
        placed = unique.values.map { Placed(at: clock.time(of: $0), fact: $0) }
            .sorted { Self.comesFirst($0, $1, clock) }
        let ends = placed.compactMap { End($0) }
        let told = ends.filter { $0.reason != End.byServer }
        let stop: Judgement.StopChoice? = if case .stop(let choice)? = judgement { choice } else { nil }
        end = Self.standing(placed, amongTold: !told.isEmpty, stop)
        flags = clock.flags
        if lacksRecord { flags.insert(.cardInRecord) }
        if judgement == .energyOnly { flags.insert(.noClock) }
        if let end, told.contains(where: { $0.contradicts(end, rules) }) { flags.insert(.stopConflict) }
        if end?.reason == End.byServer { flags.insert(.closedByServer) }
        if end != nil, !isStarted { flags.insert(.orphanEnd) }
    }

    /// The first stop stands, by the time we received it; one of ours only until the station tells its own
    /// (C33).
    private static func standing(
        _ placed: [Placed], amongTold: Bool, _ choice: Judgement.StopChoice?
    ) -> End? {
        var standing: (end: End, fact: Fact)?
        for placed in placed {
            guard let end = End(placed), !amongTold || end.reason != End.byServer else { continue }
            if let known = standing, placed.fact.cameBefore(known.fact) == (choice == .second) { continue }
            standing = (end, placed.fact)
        }
        if choice == .lastSample { standing?.end.register = nil }
        return standing?.end
    }

    /// In order of time; without any clock, in the order of the station's own wrong one, which ticks
    /// nevertheless.
    private static func comesFirst(_ left: Placed, _ right: Placed, _ clock: BilledClock) -> Bool {
        let (a, b) = (left.fact, right.fact)
        let isTicking = clock.source == .none
        let times = isTicking ? (a.clockTime ?? left.at, b.clockTime ?? right.at) : (left.at, right.at)
        if times.0 != times.1 { return times.0 < times.1 }
        let first = (a.clockTime ?? left.at, a.sequence ?? 0, a.rank, a.size)
        let second = (b.clockTime ?? right.at, b.sequence ?? 0, b.rank, b.size)
        return first == second ? a.contentKey < b.contentKey : first < second
    }

    /// Whether a start was told.
    var isStarted: Bool { startFact != nil }

    private var startFact: Placed? {
        placed.first { if case .started = $0.fact.kind { true } else { false } }
    }

    /// The start that was told, or the first fact of any kind; never after the end.
    var startedAt: Instant? {
        guard let first = (startFact ?? placed.first)?.at else { return nil }
        return end.map { min($0.at, first) } ?? first
    }

    /// The register told with the start, or read off by a person; one that no meter shows, such as -1, was not told.
    var startRegister: Energy? {
        if case .startRegister(let register)? = judgement { return register }
        for case .started(let register?) in placed.map(\.fact.kind) where register.isOnMeter {
            return register
        }
        return nil
    }

    /// The tokens shown, in order of time.
    var tokens: [(token: PresentedToken, sequence: Int64?, at: Instant)] {
        placed.compactMap { placed in
            guard case .token(let token) = placed.fact.kind else { return nil }
            return (token, placed.fact.sequence, placed.at)
        }
    }

    /// The values of one measurand, in order of time: totals, or sums of L1, L2 and L3 where there is no
    /// total (C50).
    func totals(of measurand: Measurand, at location: String? = nil) -> [Total] {
        var totals: [Total] = []
        var phases: [Instant: [String: Total]] = [:]
        for placed in placed {
            guard case .reading(let reading) = placed.fact.kind, reading.measurand == measurand,
                location == nil || reading.location == location, reading.isPossible
            else { continue }
            let total = Total(
                at: placed.at, value: reading.value, context: reading.context,
                sequence: placed.fact.sequence)
            guard let phase = reading.phase else {
                totals.append(total)
                continue
            }
            guard let line = ["L1", "L2", "L3"].first(where: { phase == $0 || phase == $0 + "-N" }) else {
                continue
            }
            let time = placed.fact.clockTime ?? placed.at
            if let known = phases[time]?[line], known.value <= total.value { continue }
            phases[time, default: [:]][line] = total
        }
        guard totals.isEmpty else { return totals }
        return phases.keys.sorted().compactMap { time in
            guard let lines = phases[time], lines.count == 3, var sum = lines["L1"] else { return nil }
            sum.value = lines.values.reduce(0) { $0 + $1.value }
            return sum
        }
    }

    /// What vehicle and station were doing; repetitions are left out. Of two statements of one moment that
    /// have no order the one without a fee counts (charging.md §12).
    var states: [Session.StatePoint] {
        var points: [Session.StatePoint] = []
        var places: [Int64?] = []
        for placed in placed {
            guard case .state(let state) = placed.fact.kind else { continue }
            if let last = points.last, last.at == placed.at, places.last == placed.fact.sequence {
                if state.mayCost { continue }
                points.removeLast()
                places.removeLast()
            }
            guard points.last?.state != state else { continue }
            points.append(Session.StatePoint(at: placed.at, state: state))
            places.append(placed.fact.sequence)
        }
        return points
    }

    var latestAt: Instant? { placed.map(\.at).max() }

    /// Whether a register at the end was due: the station ended by itself what it had told a register of, or had charged.
    var owesEnd: Bool {
        guard let end, end.reason != End.byServer else { return false }
        return startRegister != nil || saidThatItCharges
    }

    private var saidThatItCharges: Bool { states.contains { $0.state == .charging } }

    /// Whether energy may have flowed; not if the station said of the whole session that nobody was there, or only plugged in.
    var mayHaveCharged: Bool {
        states.isEmpty || !states.allSatisfy { $0.state == .connected || $0.state == .idle }
    }

    /// Whether the registers that were told, anywhere, leave it open how much flowed; two of one place that are equal say
    /// that nothing did.
    var leavesEnergyOpen: Bool {
        if saidThatItCharges { return true }
        var told: [String: [Int64]] = [:]
        for case .reading(let reading) in placed.map(\.fact.kind) where reading.measurand == .importRegister {
            told[reading.location + "|" + (reading.phase ?? ""), default: []].append(reading.value)
        }
        return !told.values.allSatisfy { $0.count > 1 && Set($0).count == 1 }
    }
}

extension FactTimeline.End {
    /// The reason of an end that we made ourselves.
    static let byServer = "closed_by_server"

    fileprivate init?(_ placed: FactTimeline.Placed) {
        guard case .ended(let register, let reason) = placed.fact.kind else { return nil }
        self.init(at: placed.at, register: register, reason: reason, sequence: placed.fact.sequence)
    }

    /// Another register, or another time by more than clocks may differ (charging.md §4). The same stop with
    /// another word for its reason changes no money.
    fileprivate func contradicts(_ other: Self, _ rules: SessionRules) -> Bool {
        let distance = at > other.at ? at - other.at : other.at - at
        return register != other.register || distance > rules.clockTolerance
    }
}

extension Fact {
    /// Whether we received it earlier. Of two facts received together the key decides, which no order of
    /// arrival changes.
    fileprivate func cameBefore(_ other: Fact) -> Bool {
        let (mine, others) = ((receivedAt, order), (other.receivedAt, other.order))
        return mine == others ? contentKey < other.contentKey : mine < others
    }

    /// Facts of one instant: the start first, then states and readings, the end last.
    fileprivate var rank: Int {
        switch kind {
        case .started: 0
        case .token: 1
        case .limit: 2
        case .state: 3
        case .reading: 4
        case .ended: 5
        case .withheld, .judged: 6
        }
    }

    /// Of two samples of one instant the smaller comes first: registers rise.
    fileprivate var size: Int64 {
        if case .reading(let reading) = kind { reading.value } else { 0 }
    }
}

extension Reading {
    /// Within what any meter shows, so that sums and differences cannot overflow.
    fileprivate var isPossible: Bool { value.magnitude <= UInt64(Energy.largestRegister.milliwattHours) }
}

extension ChargingState {
    /// Whether an idle fee may arise in it.
    fileprivate var mayCost: Bool { self == .suspendedByVehicle || self == .connected || self == .idle }
}

extension Energy {
    /// 10 TWh: larger than the register of any meter.
    static let largestRegister = Energy(milliwattHours: 10_000_000_000_000_000)

    /// Whether a meter's register can show it.
    var isOnMeter: Bool { (.zero...Self.largestRegister).contains(self) }
}
