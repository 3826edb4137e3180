// SPDX-License-Identifier: Apache-2.0

import Accounting
package import Payments
package import Quantities
package import Storage
import Tariffs

/// A payer's bank claims money back (payments.md §4). Every flip of a dispute posts once, keyed by the event that told it
/// (T7, F64); inquiries move no money. While it is open nothing is refunded (F59).
package struct RecordDispute: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// - Parameter cause: the source's own name of the event.
    /// - Returns: false if the payment is not ours, yet.
    package func callAsFunction(
        _ fact: DisputeFact, cause: String, at account: GatewayAccountRecord, in tx: Tx, now: Instant
    ) throws -> Bool {
        guard let payment = try payment(of: fact, at: account, in: tx) else { return false }
        let known = try tx.dispute(fact.dispute, of: payment.id)
        var row = try known.flatMap { try tx.lock(DisputeRecord.self, id: $0.id) } ?? make(fact, payment, now)
        let before = known == nil ? nil : row.machine.state
        if known == nil { try tx.insert(row) }
        let isFirst = known == nil && [.inquiry, .opened].contains(fact.event)
        // An event that does not fit tells nothing new.
        if !isFirst { _ = try? row.machine.apply(fact.event) }
        row.status = row.machine.state.rawValue
        row.dueAt = fact.dueBy ?? row.dueAt
        row.reason = fact.reason ?? row.reason
        if [.won, .lost, .closed].contains(row.machine.state) { row.closedAt = row.closedAt ?? now }
        if before != row.machine.state {
            try book(&row, before: before, payment, cause: cause, in: tx, at: now)
        }
        try tx.update(&row)
        if known == nil { try ask(row, in: tx, at: now) }
        tx.note(.payment, payment.id.text)
        return true
    }

    private func payment(
        of fact: DisputeFact, at account: GatewayAccountRecord, in tx: Tx
    ) throws -> PaymentRecord? {
        let id =
            try fact.payment
            ?? fact.paymentReference.flatMap {
                try tx.payment(reference: $0, at: account.id)?.id
            }
        guard let id, let payment = try tx.lockPayment(id),
            payment.gatewayAccount == account.id
        else { return nil }
        return payment
    }

    private func make(_ fact: DisputeFact, _ payment: PaymentRecord, _ now: Instant) -> DisputeRecord {
        DisputeRecord(
            id: desk.ids.new(at: now), of: payment, reference: fact.dispute,
            machine: Dispute(fact.amount, isInquiry: fact.event == .inquiry),
            fee: fact.fee ?? .zero(fact.amount.currency), reason: fact.reason ?? "", dueAt: fact.dueBy,
            at: now)
    }

    /// T7a to T7e: from where the money is to where it must be.
    private func book(
        _ row: inout DisputeRecord, before: Dispute.State?, _ payment: PaymentRecord, cause: String,
        in tx: Tx,
        at now: Instant
    ) throws {
        let books = Books(desk: desk)
        let account = try books.clearingName(of: payment, in: tx)
        let bill = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        let about = Dimensions(session: bill?.session, payment: payment.id)
        let entry = Books.Entry(
            organisation: row.organisation, cause: "\(row.id):\(cause)", actor: "gateway", occurredAt: now,
            now: now)
        func withdraw(fee: Money) throws {
            guard !row.withdrawn else { return }
            try books.post(try .disputeOpened(row.amount, fee: fee, at: account, about: about), entry, in: tx)
            row.withdrawn = true
        }
        switch row.machine.state {
        case .needsResponse: try withdraw(fee: row.fee)
        case .won where before == .lost:
            try books.post(
                try .disputeReversed(
                    row.amount, relief: try relief(row, of: bill, in: tx), at: account, about: about), entry,
                in: tx)
        case .won where row.withdrawn:
            try books.post(try .disputeWon(row.amount, at: account, about: about), entry, in: tx)
            row.withdrawn = false
        case .lost:
            // a decision may be the first thing that is heard, or follow one that was won
            try withdraw(fee: before == nil ? row.fee : .zero(row.currency))
            try books.post(
                try .disputeLost(row.amount, relief: try relief(row, of: bill, in: tx), about: about), entry,
                in: tx)
            row.withdrawn = false
        case .inquiry, .underReview, .conceded, .expired, .closed, .won: return
        }
    }

    /// The part of the tax that goes with the disputed amount, if the operator claims it (T7d).
    private func relief(_ row: DisputeRecord, of bill: BillRecord?, in tx: Tx) throws -> [SessionOwed.Tax] {
        guard let bill,
            try tx.find(OrganisationRecord.self, row.organisation)?.policy.collection.disputeTaxRelief
                == true,
            let rated = try bill.ratedBill, rated.gross.isPositive
        else { return [] }
        let session = try bill.session.flatMap { try tx.find(SessionRecord.self, $0) }
        let country = try session.flatMap { try tx.find(SiteRecord.self, $0.site) }?.taxProfile.country ?? ""
        let net = rated.gross - rated.taxes.map(\.amount).sum(in: row.currency)
        let weights = [net.minorUnits] + rated.taxes.map(\.amount.minorUnits)
        guard weights.allSatisfy({ $0 >= 0 }) else { return [] }
        return zip(rated.taxes, row.amount.allocated(by: weights).dropFirst()).compactMap { tax, part in
            tax.rate.map { SessionOwed.Tax(country: country, rate: $0, amount: part) }
        }
    }

    private func ask(_ row: DisputeRecord, in tx: Tx, at now: Instant) throws {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: row.organisation,
                reason: row.machine.state == .inquiry ? "dispute_inquiry" : "dispute_opened",
                object: row.id.text,
                detail: "the payer's bank claims \(row.amount) back: \(row.reason)", currency: row.currency,
                amountMinor: row.amountMinor, state: "open", openedAt: now))
    }
}
