// SPDX-License-Identifier: Apache-2.0

package import Accounting
package import Quantities
package import Storage
import Tariffs

/// Writes into the journal: numbered, dated, chained, once per (template, cause).
package struct Books: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Who and when.
    package struct Entry: Sendable, Hashable {
        package var organisation: OrganisationID
        /// The event it stands for; the same template and cause are posted once.
        package var cause: String
        package var actor: String
        package var occurredAt: Instant
        package var now: Instant

        package init(
            organisation: OrganisationID, cause: String, actor: String = "server", occurredAt: Instant,
            now: Instant
        ) {
            self.organisation = organisation
            self.cause = cause
            self.actor = actor
            self.occurredAt = occurredAt
            self.now = now
        }
    }

    /// Appends a posting, unless it stands there already.
    package func post(_ posting: Posting, _ entry: Entry, in tx: Tx) throws {
        let chain = try tx.lockChain(of: entry.organisation)
        guard try !tx.isPosted(posting.template, cause: entry.cause, of: entry.organisation) else { return }
        let record = LedgerRecord(
            id: desk.ids.new(at: entry.now), seq: chain.seq + 1, posting: posting, cause: entry.cause,
            actor: entry.actor,
            times: LedgerRecord.Times(
                occurredAt: entry.occurredAt, bookedOn: try bookingDate(of: entry, in: tx),
                recordedAt: entry.now))
        try tx.append(record, of: entry.organisation, previous: chain.hash)
    }

    /// Opens a reservation; it is resolved by ``postReserved(_:of:in:at:)`` or ``void(_:in:at:)`` (I7).
    func reserve(_ reservation: Reservation, _ entry: Entry, in tx: Tx) throws {
        _ = try tx.insertIfAbsent(
            PendingRecord(
                id: desk.ids.new(at: entry.now), organisation: entry.organisation,
                template: reservation.template,
                cause: entry.cause, state: "open", currency: reservation.amount.currency,
                amount: reservation.amount.minorUnits, debit: reservation.debit.name,
                credit: reservation.credit.name, session: reservation.about.session,
                payment: reservation.about.payment, wallet: reservation.about.wallet, openedAt: entry.now))
    }

    /// Posts what was really taken; the rest of the reservation is gone with it (T3, T3w).
    func postReserved(_ taken: Money, of payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard var pending = try tx.lockReservation(of: payment.id) else { return }
        let session = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }?.session
        let reservation = Reservation(
            stored: pending.template, debit: LedgerAccount(stored: pending.debit),
            credit: LedgerAccount(stored: pending.credit),
            amount: Money(minorUnits: pending.amount, currency: pending.currency),
            about: Dimensions(session: session, payment: payment.id, wallet: payment.wallet))
        let entry = Entry(
            organisation: payment.organisation, cause: payment.id.text, occurredAt: now, now: now)
        try post(try reservation.posting(of: taken), entry, in: tx)
        pending.state = "posted"
        pending.posted = taken.minorUnits
        pending.resolvedAt = now
        try tx.update(&pending)
    }

    /// Posts what a refund had reserved: it is confirmed (T6a).
    func postReserved(by refund: RefundRecord, in tx: Tx, at now: Instant) throws {
        guard var pending = try tx.lockReservation(of: refund.id) else { return }
        let reservation = Reservation(
            stored: pending.template, debit: LedgerAccount(stored: pending.debit),
            credit: LedgerAccount(stored: pending.credit), amount: refund.amount,
            about: Dimensions(session: refund.session, payment: refund.payment))
        try post(try reservation.posting(of: refund.amount), refund.entry(at: now), in: tx)
        pending.state = "posted"
        pending.posted = refund.amountMinor
        pending.resolvedAt = now
        try tx.update(&pending)
    }

    /// Gives up what a refund had reserved; it stays owed (T6a).
    func void(_ refund: RefundRecord, in tx: Tx, at now: Instant) throws {
        guard var pending = try tx.lockReservation(of: refund.id) else { return }
        pending.state = "voided"
        pending.resolvedAt = now
        try tx.update(&pending)
    }

    /// Gives a reservation back; nothing is posted (T4).
    func void(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard var pending = try tx.lockReservation(of: payment.id) else { return }
        pending.state = "voided"
        pending.resolvedAt = now
        try tx.update(&pending)
    }

    /// The accounting date is the day in the seller's zone.
    private func bookingDate(of entry: Entry, in tx: Tx) throws -> CivilDate {
        guard let organisation = try tx.find(OrganisationRecord.self, entry.organisation) else {
            return entry.now.utcDate
        }
        return try desk.zones.rules(of: organisation.timeZone, from: entry.now, to: entry.now).local(
            entry.now
        ).date
    }
}
