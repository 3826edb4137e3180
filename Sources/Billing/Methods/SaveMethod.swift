// SPDX-License-Identifier: Apache-2.0

import Payments
package import Quantities
package import Storage

/// A driver leaves a card for later charges, on the gateway's page and with a consent of its own (payments.md §11).
package struct SaveMethod: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// The payment of nothing that stands for the visit to that page; the driver goes to its `nextAction`.
    ///
    /// - Parameters:
    ///   - place: the gateway account that keeps it; nil for the one that new payments are made at.
    ///   - address: where the page sends them back to, on the organisation's list; nil for our own front page.
    ///   - clientKey: the same key again gives the same payment.
    package func callAsFunction(
        for id: AccountID, at place: GatewayAccountID? = nil, returningTo address: String? = nil,
        consent: Consent, clientKey: String,
        by author: Author
    ) async throws -> PaymentRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let account = try author.lock(AccountRecord.self, id, "account", in: tx)
            try author.check(GatewayAccountRecord.self, place, field: "/gateway_account", in: tx)
            guard let organisation = try tx.find(OrganisationRecord.self, account.organisation),
                let gateway = try place.map({ try tx.find(GatewayAccountRecord.self, $0) })
                    ?? tx.gatewayAccount(of: account.organisation)
            else { throw CheckoutRefusal.noGateway }
            if let same = try tx.setUps(of: id).first(where: { $0.clientKey == clientKey }) { return same }
            try desk.check(returnURL: address, of: account.organisation, in: tx)
            var payment = PaymentRecord(
                id: desk.ids.new(at: now), organisation: account.organisation, gatewayAccount: gateway.id,
                purpose: .setUp, source: .card, status: "created", machine: Payment(),
                currency: organisation.currency, amountMinor: 0, capturedMinor: 0, clientKey: clientKey,
                createdAt: now)
            payment.account = id
            payment.consent = consent
            payment.returnUrl = address
            try payment.apply(.authorize)
            try tx.insert(payment)
            try PlanAttempt(desk: desk)(.setUp, of: payment, in: tx, at: now)
            try author.note("payment_method.asked", id, with: desk, in: tx, at: now)
            return payment
        }
    }

    /// A gateway told that a card was left: kept once, for the account or for a guest's one visit.
    func keep(_ saved: SavedMethod, from payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let gateway = payment.gatewayAccount, let instrument = payment.instrument else { return }
        let checkout = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }?.checkout
            .flatMap { try tx.find(CheckoutRecord.self, $0) }
        guard let consent = payment.consent ?? checkout?.consent else { return }
        let known = try payment.account.map { try tx.methods(of: $0) } ?? []
        guard !known.contains(where: { $0.reference == saved.token }) else { return }
        if payment.account == nil, let checkout, try tx.method(of: checkout.id) != nil { return }
        try tx.insert(
            PaymentMethodRecord(
                id: desk.ids.new(at: now), organisation: payment.organisation, account: payment.account,
                checkout: payment.account == nil ? checkout?.id : nil, gatewayAccount: gateway,
                reference: saved.token, customer: saved.customer, instrument: instrument,
                isDefault: known.isEmpty, consent: consent, createdAt: now))
        if let account = payment.account { tx.note(.account, account.text) }
    }

    /// The card that an account is charged on from now on.
    package func makeDefault(_ id: PaymentMethodID, by author: Author) async throws -> PaymentMethodRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let method = try author.lock(PaymentMethodRecord.self, id, "payment method", in: tx)
            guard method.status == "usable", let account = method.account else {
                throw AdministrationRefusal.invalidState(method.status, allowed: ["usable"])
            }
            for other in try tx.methods(of: account) where other.isDefault != (other.id == id) {
                guard var changed = try tx.lock(PaymentMethodRecord.self, id: other.id) else { continue }
                changed.isDefault = other.id == id
                try tx.update(&changed)
            }
            try author.note("payment_method.default", id, with: desk, in: tx, at: now)
            return try tx.find(PaymentMethodRecord.self, id) ?? method
        }
    }

    /// It is never charged again; what is under way goes on.
    package func detach(_ id: PaymentMethodID, by author: Author) async throws -> PaymentMethodRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var method = try author.lock(PaymentMethodRecord.self, id, "payment method", in: tx)
            guard method.status == "usable" else { return method }
            method.detach()
            try tx.update(&method)
            try author.note("payment_method.detached", id, with: desk, in: tx, at: now)
            return method
        }
    }
}

extension PaymentMethodRecord {
    /// Nothing is charged on it any more.
    mutating func detach() {
        status = "detached"
        isDefault = false
    }
}
