// SPDX-License-Identifier: Apache-2.0

import Charging
import Foundation
package import Payments
package import Quantities
import Receipts
package import Storage
import Tariffs

/// What is said against a dispute, and the papers for it (payments.md §4): assembled by itself within an hour of its
/// opening, submitted by a person, or by itself 48 h before the due date when nothing is missing. It cannot be taken back.
package struct AnswerDispute: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why nothing is submitted.
    package enum Refusal: Error, Hashable {
        /// Submitted, decided or over.
        case invalidState(String)
        case notAssembled
    }

    /// The papers as they are kept: facts only, one line each.
    package struct Pack: Codable, Hashable, Sendable {
        package var evidence: Evidence
        /// The hash of the quote whose price was shown, and when it was accepted.
        package var quoteHash: String?
        package var acceptedAt: Instant?
        /// Start, readings and stop as the station told them.
        package var trail: [String]
        package var bill: [String]
        package var receipt: String?
        /// Earlier sessions of the same card that nobody disputed.
        package var earlier: [PaymentID]
    }

    /// Gathers what there is about every open dispute that has no pack yet, and submits what is due; returns how many.
    func whatIsDue() async throws -> Int {
        let now = desk.clock.now
        let isAny = try await desk.store.read { tx in
            try !tx.disputesToAnswer(dueBefore: now + .hours(48), limit: 1).isEmpty
        }
        guard isAny else { return 0 }
        return try await desk.store.transaction { tx in
            var done = 0
            for open in try tx.disputesToAnswer(dueBefore: now + .hours(48), limit: 20) {
                guard var row = try tx.lock(DisputeRecord.self, id: open.id) else { continue }
                if row.assembledAt == nil {
                    try assemble(&row, in: tx, at: now)
                    done += 1
                }
                let isLate = row.dueAt.map { $0 - .hours(48) <= now } ?? false
                if row.machine.state == .needsResponse, isLate, row.missing.isEmpty {
                    try send(&row, by: "server", in: tx, at: now)
                    done += 1
                }
            }
            return done
        }
    }

    /// A person submits the pack.
    package func submit(_ id: DisputeID, by author: Author) async throws -> DisputeRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var row = try author.lock(DisputeRecord.self, id, "dispute", in: tx)
            guard [.inquiry, .needsResponse].contains(row.machine.state), row.submittedAt == nil else {
                throw Refusal.invalidState(row.status)
            }
            guard row.evidence != nil else { throw Refusal.notAssembled }
            try send(&row, by: author.name, in: tx, at: now)
            try author.note("dispute.submitted", id, with: desk, in: tx, at: now)
            return row
        }
    }

    /// A person gives it up: the loss is booked when the gateway tells it.
    package func accept(_ id: DisputeID, by author: Author) async throws -> DisputeRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var row = try author.lock(DisputeRecord.self, id, "dispute", in: tx)
            guard row.submittedAt == nil else { throw Refusal.invalidState(row.status) }
            do {
                _ = try row.machine.apply(.conceded)
            } catch {
                throw Refusal.invalidState(row.status)
            }
            row.status = row.machine.state.rawValue
            try tx.update(&row)
            try author.note("dispute.accepted", id, with: desk, in: tx, at: now)
            return row
        }
    }

    private func send(_ row: inout DisputeRecord, by name: String, in tx: Tx, at now: Instant) throws {
        guard row.submittedAt == nil, let payment = try tx.find(PaymentRecord.self, row.payment),
            let bytes = row.evidence
        else { return }
        let pack = try JSONDecoder().decode(Pack.self, from: Data(bytes))
        row.submittedAt = now
        row.submittedBy = name
        try tx.update(&row)
        try PlanAttempt(desk: desk)(
            .submitEvidence(row.reference, pack.evidence), of: payment, in: tx, at: now)
    }

    private func assemble(_ row: inout DisputeRecord, in tx: Tx, at now: Instant) throws {
        guard let payment = try tx.find(PaymentRecord.self, row.payment) else { return }
        let pack = try pack(for: payment, in: tx, at: now)
        var missing: [String] = []
        if pack.quoteHash == nil { missing.append("the accepted price") }
        if pack.trail.isEmpty { missing.append("the station's trail") }
        if pack.receipt == nil { missing.append("the receipt") }
        row.evidence = try CanonicalJSON.bytes(of: pack)
        row.missing = missing
        row.assembledAt = now
        try tx.update(&row)
    }

    private func pack(for payment: PaymentRecord, in tx: Tx, at now: Instant) throws -> Pack {
        let bill = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        let session = try bill?.session.flatMap { try tx.find(SessionRecord.self, $0) }
        let quote = try bill.flatMap { try tx.find(QuoteRecord.self, $0.quote) }
        let receipt = try bill.flatMap { try tx.documents(of: $0.id).first { $0.kind == "receipt" } }
        let trail = try session.map { session in
            try tx.facts(of: session.id).map { fact in
                "\((fact.measuredAt ?? fact.receivedAt).iso8601) \(fact.kind)"
            }
        }
        let lines = try bill?.ratedBill?.lines.map { "\($0.kind.shown) \($0.amount)" } ?? []
        let earlier = try payment.fingerprint.map {
            try tx.undisputedPayments(
                fingerprint: $0, of: payment.organisation, before: payment.createdAt, limit: 10)
        }
        let started = session?.startedAt ?? payment.createdAt
        let evidence = Evidence(
            product: session.map { "\($0.energy) of electricity" } ?? "electricity for a car",
            serviceDate: started.utcDate.description,
            account: (lines + (trail ?? [])).joined(separator: "\n"),
            refundPolicy: "what was not delivered is refunded to the same card")
        return Pack(
            evidence: evidence, quoteHash: quote?.hash, acceptedAt: payment.authorizedAt, trail: trail ?? [],
            bill: lines, receipt: receipt?.label, earlier: earlier?.map(\.id) ?? [])
    }
}
