// SPDX-License-Identifier: Apache-2.0

import Accounting
import Digests
import Foundation
import Payments
package import Quantities
package import Receipts
package import Storage
import Tariffs

/// Gives money back: the credit note, what is owed, and the call that pays it, in one transaction (payments.md §4).
///
/// The document is final at once, the money when the gateway confirms it. It goes to the instrument that was charged
/// (I33); a prepaid wallet has it back at once.
package struct RefundPayment: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why it is refused; nothing was changed.
    package enum Refusal: Error, Hashable {
        /// The payment is in a state in which nothing can be given back.
        case invalidState(String)
        case exceedsCaptured(available: Money)
        /// While a dispute is open the money may be taken twice.
        case disputeOpen
        case currencyMismatch(Currency, Currency)
        /// The kinds come to another amount than the one that was asked for.
        case linesDoNotSum(lines: Money, amount: Money)
        /// A kind cannot be taken back like that.
        case line(CreditNote.Refusal)
    }

    /// - Parameters:
    ///   - amount: tax included; nil gives back what the lines come to, or whatever is left.
    ///   - lines: which kinds it is for, tax included; empty for a share of everything.
    ///   - reason: what the credit note says.
    ///   - metadata: words of the client's own.
    // exception(T7): what an operator may say of a refund, each with its label.
    package func callAsFunction(
        _ amount: Money?, lines: [CreditNote.Portion] = [], of id: PaymentID, because reason: String,
        metadata: [String: String]? = nil, by author: Author
    ) async throws -> RefundRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let payment = try author.lock(PaymentRecord.self, id, "payment", in: tx)
            guard payment.capturedAt != nil, payment.purpose == .session else {
                throw Refusal.invalidState(payment.status)
            }
            let machine = try self.machine(amount, lines, of: payment, in: tx)
            let refund = try file(
                machine, lines, of: payment, because: reason, metadata, by: author, in: tx, at: now)
            try author.note("refund.requested", refund.id, because: reason, with: desk, in: tx, at: now)
            try SendRefund(desk: desk)(refund, of: payment, in: tx, at: now)
            return try tx.find(RefundRecord.self, refund.id) ?? refund
        }
    }

    /// What lines come to, tax included; nil if there are none.
    package static func sum(
        of lines: [CreditNote.Portion], from payment: PaymentRecord
    ) throws(Refusal) -> Money? {
        guard !lines.isEmpty else { return nil }
        for line in lines {
            guard line.amount.currency == payment.currency else {
                throw .currencyMismatch(line.amount.currency, payment.currency)
            }
            guard line.amount.isPositive else { throw .line(.amountIsNotPositive(line.amount)) }
            // Before they are added up: two amounts that are each too large may be beyond every number.
            guard line.amount <= payment.captured else {
                throw .line(.exceedsKind(line.kind, left: payment.captured, requested: line.amount))
            }
        }
        return lines.map(\.amount).sum(in: payment.currency)
    }

    private func machine(
        _ amount: Money?, _ lines: [CreditNote.Portion], of payment: PaymentRecord, in tx: Tx
    ) throws -> Refund {
        let taken = try tx.taken(by: payment)
        let sum = try Self.sum(of: lines, from: payment)
        if let sum, let amount, sum != amount { throw Refusal.linesDoNotSum(lines: sum, amount: amount) }
        let wanted = amount ?? sum ?? taken.available
        guard wanted.currency == payment.currency else {
            throw Refusal.currencyMismatch(wanted.currency, payment.currency)
        }
        do throws(Refund.Refusal) {
            return try Refund(of: wanted, from: taken)
        } catch .disputeOpen {
            throw Refusal.disputeOpen
        } catch {
            throw Refusal.exceedsCaptured(available: taken.available)
        }
    }

    /// T6: the credit note, and what is owed because of it.
    private func file(
        _ machine: Refund, _ lines: [CreditNote.Portion], of payment: PaymentRecord, because reason: String,
        _ metadata: [String: String]?, by author: Author, in tx: Tx, at now: Instant
    ) throws -> RefundRecord {
        guard let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let rated = try bill.ratedBill, let session = bill.session,
            let receipt = try tx.documents(of: bill.id).first(where: { $0.kind == "receipt" })
        else { throw Refusal.invalidState(payment.status) }
        let note: (row: DocumentRecord, content: CreditNote)
        do {
            note = try IssueCreditNote(desk: desk)(
                of: lines.isEmpty ? .amount(machine.amount) : .kinds(lines), for: receipt,
                made: CreditNote.Shares(rated), because: reason, in: tx, at: now)
        } catch CreditNote.Refusal.exceedsReceipt(let left, _) {
            // A refund that was taken back leaves its credit note: the same money is not credited twice.
            throw Refusal.exceedsCaptured(available: left)
        } catch let refusal as CreditNote.Refusal where !lines.isEmpty {
            throw Refusal.line(refusal)
        }
        var refund = RefundRecord(
            id: desk.ids.new(at: now), of: payment, session: session, creditNote: note.row.id,
            machine: machine, reason: reason, askedBy: author.name, at: now)
        refund.metadata = metadata
        try tx.insert(refund)
        let country = try tx.find(SessionRecord.self, session)
            .flatMap { try tx.find(SiteRecord.self, $0.site) }?.taxProfile.country
        try Books(desk: desk).post(
            try .refundOwed(
                incomes: note.content.incomes, taxes: note.content.taxes(in: country ?? ""),
                about: Dimensions(session: session, payment: payment.id)),
            refund.entry(at: now), in: tx)
        return refund
    }
}

