// SPDX-License-Identifier: Apache-2.0

import Accounting
import Charging
import Payments
import Quantities
import Storage
import Tariffs

/// Facts that came after a bill was final (charging.md §5, Correction). The bill stays as it is; what the session would
/// cost with them is compared, and a difference becomes a question with both bills.
///
/// Lower is given back by itself up to a limit, higher is given away unless a person decides otherwise (decided.md).
struct CorrectBill {
    let desk: Desk

    /// Up to this much is given back without asking anybody, minor units.
    static let givenBackByItself: Int64 = 20_00
    /// A higher bill that nobody decided about is given away then.
    private static let patience = Elapsed.hours(24 * 30)

    /// What the session came to, and what it would come to now.
    struct Difference: Hashable {
        var billed: Money
        var shadow: Money
        /// What was given back for this session already.
        var refunded: Money
        /// What was charged on top by decision.
        var charged: Money
        var session: Session

        /// Positive: too little was billed. Negative: too much, and not given back yet.
        var amount: Money { shadow - (billed + charged - refunded) }
    }

    /// Both bills of a final session; nil if it has no price.
    func difference(_ session: SessionRecord, in tx: Tx) throws -> Difference? {
        guard let bill = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let quote = try tx.find(QuoteRecord.self, bill.quote), let total = bill.totalMinor
        else { return nil }
        let shadow = Session(
            folding: try tx.facts(of: session.id, includingLate: true),
            under: try AddFacts.rules(of: session, in: tx))
        let price =
            try tx.policy(of: session.organisation).isNothing(shadow)
            ? Money.zero(quote.currency) : try RateSession(zones: desk.zones)(shadow, under: quote).gross
        let refunded = try tx.payments(of: bill.id).flatMap { try tx.refunds(of: $0.id) }.filter(
            \.machine.counts)
        return Difference(
            billed: Money(minorUnits: total, currency: quote.currency), shadow: price,
            refunded: refunded.map(\.amount).sum(in: quote.currency),
            charged: Money(minorUnits: try tx.chargedLate(for: session.id), currency: quote.currency),
            session: shadow)
    }

    /// Asks, or asks again with the newest numbers, if the two differ by at least one minor unit.
    func compare(_ session: SessionRecord, in tx: Tx, at now: Instant) throws {
        let reason = WorkReason.lateFact.rawValue
        let found = try difference(session, in: tx)
        let open = try tx.lockOpenWorkItem(reason, about: session.id.text, of: session.organisation)
        guard let found, !found.amount.isZero else {
            // The latest fact made both bills the same again.
            if var open {
                open.state = "closed"
                (open.decision, open.decidedBy, open.closedAt) = ("resolved", "server", now)
                try tx.update(&open)
            }
            return
        }
        var item =
            open
            ?? WorkItemRecord(
                id: desk.ids.new(at: now), organisation: session.organisation, reason: reason,
                object: session.id.text, station: session.station, detail: "", state: "open", openedAt: now)
        let size = found.amount.isNegative ? -found.amount : found.amount
        item.detail =
            "After the bill was final its readings changed: \(found.billed) was billed for \(session.energy),"
            + " \(found.shadow) would be for \(found.session.energy)."
        item.facts = Self.facts(found, session)
        item.currency = size.currency
        item.amountMinor = size.minorUnits
        item.defaultAt =
            found.amount.isNegative
            ? (size.minorUnits <= Self.givenBackByItself ? now : nil) : now + Self.patience
        if open == nil { try tx.open(item) } else { try tx.update(&item) }
        tx.note(.workItem, item.id.text)
        tx.ring(.work)
    }

    /// A person's word about a session that is final. Like any fact that comes late it edits nothing: if the bill would
    /// be another, that is a question with both bills.
    func judge(_ session: SessionID, _ judgement: Judgement, in tx: Tx, at now: Instant) throws {
        try AddFacts(desk: desk, at: now)([.judged(judgement, at: now)], to: session, in: tx)
    }

    /// What the default decides: give back what was too much, leave what was too little.
    func standardDecision(_ session: SessionRecord, in tx: Tx) throws -> WorkDecision {
        guard let found = try difference(session, in: tx), found.amount.isNegative else { return .ignore }
        return .credit
    }

    /// Too little was billed and the account is to pay it: the difference is a debt of its own, the bill stays as it is. A guest is never charged
    /// more after the receipt without consent.
    func charge(
        _ session: SessionRecord, because item: WorkItemRecord, by author: Author, in tx: Tx, at now: Instant
    )
        throws
    {
        guard session.account != nil else {
            throw AdministrationRefusal.invalid(
                field: "/decision", "A guest is not charged more after the receipt without consent.")
        }
        guard let found = try difference(session, in: tx), found.amount.isPositive,
            let bill = try session.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let quote = try tx.find(QuoteRecord.self, bill.quote)
        else { throw AdministrationRefusal.invalidState("nothing to charge", allowed: ["credit", "ignore"]) }
        let country = try tx.find(SiteRecord.self, session.site)?.taxProfile.country ?? ""
        let rated = try RateSession(zones: desk.zones)(found.session, under: quote)
        let owed = SessionOwed(rated, country: country, session: session.id).without(
            try bill.ratedBill.map { SessionOwed($0, country: country, session: session.id) })
        let entry = Books.Entry(
            organisation: session.organisation, cause: item.id.text, actor: author.name,
            occurredAt: session.endedAt ?? now, now: now)
        try Books(desk: desk).post(try owed.posting(), entry, in: tx)
        try OpenDebt(desk: desk)(
            found.amount, for: bill, fingerprint: nil, cause: item.id.text, in: tx, at: now)
    }

    private static func facts(_ found: Difference, _ session: SessionRecord) -> [WorkFact] {
        [
            WorkFact("billed", "\(found.billed)"),
            WorkFact("billed_energy_wh", String(session.energy.wattHours)),
            WorkFact("would_be", "\(found.shadow)"),
            WorkFact("would_be_energy_wh", String(found.session.energy.wattHours)),
            WorkFact("refunded", "\(found.refunded)"),
        ]
    }
}

extension SessionOwed {
    /// This less another: what one bill owes above the other, line by line.
    fileprivate func without(_ other: SessionOwed?) -> SessionOwed {
        guard let other else { return self }
        var incomes = incomes
        for earlier in other.incomes { incomes.append(Income(earlier.kind, -earlier.net)) }
        var taxes = taxes
        for earlier in other.taxes {
            taxes.append(Tax(country: earlier.country, rate: earlier.rate, amount: -earlier.amount))
        }
        let kinds = Dictionary(grouping: incomes, by: \.kind).compactMap { kind, parts -> Income? in
            guard let currency = parts.first?.net.currency else { return nil }
            let net = parts.map(\.net).sum(in: currency)
            return net.isZero ? nil : Income(kind, net)
        }.sorted { $0.kind.rawValue < $1.kind.rawValue }
        let rates = Dictionary(grouping: taxes, by: \.rate).compactMap { rate, parts -> Tax? in
            guard let first = parts.first else { return nil }
            let amount = parts.map(\.amount).sum(in: first.amount.currency)
            return amount.isZero ? nil : Tax(country: first.country, rate: rate, amount: amount)
        }.sorted { $0.rate < $1.rate }
        return SessionOwed(incomes: kinds, taxes: rates, session: session)
    }
}

extension Topic {
    /// A default may be due.
    static let work = Topic(rawValue: "work")
}
