// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage
import Tariffs

extension OrganisationPolicy {
    /// What is charged of a session that has ended, and shown by its station: zero and trivial energy costs nothing,
    /// whatever the tariff says (payments.md §6.6), nor does what a person has waived (C73).
    func due(_ rated: Rated, for session: Session) -> Money {
        isNothing(session) || !rated.gross.isPositive ? .zero(rated.gross.currency) : rated.gross
    }

    /// Whether nothing is charged of it at any price.
    func isNothing(_ session: Session) -> Bool {
        session.energy <= .zero || session.energy < trivialEnergy || session.judgement == .waived
    }
}

extension Tx {
    /// What an operator has decided about holds, waiting times and trivial sessions.
    func policy(of organisation: OrganisationID) throws -> OrganisationPolicy {
        try find(OrganisationRecord.self, organisation)?.policy ?? OrganisationPolicy()
    }
}
