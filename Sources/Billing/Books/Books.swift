// SPDX-License-Identifier: Apache-2.0

package import Accounting
import Payments
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
        /// Another accounting date than today's; for what a person books.
        package var bookedOn: CivilDate?
        /// The transaction that it takes back.
        package var reverses: TransactionID?

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
                recordedAt: entry.now), reverses: entry.reverses)
        try tx.append(record, of: entry.organisation, previous: chain.hash)
    }

    /// Opens a reservation; it is resolved by a capture, a confirmation or a release (I7).
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

    /// Posts what was really taken; the rest of the reservation is gone with it (T3, T3w). What nothing was reserved for,
    /// e.g. a remainder, is posted as it is.
    func postCapture(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        let bill = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        let about = Dimensions(session: bill?.session, payment: payment.id, wallet: payment.wallet)
        let pending = try tx.lockReservation(of: payment.id)
        // A capture that was taken back may come again: that is another posting.
        let first = payment.id.text
        let again = try tx.isPosted("CaptureReceived", cause: first, of: payment.organisation)
        let entry = Entry(
            organisation: payment.organisation, cause: again ? "\(first):\(payment.version)" : first,
            occurredAt: now, now: now)
        guard var pending else {
            return try post(
                try .captureReceived(
                    payment.captured, at: try clearingName(of: payment, in: tx), about: about),
                entry, in: tx)
        }
        try post(try Reservation(pending, about: about).posting(of: payment.captured), entry, in: tx)
        try resolve(&pending, posted: payment.capturedMinor, in: tx, at: now)
    }

    /// Posts what a refund had reserved: it is confirmed (T6a, T5r). One that was given up before is posted as it is.
    func postReserved(by refund: RefundRecord, in tx: Tx, at now: Instant) throws {
        let about = Dimensions(session: refund.session, payment: refund.payment, wallet: refund.wallet)
        if var pending = try tx.lockReservation(cause: refund.pendingCause, of: refund.organisation) {
            try post(
                try Reservation(pending, about: about).posting(of: refund.amount), refund.entry(at: now),
                in: tx)
            return try resolve(&pending, posted: refund.amountMinor, in: tx, at: now)
        }
        guard let payment = try tx.find(PaymentRecord.self, refund.payment) else { return }
        let leg = Reservation.refundAsked(
            refund.amount, at: try clearingName(of: payment, in: tx), about: about)
        var entry = refund.entry(at: now)
        if try tx.isPosted(leg.postedAs, cause: entry.cause, of: entry.organisation) {
            entry.cause += ":\(refund.version)"
        }
        try post(try leg.posting(of: refund.amount), entry, in: tx)
    }

    /// Gives up what a refund had reserved; it stays owed (T6a).
    func void(_ refund: RefundRecord, in tx: Tx, at now: Instant) throws {
        guard var pending = try tx.lockReservation(cause: refund.pendingCause, of: refund.organisation) else {
            return
        }
        try resolve(&pending, posted: nil, in: tx, at: now)
    }

    /// Gives a reservation back; nothing is posted (T4).
    func void(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard var pending = try tx.lockReservation(of: payment.id) else { return }
        try resolve(&pending, posted: nil, in: tx, at: now)
    }

    /// T1b: the old reservation is voided and one with the new total opened, so a hold has one open at most (I7, I8).
    func adjust(_ payment: PaymentRecord, to total: Money, in tx: Tx, at now: Instant) throws {
        guard var pending = try tx.lockReservation(of: payment.id) else { return }
        try resolve(&pending, posted: nil, in: tx, at: now)
        let about = Dimensions(session: pending.session, payment: payment.id, wallet: payment.wallet)
        let entry = Entry(
            organisation: payment.organisation, cause: "\(payment.id):\(payment.version)", occurredAt: now,
            now: now)
        switch payment.source {
        case .wallet: try reserve(.walletReserved(total, about: about), entry, in: tx)
        case .card, .external:
            try reserve(
                .holdAdjusted(total, at: try clearingName(of: payment, in: tx), about: about), entry, in: tx)
        }
    }

    /// Whose clearing account a payment's money passes through.
    func clearingName(of payment: PaymentRecord, in tx: Tx) throws -> String {
        let account = try payment.gatewayAccount.flatMap { try tx.find(GatewayAccountRecord.self, $0) }
        return account?.name ?? "External"
    }

    private func resolve(_ pending: inout PendingRecord, posted: Int64?, in tx: Tx, at now: Instant) throws {
        pending.state = posted == nil ? "voided" : "posted"
        pending.posted = posted
        pending.resolvedAt = now
        try tx.update(&pending)
    }

    /// The accounting date is the day in the seller's zone.
    private func bookingDate(of entry: Entry, in tx: Tx) throws -> CivilDate {
        try entry.bookedOn ?? today(of: entry.organisation, in: tx, at: entry.now)
    }

    /// The day in the seller's zone.
    func today(of organisation: OrganisationID, in tx: Tx, at now: Instant) throws -> CivilDate {
        guard let organisation = try tx.find(OrganisationRecord.self, organisation) else {
            return now.utcDate
        }
        return try desk.zones.rules(of: organisation.timeZone, from: now, to: now).local(now).date
    }
}

extension Reservation {
    /// As it was stored.
    fileprivate init(_ row: PendingRecord, about: Dimensions) {
        self.init(
            stored: row.template, debit: LedgerAccount(stored: row.debit),
            credit: LedgerAccount(stored: row.credit),
            amount: Money(minorUnits: row.amount, currency: row.currency), about: about)
    }
}

extension RefundRecord {
    /// What its reservation in the books is called: each try has its own.
    var pendingCause: String { machine.ordinal == 1 ? id.text : "\(id):\(machine.ordinal)" }
}
