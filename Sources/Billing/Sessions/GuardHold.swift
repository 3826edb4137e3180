// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
import Quantities
import Storage

/// Stops a session before its hold is used up: as soon as the running cost reaches hold − margin (payments.md §6.2).
///
/// Before that the hold is raised: a card's at the gateway, a wallet's in steps as available permits. The margin covers
/// what is delivered between two meter values and until the station has stopped, so the bill never exceeds the hold by
/// more than the published overshoot (I25).
struct GuardHold {
    let desk: Desk

    func callAsFunction(_ session: SessionRecord, live: LiveBill, under quote: QuoteRecord, in tx: Tx) throws
    {
        guard let id = session.bill, let bill = try tx.find(BillRecord.self, id), bill.fundedBy != .invoice
        else {
            return
        }
        guard var payment = try tx.payments(of: id).last(where: { $0.canCapture }) else { return }
        let now = live.ratedAt
        let hold = Hold(amount: payment.hold, margin: quote.margin)
        if live.cost >= hold.raisesAt {
            payment = try raise(payment, of: bill, under: quote, in: tx, at: now)
        }
        guard live.cost >= Hold(amount: payment.hold, margin: quote.margin).stopsAt else { return }
        _ = try RequestRemoteStop(desk: desk).ask(session.id, because: .costLimit, in: tx, at: now)
    }

    private func raise(
        _ payment: PaymentRecord, of bill: BillRecord, under quote: QuoteRecord, in tx: Tx, at now: Instant
    ) throws -> PaymentRecord {
        let policy = try tx.find(OrganisationRecord.self, bill.organisation)?.policy.collection
        switch payment.source {
        case .wallet:
            if let wallet = payment.wallet,
                let session = try bill.session.flatMap({ try tx.find(SessionRecord.self, $0) })
            {
                try ReloadWallet(desk: desk)(wallet, for: session, in: tx, at: now)
            }
            return try GrowReservation(desk: desk).step(
                payment, by: (policy ?? CollectingPolicy()).walletStep, in: tx, at: now)
        case .card:
            try RaiseHold(desk: desk).whileRunning(payment, of: bill, under: quote, in: tx, at: now)
            // Until a fact says otherwise the old amount counts.
            return payment
        case .external: return payment
        }
    }
}
