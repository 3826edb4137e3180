// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
import Quantities
import Storage

/// Step 2, Session: an end is known. Stores it and arranges the settlement; never fails because of a price.
struct EndSession {
    let desk: Desk
    let now: Instant

    init(desk: Desk, at now: Instant) {
        self.desk = desk
        self.now = now
    }

    func callAsFunction(_ id: SessionID, in tx: Tx) throws {
        guard var session = try tx.lock(SessionRecord.self, id: id), !session.isFinal else { return }
        let before = session
        try arrange(&session, in: tx)
        if session != before { try tx.update(&session) }
        try endBill(of: session, in: tx)
        tx.note(.session, session.id.text)
    }

    /// Its bill waits for no more than the settlement from now on.
    func endBill(of session: SessionRecord, in tx: Tx) throws {
        guard let id = session.bill, var bill = try tx.lock(BillRecord.self, id: id),
            bill.status != "in_review"
        else { return }
        try bill.apply(.end, with: desk, in: tx, at: now)
        try tx.update(&bill)
    }

    /// When it is settled: at once, or when it has been quiet for long enough. A session in review stays there: what came
    /// with the end may answer the question, so it is looked at again. The caller saves it.
    func arrange(_ session: inout SessionRecord, in tx: Tx) throws {
        if session.status != .inReview { session.status = .ended }
        session.dueAt = now
        if try SettleSession(desk: desk).isPutOff(&session, in: tx, at: now) { return }
        tx.ring(.settlement)
    }
}

/// Ends a session that its station does not end: at the last thing it told, marked as closed by us (C32, C70).
/// A stop that is told later wins, as long as nothing is final.
struct CloseSession {
    let desk: Desk
    let now: Instant

    func callAsFunction(_ id: SessionID, in tx: Tx) throws {
        let end = Fact.closedByServer(after: try tx.facts(of: id), at: now)
        try AddFacts(desk: desk, at: now)([end], to: id, in: tx)
        try EndSession(desk: desk, at: now)(id, in: tx)
    }
}
