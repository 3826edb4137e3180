// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
import Quantities
import Storage

/// The charger began the session that a guest paid for: session, bill and checkout are tied together.
struct JoinCheckout {
    let visit: StationVisit

    func callAsFunction(
        _ command: CommandRecord, session: SessionRecord, presented: PresentedToken?, in tx: Tx
    ) throws -> (session: SessionRecord, token: TokenAnswer?) {
        var session = session
        guard let id = command.checkout, var checkout = try tx.lock(CheckoutRecord.self, id: id),
            var bill = try tx.lock(BillRecord.self, id: checkout.bill)
        else { return (session, nil) }
        session.checkout = checkout.id
        session.token = checkout.token
        session.account = bill.account
        guard bill.session == nil, ["starting", "funded"].contains(bill.status) else {
            // Started after the command failed: no hold stands behind it, so it is stopped at once (charging.md §9).
            try tx.update(&session)
            _ = try RequestRemoteStop(desk: visit.desk).ask(
                session.id, because: .startedTooLate, in: tx, at: visit.now)
            let current = try tx.find(SessionRecord.self, session.id) ?? session
            return (current, presented.map { _ in TokenAnswer(status: .expired) })
        }
        session.bill = bill.id
        try tx.update(&session)
        try bill.apply(.on, with: visit.desk, in: tx, at: visit.now)
        bill.session = session.id
        try tx.update(&bill)
        checkout.session = session.id
        try tx.update(&checkout)
        try CompleteCommand(desk: visit.desk)(command.id, in: tx, at: visit.now)
        tx.note(.checkout, checkout.id.text)
        return (session, presented.map { _ in TokenAnswer(status: .accepted, expiresAt: visit.now) })
    }
}
