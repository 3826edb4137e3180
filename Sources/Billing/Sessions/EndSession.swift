// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
import Quantities
import Storage

/// Step 2, Session: a stop was told. Stores it and arranges the settlement; never fails because of a price.
struct EndSession {
    let visit: StationVisit

    func callAsFunction(_ id: SessionID, stoppedBy token: PresentedToken?, in tx: Tx) throws {
        guard var session = try tx.lock(SessionRecord.self, id: id), session.finalAt == nil else { return }
        session.status = .ended
        session.dueAt = visit.now
        try tx.update(&session)
        if let id = session.bill, var bill = try tx.lock(BillRecord.self, id: id) {
            try bill.apply(.end, with: visit.desk, in: tx, at: visit.now)
            try tx.update(&bill)
        }
        tx.note(.session, session.id.text)
        tx.ring(.settlement)
    }
}