/// What a gateway said of a refund, in the caller's transaction.
struct RecordRefund {
    let desk: Desk

    func callAsFunction(_ event: Refund.Event, of id: RefundID, in tx: Tx, at now: Instant) throws {
        guard var refund = try tx.lock(RefundRecord.self, id: id) else { return }
        let before = refund.machine.state
        let effects = try refund.machine.apply(event)
        refund.status = refund.machine.state.rawValue
        if refund.machine.state == .succeeded { refund.succeededAt = refund.succeededAt ?? now }
        try tx.update(&refund)
        if before != refund.machine.state { try book(refund, in: tx, at: now) }
        for effect in effects { try carryOut(effect, refund, in: tx, at: now) }
        tx.note(.payment, refund.payment.text)
    }

    /// T6a: posted when confirmed, given up when refused; what is owed stays owed.
    private func book(_ refund: RefundRecord, in tx: Tx, at now: Instant) throws {
        switch refund.machine.state {
        case .succeeded:
            if refund.kind != .creditNote || !refund.isForWallet(in: tx) {
                try Books(desk: desk).postReserved(by: refund, in: tx, at: now)
            }
            try PayOutWallet(desk: desk).decided(refund, isPaid: true, in: tx)
        case .failed:
            try Books(desk: desk).void(refund, in: tx, at: now)
            try PayOutWallet(desk: desk).decided(refund, isPaid: false, in: tx)
            try ask(
                "refund_failed", "the gateway refused it; what is owed stays owed", refund, in: tx, at: now)
        case .cancelled:
            try Books(desk: desk).void(refund, in: tx, at: now)
            try PayOutWallet(desk: desk).decided(refund, isPaid: false, in: tx)
        case .reversed: try returned(refund, in: tx, at: now)
        case .requested, .pending, .unknown: return
        }
    }

    /// T6b: the money came back days later and is owed again; another way needs a person (F-list, payments.md §4).
    private func returned(_ refund: RefundRecord, in tx: Tx, at now: Instant) throws {
        guard let payment = try tx.find(PaymentRecord.self, refund.payment) else { return }
        let books = Books(desk: desk)
        var entry = refund.entry(at: now)
        entry.cause += ":\(refund.version)"
        try books.post(
            try .refundReturned(
                refund.amount, at: try books.clearingName(of: payment, in: tx),
                about: Dimensions(session: refund.session, payment: payment.id)), entry, in: tx)
        try ask("refund_reversed", "the money came back; it is owed again", refund, in: tx, at: now)
    }

    private func carryOut(_ effect: Refund.Effect, _ refund: RefundRecord, in tx: Tx, at now: Instant) throws
    {
        switch effect {
        case .askAPerson(let column, let state):
            let detail = "\(column.rawValue) was told of a refund that is \(state.rawValue)"
            try ask("refund_surprise", detail, refund, in: tx, at: now)
        case .send:
            guard let payment = try tx.find(PaymentRecord.self, refund.payment) else { return }
            try SendRefund(desk: desk)(refund, of: payment, in: tx, at: now)
        }
    }
}

extension RecordRefund {
    private func ask(_ reason: String, _ detail: String, _ refund: RefundRecord, in tx: Tx, at now: Instant)
        throws
    {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: refund.organisation, reason: reason,
                object: refund.id.text, detail: detail, currency: refund.currency,
                amountMinor: refund.amountMinor, state: "open", openedAt: now))
    }
}

extension RefundRecord {
    /// Whether it went to a prepaid balance, which is booked when it is asked for.
    fileprivate func isForWallet(in tx: Tx) -> Bool {
        // a row that cannot be read is a card's: its own posting then says what is wrong
        (try? tx.find(PaymentRecord.self, payment))?.source == .wallet
    }

    /// What is written in the books because of it.
    func entry(at now: Instant) -> Books.Entry {
        Books.Entry(organisation: organisation, cause: id.text, actor: askedBy, occurredAt: now, now: now)
    }
}

extension CreditNote {
    /// Its lines in the words of the books.
    fileprivate var incomes: [SessionOwed.Income] {
        lines.filter { !$0.net.isZero }.map { SessionOwed.Income(IncomeKind(shown: $0.kind), $0.net) }
    }

    fileprivate func taxes(in country: String) -> [SessionOwed.Tax] {
        taxes.filter { !$0.amount.isZero }.map {
            SessionOwed.Tax(country: country, rate: $0.rate ?? TaxRate(percent: 0), amount: $0.amount)
        }
    }
}

extension IncomeKind {
    /// The income account of a word of the API.
    fileprivate init(shown kind: String) {
        self = LineKind.allCases.first { $0.shown == kind }?.income ?? .session
    }
}
