// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
import Quantities
import Storage

/// A start that found no charge: the guest may try again with the same hold for a while, then the hold is released.
struct FailStart {
    let desk: Desk

    func callAsFunction(_ id: CheckoutID, in tx: Tx, at now: Instant) throws {
        guard var checkout = try tx.lock(CheckoutRecord.self, id: id),
            var bill = try tx.lock(BillRecord.self, id: checkout.bill), bill.status == "starting"
        else { return }
        try bill.apply(.nostart, with: desk, in: tx, at: now)
        try tx.update(&bill)
        checkout.failedStarts += 1
        checkout.startFailedAt = now
        checkout.firstFailedAt = checkout.firstFailedAt ?? now
        try tx.update(&checkout)
        if let id = checkout.token, var token = try tx.lock(TokenRecord.self, id: id) {
            token.status = .blocked
            try tx.update(&token)
        }
        tx.note(.checkout, checkout.id.text)
        tx.ring(.hold)
    }
}
