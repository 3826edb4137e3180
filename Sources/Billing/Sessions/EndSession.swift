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
        guard let session = try tx.lock(SessionRecord.self, id: id), !session.isFinal else { return }
        try end(session, after: session, in: tx)
    }

    /// The same of a session that is held and was changed since it was read: it is written once, and returned.
    @discardableResult
    func end(_ changed: SessionRecord, after before: SessionRecord, in tx: Tx) throws -> SessionRecord {
        var session = changed
        try arrange(&session, in: tx)
        if session != before { try tx.update(&session) }
        if let id = session.bill, var bill = try tx.lock(BillRecord.self, id: id), bill.status != "in_review"
        {
            try bill.apply(.end, with: desk, in: tx, at: now)
            try tx.update(&bill)
        }
        tx.note(.session, session.id.text)
        return session
    }

    /// When it is settled: at once, or when it has been quiet for long enough. A session in review stays there: what came
    /// with the end may answer the question, so it is looked at again.
    private func arrange(_ session: inout SessionRecord, in tx: Tx) throws {
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
