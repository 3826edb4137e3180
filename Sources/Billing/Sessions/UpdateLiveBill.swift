// SPDX-License-Identifier: Apache-2.0

package import Charging
import Payments
package import Quantities
package import Storage
package import Tariffs

/// Rates a running session as if it ended now, by the same rater as the final bill, and guards its hold.
///
/// The result is shown, never posted (architecture.md §9). Runs after the reading is stored and answered for: when it
/// fails, only the number on the page stays old.
package struct UpdateLiveBill: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// The cost so far, or nil if the session has no price or was rated within the last second.
    package func callAsFunction(_ id: SessionID) async throws -> LiveBill? {
        let now = desk.clock.now
        let shortest = Elapsed(nanoseconds: Elapsed.seconds(1).nanoseconds * desk.clock.rate)
        guard let look = try await desk.store.read({ tx in try look(at: id, now, in: tx) }) else {
            return nil
        }
        let (session, quote) = (look.session, look.quote)
        if let ratedAt = session.live?.ratedAt, session.status == .running, now - ratedAt < shortest {
            return session.live
        }
        let rated = try RateSession(zones: desk.zones)(session.folded, under: quote, asOf: look.asOf)
        var live = LiveBill(rated, quote: quote, at: now)
        if let policy = look.policy { live.cost = policy.due(rated, for: session.folded) }
        try await desk.store.transaction { [live] tx in
            try save(live, for: id, under: quote, isNow: look.isNow, in: tx)
        }
        return live
    }

    /// What is needed to rate a session.
    private struct Look {
        var session: SessionRecord
        var quote: QuoteRecord
        /// Until when it is rated, if it goes on; and whether that is how it stands now.
        var asOf: Instant
        var isNow: Bool
        /// By which it is decided what is charged of it; nil while it goes on.
        var policy: OrganisationPolicy?
    }

    private func look(at id: SessionID, _ now: Instant, in tx: Tx) throws -> Look? {
        guard let session = try tx.find(SessionRecord.self, id), session.finalAt == nil,
            let bill = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let quote = try tx.find(QuoteRecord.self, bill.quote)
        else { return nil }
        let known = try known(of: session, at: now, in: tx)
        return Look(
            session: session, quote: quote, asOf: known ?? now, isNow: known == nil,
            policy: session.endedAt == nil ? nil : try tx.policy(of: session.organisation))
    }

    /// What is told late says how a session was: until the station has told all of it, and while the station is away,
    /// nobody knows how it stands now. Then nothing comes of its cost: no notice, no stop, no larger hold (charging.md §8,
    /// Replay; C47; E16.FR.18).
    ///
    /// Until when it is known; nil if up to now.
    private func known(of session: SessionRecord, at now: Instant, in tx: Tx) throws -> Instant? {
        let told = session.meteredUpTo
        guard now - told > SessionRecord.late, let station = try tx.find(StationRecord.self, session.station)
        else { return nil }
        if session.mayBeReplayed(by: station, at: now) { return told }
        guard station.connectedAt == nil, let lastSeenAt = station.lastSeenAt else { return nil }
        return max(told, lastSeenAt)
    }

    private func save(
        _ live: LiveBill, for id: SessionID, under quote: QuoteRecord, isNow: Bool, in tx: Tx
    ) throws {
        guard var session = try tx.lock(SessionRecord.self, id: id), session.finalAt == nil else { return }
        var live = live
        live.remember(session.live)
        live.stopsAt = try stop(of: session, under: quote, in: tx)
        let isRunning = session.status == .running
        if isRunning, isNow {
            try TellCost(desk: desk).running(&live, of: session, in: tx, at: live.ratedAt)
        } else if session.status == .ended {
            try TellCost(desk: desk).ended(&live, of: session, in: tx, at: live.ratedAt)
        }
        session.live = live
        session.ratedAt = live.ratedAt
        try tx.update(&session)
        tx.note(.session, id.text)
        guard isRunning, isNow else { return }
        try GuardLimits(desk: desk)(session, in: tx, at: live.ratedAt)
        try GuardHold(desk: desk)(session, live: live, under: quote, in: tx)
    }

    /// The cost at which it is stopped: by what is held now, not by what was quoted; never for an invoiced account.
    private func stop(of session: SessionRecord, under quote: QuoteRecord, in tx: Tx) throws -> Money? {
        guard let bill = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) }) else {
            return quote.stopsAt
        }
        if bill.fundedBy == .invoice { return nil }
        let hold = try tx.payments(of: bill.id).last { $0.canCapture }?.hold ?? quote.hold
        return Hold(amount: hold, margin: quote.margin).stopsAt
    }
}

/// Step 4, Price: the one rating function with what it needs around it: usage, frozen tariff, zone, policy.
package struct RateSession: Sendable {
    let zones: any ZoneReader

    package init(zones: any ZoneReader) { self.zones = zones }

    /// What the session costs under its frozen quote. `asOf` prices a running session as if it ended then.
    package func callAsFunction(
        _ session: Session, under quote: QuoteRecord, asOf instant: Instant? = nil
    ) throws -> Rated {
        let usage = session.usage(asOf: instant)
        let (tariff, _) = try Tariff.decode(ocpi: quote.tariff)
        let first = usage.intervals.map(\.start).min() ?? quote.createdAt
        let last = usage.intervals.map(\.end).max() ?? first
        let zone = try zones.rules(of: quote.timeZone, from: first, to: last)
        return try Rater(policy: .lineHalfUp1).rate(usage, under: tariff, in: zone)
    }

    /// The same to be shown; nil where the rater refuses, e.g. a million kWh (F57). A person then decides without a price.
    package func ifPossible(
        _ session: Session, under quote: QuoteRecord, asOf instant: Instant? = nil
    ) throws -> Rated? {
        do {
            return try self(session, under: quote, asOf: instant)
        } catch is RatingError {
            return nil
        }
    }
}

/// Reads the rules of an IANA time zone; the pure rater gets them as a value (D25).
package protocol ZoneReader: Sendable {
    /// The offsets of a zone between two instants, or an error that names the unknown zone.
    func rules(of zone: String, from: Instant, to: Instant) throws -> ZoneRules
}
