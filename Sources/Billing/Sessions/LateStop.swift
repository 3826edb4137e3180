// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Another stop that comes after the bill was final (charging.md §4). The first one stands, so it changes no price by
/// itself; which of them is right is a person's to say.
struct LateStop {
    let desk: Desk

    /// Asks once for each such stop. `news` are the facts that were just stored; none if they came the short way.
    func ask(about session: SessionRecord, _ news: [Fact], in tx: Tx, at now: Instant) throws {
        let reason = WorkReason.stopConflict.rawValue
        guard
            try news.isEmpty
                ? !tx.wasAsked(reason, about: session.id.text, of: session.organisation)
                : news.contains(where: \.isToldEnd)
        else { return }
        let facts = try tx.facts(of: session.id, includingLate: true)
        let shadow = Session(folding: facts, under: try AddFacts.rules(of: session, in: tx))
        guard shadow.flags.contains(.stopConflict), let other = facts.last(where: \.isToldEnd) else { return }
        try Questions(desk: desk).ask(
            [reason], about: session, with: Self.facts(of: other), in: tx, at: now)
    }

    /// What the other stop says.
    private static func facts(of other: Fact) -> [WorkFact] {
        var facts: [WorkFact] = []
        if case .ended(let register?, _) = other.kind {
            facts.append(WorkFact("other_stop_register_wh", String(register.wattHours)))
        }
        facts.append(WorkFact("other_stop_at", (other.measuredAt ?? other.receivedAt).iso8601))
        return facts
    }
}
