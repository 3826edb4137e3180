// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What a person decided about a session that its readings leave in doubt (charging.md §8).
///
/// It is a fact like any other: stored with the session, folded with the rest, never an edit. The latest one stands.
package enum Judgement: Hashable, Sendable, Codable {
    /// What the registers prove is billed.
    case asMeasured
    /// So much energy is billed, whatever the registers say. Zero or more.
    case energy(Energy)
    /// The register at the start, read off by a person; the difference is billed.
    case startRegister(Energy)
    /// Of several stops, this one.
    case stop(StopChoice)
    /// Energy alone: no time, no idle fee, and the price of the start for all of it.
    case energyOnly
    /// It went on from then to then: the station had no clock, and a person knows. The end is after the start.
    case times(from: Instant, to: Instant)
    /// Nothing is billed.
    case waived

    /// One of several different stops.
    package enum StopChoice: String, Hashable, Sendable, Codable, CaseIterable {
        /// The one that was received first; it stands without a judgement, too.
        case first
        /// The one that was received last.
        case second
        /// None of them: the last sample before.
        case lastSample
    }

    /// The one that stands among the facts of a session: the latest; of two at one instant the one with the greater
    /// text, so that no order of arrival decides.
    static func standing(in facts: [Fact]) -> Judgement? {
        facts.compactMap { fact -> (at: Instant, key: String, judgement: Judgement)? in
            guard case .judged(let judgement) = fact.kind else { return nil }
            return (fact.receivedAt, fact.contentKey, judgement)
        }.max { ($0.at, $0.key) < ($1.at, $1.key) }?.judgement
    }
}

extension Fact {
    /// A decision of a person at an instant.
    package static func judged(_ judgement: Judgement, at instant: Instant) -> Fact {
        Fact(.judged(judgement), measuredAt: nil, receivedAt: instant, order: instant.nanoseconds)
    }

    /// Whether the station itself told an end.
    package var isToldEnd: Bool {
        if case .ended(_, let reason) = kind { reason != FactTimeline.End.byServer } else { false }
    }

    /// An end that we set because the station tells none (C32, C70): at the last thing it told, so that nothing is
    /// billed that nobody has proved. A stop that is told later wins.
    package static func closedByServer(after facts: [Fact], at now: Instant) -> Fact {
        let told = facts.filter { if case .judged = $0.kind { false } else { true } }
        return Fact(
            .ended(register: nil, reason: FactTimeline.End.byServer),
            measuredAt: told.compactMap(\.clockTime).max(),
            receivedAt: told.map(\.receivedAt).max() ?? now, order: now.nanoseconds)
    }
}
