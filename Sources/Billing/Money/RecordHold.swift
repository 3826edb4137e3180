// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage

/// A hold was approved: it is reserved in the books, the bill is funded, and the charger is asked to start.
struct RecordHold {
    let desk: Desk

    func callAsFunction(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) else { return }
        let account = try payment.gatewayAccount.flatMap { try tx.find(GatewayAccountRecord.self, $0) }
        try Books(desk: desk).reserve(
            .holdPlaced(
                payment.hold, at: account?.name ?? "External",
                about: Dimensions(session: bill.session, payment: payment.id)),
            Books.Entry(
                organisation: payment.organisation, cause: payment.id.text, occurredAt: now, now: now), in: tx
        )
        try bill.apply(.funded, with: desk, in: tx, at: now)
        try tx.update(&bill)
        guard bill.status == "funded",
            let checkout = try bill.checkout.flatMap({ try tx.find(CheckoutRecord.self, $0) })
        else { return }
        if checkout.autoStart { try StartSession(desk: desk).start(checkout.id, in: tx, at: now) }
    }
}
