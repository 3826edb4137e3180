// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Which clock the times of one session are billed by (charging.md §7).
///
/// Durations come from one clock at both ends, so the choice is made once for all facts of a session, by what
/// they say together: it does not depend on their order.
struct BilledClock {
    /// The clock that is believed.
    enum Source: Hashable {
        /// The station's own.
        case station
        /// The station's, which is wrong by a known and steady amount; that is added.
        case shifted(Elapsed)
        /// Ours: the station's is nonsense, but its messages came as things happened.
        case received
        /// None: the station's is nonsense and its messages came later. Energy is right, times cannot price
        /// anything.
        case none
    }

    let source: Source

    init(_ facts: [Fact], _ rules: SessionRules) {
        let told = facts.compactMap { fact -> Told? in
            if case .ended(_, FactTimeline.End.byServer) = fact.kind { return nil }
            return fact.clockTime.map { Told(at: $0, receivedAt: fact.receivedAt, fact: fact) }
        }
        let shift = rules.clockShift
        let isSane = told.allSatisfy { told in
            told.at + shift >= .oldestOnAnyClock && told.at + shift - told.receivedAt <= rules.clockTolerance
        }
        if isSane, !Self.runsBackwards(told, rules) {
            source = shift == .zero ? .station : .shifted(shift)
        } else {
            source = Self.isSteady(told, rules) ? .received : .none
        }
    }

    private struct Told {
        var at: Instant
        var receivedAt: Instant
        var fact: Fact
    }

    /// The time by which a fact is billed.
    func time(of fact: Fact) -> Instant {
        switch source {
        case .station: fact.clockTime ?? fact.receivedAt
        case .shifted(let offset): fact.clockTime.map { $0 + offset } ?? fact.receivedAt
        case .received, .none: fact.receivedAt
        }
    }

    /// What is unusual about the times.
    var flags: Set<SessionFlag> {
        switch source {
        case .station: []
        case .shifted, .received: [.clockOffset]
        case .none: [.noClock]
        }
    }

    /// Wrong, but ticking: each message came the same time after what it tells, so it came when it happened.
    private static func isSteady(_ told: [Told], _ rules: SessionRules) -> Bool {
        let delays = told.map { $0.receivedAt - $0.at }
        guard let least = delays.min(), let most = delays.max() else { return false }
        return most - least <= rules.clockTolerance
    }

    /// A later event with an earlier time, or an end before the start, by more than the tolerance: the clock
    /// was set while the session ran.
    private static func runsBackwards(_ told: [Told], _ rules: SessionRules) -> Bool {
        var latest: [Int64: Instant] = [:]
        var begun: Instant?
        var ended: Instant?
        for told in told {
            switch told.fact.kind {
            case .reading: continue  // measured before the event that tells it, maybe long before
            case .started: begun = min(begun ?? told.at, told.at)
            case .ended: ended = max(ended ?? told.at, told.at)
            case .state, .token, .limit, .withheld, .judged: break
            }
            if let place = told.fact.sequence { latest[place] = max(latest[place] ?? told.at, told.at) }
        }
        if let begun, let ended, begun - ended > rules.clockTolerance { return true }
        let times = latest.sorted { $0.key < $1.key }.map(\.value)
        return zip(times, times.dropFirst()).contains { $0 - $1 > rules.clockTolerance }
    }
}
