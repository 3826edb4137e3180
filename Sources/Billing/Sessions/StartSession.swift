// SPDX-License-Identifier: Apache-2.0

import Charging
import Payments
package import Quantities
import Storage

/// The money is reserved: asks the charger to start, with a token made for this one start (C27, C83).
package struct StartSession: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Starts a funded checkout, or tries a failed start again with the same hold (payments.md §6.4).
    package func callAsFunction(_ id: CheckoutID) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            try refuseHopeless(id, in: tx, at: now)
            try start(id, in: tx, at: now)
        }
    }

    /// A person asks: what cannot work is told at once. A start that follows by itself is tried all the same.
    private func refuseHopeless(_ id: CheckoutID, in tx: Tx, at now: Instant) throws {
        guard let checkout = try tx.find(CheckoutRecord.self, id),
            let evse = try tx.find(EVSERecord.self, checkout.evse),
            try tx.find(BillRecord.self, checkout.bill)?.status == "funded"
        else { return }
        let place = try Place(of: evse, in: tx)
        if let failed = checkout.startFailedAt, now - failed >= place.organisation.policy.retryWindow {
            throw CheckoutRefusal.retryWindowOver(failed + place.organisation.policy.retryWindow)
        }
        guard place.station.connectedAt != nil else { throw CheckoutRefusal.stationOffline }
    }

    func start(_ id: CheckoutID, in tx: Tx, at now: Instant) throws {
        guard var checkout = try tx.lock(CheckoutRecord.self, id: id),
            var bill = try tx.lock(BillRecord.self, id: checkout.bill),
            let evse = try tx.find(EVSERecord.self, checkout.evse)
        else { throw CheckoutRefusal.unknownCheckout }
        guard ["funded", "starting", "running"].contains(bill.status) else {
            throw CheckoutRefusal.invalidState(bill.status, allowed: ["funded"])
        }
        guard bill.status == "funded" else { return }
        let place = try Place(of: evse, in: tx)
        try refuseTooMany(checkout, under: place.organisation.policy, at: now)
        let token = TokenRecord(
            id: desk.ids.new(at: now), organisation: checkout.organisation, kind: .payment,
            uid: Token.paymentUID(from: desk.ids.word(), desk.ids.word()), folded: "", checkout: checkout.id,
            status: .active, validUntil: now + .minutes(10), createdAt: now
        ).withFoldedUID
        try tx.insert(token)
        checkout.token = token.id
        checkout.startFailedAt = nil
        try bill.apply(.start, with: desk, in: tx, at: now)
        try tx.update(&bill)
        try tx.update(&checkout)
        try SendCommand(desk: desk)(
            .start(
                evse: Int(evse.number), connector: evse.connectors.first?.number ?? 1,
                token: PresentedToken(uid: token.uid, kind: "Central"), remoteStartID: desk.ids.int31()),
            about: SendCommand.Subject(
                station: place.station, evse: evse.id, checkout: checkout.id,
                checkAt: now + place.organisation.policy.startDeadline),
            in: tx, at: now)
        tx.note(.checkout, checkout.id.text)
    }
}

extension StartSession {
    /// The same hold serves a retry within 45 s, at most 3 times, and 10 min after the first failure (payments.md §6.4).
    private func refuseTooMany(_ checkout: CheckoutRecord, under policy: OrganisationPolicy, at now: Instant)
        throws
    {
        let rules = policy.collection
        let first = checkout.firstFailedAt ?? now
        let isTooMany = checkout.failedStarts > rules.retriesMost || now - first > rules.retriesWithin
        let isTooLate = checkout.startFailedAt.map { now - $0 > policy.retryWindow } ?? false
        guard !isTooMany, !isTooLate else {
            throw CheckoutRefusal.invalidState("start_failed", allowed: ["funded"])
        }
    }
}

extension TokenRecord {
    /// The same token with the text by which it is compared.
    var withFoldedUID: TokenRecord {
        var token = self
        token.folded = PresentedToken.folded(uid)
        return token
    }
}
