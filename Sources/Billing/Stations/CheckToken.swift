// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities
package import Storage
import Tariffs

/// Says whether a token may charge (charging.md §10). Asked at Authorize and again at the start: a yes at Authorize is
/// no promise (1.6 §4.8, C25).
package struct CheckToken: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// The token's row, if it is known, with what the station is told.
    ///
    /// `starting` is the session that it is to begin; only then it matters whether its account charges elsewhere (1.6
    /// §7.2: ConcurrentTx is an answer to a start).
    package func callAsFunction(
        _ presented: PresentedToken, at station: StationRecord, starting session: SessionID? = nil, in tx: Tx,
        now: Instant
    ) throws -> (token: TokenRecord?, answer: TokenAnswer) {
        guard let token = try tx.token(knownAs: presented.folded, at: station.id) else {
            return (nil, TokenAnswer(status: .invalid))
        }
        return (
            token,
            TokenAnswer(
                status: try status(of: token, at: station, starting: session, in: tx, now: now),
                group: token.account?.text,
                expiresAt: expiry(of: token, now: now))
        )
    }

    /// Kept apart (C26): blocked by us or through its account, date passed, nobody knows it, charges elsewhere, nothing
    /// left to charge with.
    private func status(
        of token: TokenRecord, at station: StationRecord, starting session: SessionID?, in tx: Tx,
        now: Instant
    ) throws -> TokenStatus {
        guard token.status == .active else { return .blocked }
        if let until = token.validUntil, until <= now { return .expired }
        if token.kind == .payment {
            return try paymentStatus(of: token, at: station, starting: session, in: tx)
        }
        guard let id = token.account, let account = try tx.find(AccountRecord.self, id) else {
            return .invalid
        }
        guard account.status == .active, try !AccountStanding(of: id, in: tx, at: now).isBlocked else {
            return .blocked
        }
        if let session, let most = account.sessionsAtOnce,
            try tx.openSessions(of: id, besides: session) >= most
        {
            return .concurrent
        }
        guard try !isSpent(token, of: account, besides: session, in: tx, at: now) else {
            // What is reserved for its own session here is no reason to keep it from stopping it (C24).
            let maySayStop = try session == nil && tx.hasOpenSession(of: id, at: station.id)
            return maySayStop ? .accepted : .noCredit
        }
        return .accepted
    }

    /// Whether nothing is left to begin a session with.
    private func isSpent(
        _ token: TokenRecord, of account: AccountRecord, besides session: SessionID?, in tx: Tx,
        at now: Instant
    ) throws -> Bool {
        let left = try TokenBudget(desk: desk).left(of: token, besides: session, in: tx, at: now)
        if let left, !left.isPositive { return true }
        return try fundingStatus(of: account, in: tx) != .accepted
    }

    /// A guest's one-time token is good at its own EVSE, while its start is under way (C27). Anywhere else nobody knows
    /// it: the price there may be another.
    private func paymentStatus(
        of token: TokenRecord, at station: StationRecord, starting session: SessionID?, in tx: Tx
    ) throws -> TokenStatus {
        guard let id = token.checkout, let checkout = try tx.find(CheckoutRecord.self, id),
            let bill = try tx.find(BillRecord.self, checkout.bill),
            try tx.find(EVSERecord.self, checkout.evse)?.station == station.id
        else { return .invalid }
        let place = try session.flatMap { try tx.find(SessionRecord.self, $0) }?.evse
        guard place == nil || place == checkout.evse else { return .invalid }
        return ["starting", "running"].contains(bill.status) ? .accepted : .expired
    }

    /// A prepaid account needs something in its wallet (C28); what is enough is decided at the start.
    private func fundingStatus(of account: AccountRecord, in tx: Tx) throws -> TokenStatus {
        if account.funding == .invoice {
            let currency = try tx.find(OrganisationRecord.self, account.organisation)?.currency ?? .eur
            return try CreditLine(of: account, in: currency, tx: tx).left.map { $0.isPositive } ?? true
                ? .accepted : .noCredit
        }
        let wallets = try tx.wallets(of: account.id)
        if account.funding == .paymentMethod || account.funding == nil && wallets.isEmpty {
            return try tx.defaultMethod(of: account.id) == nil ? .noCredit : .accepted
        }
        return wallets.contains { $0.posted - $0.pending > $0.floor } ? .accepted : .noCredit
    }

    /// Payment tokens expire at once, so that no station remembers them (C27); cards are good for a day.
    private func expiry(of token: TokenRecord, now: Instant) -> Instant? {
        token.kind == .payment ? now : token.validUntil
    }
}

/// What a token with limits may still spend (charging.md §10): per session, per day and per month, by the calendar of the
/// seller.
struct TokenBudget {
    let desk: Desk

    /// What is left for one session; nil without limits. Running sessions count with what they cost so far.
    func left(
        of token: TokenRecord?, besides session: SessionID?, in tx: Tx, at now: Instant
    ) throws -> Money? {
        guard let token, let limits = token.limits,
            let organisation = try tx.find(OrganisationRecord.self, token.organisation)
        else { return nil }
        let zone = try desk.zones.rules(of: organisation.timeZone, from: now - .hours(24 * 32), to: now)
        let today = zone.local(now).date
        let month = CivilDate(daysSinceEpoch: today.daysSinceEpoch - Int64(today.parts.day) + 1)
        func spent(since date: CivilDate) throws -> Int64 {
            let guess = Instant(date) - .seconds(zone.offsetSeconds(at: Instant(date)))
            let midnight = Instant(date) - .seconds(zone.offsetSeconds(at: guess))
            return try tx.sessions(startedWith: token.id, since: midnight).filter { $0.id != session }
                .reduce(0) { sum, spent in
                    let bill = try spent.bill.flatMap { try tx.find(BillRecord.self, $0) }
                    return sum + (bill?.totalMinor ?? spent.live?.cost.minorUnits ?? 0)
                }
        }
        var left: [Int64] = []
        if let most = limits.sessionMinor { left.append(most) }
        if let most = limits.dayMinor { left.append(most - (try spent(since: today))) }
        if let most = limits.monthMinor { left.append(most - (try spent(since: month))) }
        return left.min().map { Money(minorUnits: $0, currency: organisation.currency) }
    }
}
