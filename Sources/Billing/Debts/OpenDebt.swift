// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
package import Quantities
package import Storage

/// A remainder that nobody has paid becomes a receivable with an owner: the account, or for a guest the instrument
/// (T9, I26). While it is open its owner starts nothing new.
struct OpenDebt {
    let desk: Desk

    /// - Parameter cause: the event that opened it; the same one opens it once.
    func callAsFunction(
        _ amount: Money, for bill: BillRecord, fingerprint: String?, cause: String, in tx: Tx, at now: Instant
    ) throws {
        let debt = DebtRecord(
            id: desk.ids.new(at: now), of: amount, for: bill, fingerprint: fingerprint, cause: cause, at: now)
        guard try tx.insertIfAbsent(debt) else { return }
        try Books(desk: desk).post(
            try .debtOpened(amount, about: Dimensions(session: bill.session)),
            Books.Entry(organisation: bill.organisation, cause: cause, occurredAt: now, now: now), in: tx)
        tx.note(.bill, bill.id.text)
        if let checkout = bill.checkout { tx.note(.checkout, checkout.text) }
        tx.ring(.hold)
    }
}

extension DebtRecord {
    /// Whether a person charged it after the bill was final: it is owed beside the bill, and no part of it.
    var isLateCharge: Bool { WorkItemID(cause) != nil }
}

/// A debt that is given up: by the operator, or after the time the policy gives (T10). It still blocks nobody.
package struct WriteOffDebt: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Gives up what is open of a bill.
    package func callAsFunction(_ id: BillID, because reason: String, by author: Author) async throws
        -> BillRecord
    {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let bill = try author.lock(BillRecord.self, id, "bill", in: tx)
            guard try isOwed(bill, in: tx) else {
                throw AdministrationRefusal.invalidState(bill.status, allowed: ["in_debt"])
            }
            try giveUp(bill.id, in: tx, at: now)
            try author.note("debt.written_off", id, because: reason, with: desk, in: tx, at: now)
            return try tx.find(BillRecord.self, id) ?? bill
        }
    }

    private func isOwed(_ bill: BillRecord, in tx: Tx) throws -> Bool {
        try bill.status == "in_debt"
            || tx.debts(of: bill.id).contains { $0.isLateCharge && $0.status == "open" }
    }

    func giveUp(_ id: BillID, in tx: Tx, at now: Instant) throws {
        guard var bill = try tx.lock(BillRecord.self, id: id), try isOwed(bill, in: tx) else { return }
        for debt in try tx.debts(of: id) where debt.status == "open" {
            guard var debt = try tx.lock(DebtRecord.self, id: debt.id), debt.collector == nil else { return }
            debt.status = "written_off"
            debt.closedAt = now
            debt.nextReminderAt = nil
            debt.nextRetryAt = nil
            try tx.update(&debt)
            try Books(desk: desk).post(
                try .debtWrittenOff(debt.amount, about: Dimensions(session: bill.session)),
                Books.Entry(
                    organisation: bill.organisation, cause: debt.id.text, occurredAt: now, now: now), in: tx)
        }
        tx.note(.bill, id.text)
        // What was charged after the bill was paid is no part of it.
        guard bill.status == "in_debt" else { return }
        try bill.apply(.writeoff, with: desk, in: tx, at: now)
        try tx.update(&bill)
    }
}
