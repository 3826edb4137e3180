// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Storage
import Tariffs

/// Charges a saved card while its owner is absent, within what they agreed to (payments.md §2, §11). A bank that wants to
/// see them is never asked again unattended: the remainder becomes a debt, and they pay it themselves.
struct ChargeMethod {
    let desk: Desk
    /// How a payment that collects a remainder is called; the same on every repeat of its request.
    static let remainderKey = "remainder"

    /// What no hold covered. Whether it is being asked for.
    func remainder(
        _ rest: Money, of bill: BillRecord, after payments: [PaymentRecord], in tx: Tx, at now: Instant
    ) throws -> Bool {
        guard !payments.contains(where: { $0.clientKey == Self.remainderKey }),
            let method = try method(for: bill, in: tx), rest.minorUnits <= method.consent.maximumMinor
        else { return false }
        var payment = row(rest, on: method, for: .session, at: now)
        payment.bill = bill.id
        payment.clientKey = Self.remainderKey
        if bill.status == "rated", var locked = try tx.lock(BillRecord.self, id: bill.id) {
            try locked.apply(.collect, with: desk, in: tx, at: now)
            try tx.update(&locked)
        }
        try send(&payment, in: tx, at: now)
        return true
    }

    /// The account's card, or the one a guest agreed to be charged again for this visit.
    private func method(for bill: BillRecord, in tx: Tx) throws -> PaymentMethodRecord? {
        if let account = bill.account { return try tx.defaultMethod(of: account) }
        return try bill.checkout.flatMap { try tx.method(of: $0) }
    }

    /// The hold of a session: its driver tapped a card that stands for a saved one, or a program names one.
    @discardableResult
    func hold(
        _ amount: Money, on method: PaymentMethodRecord, for bill: BillRecord,
        _ words: PaymentWords = PaymentWords(), in tx: Tx, at now: Instant
    ) throws -> PaymentRecord {
        var payment = row(amount, on: method, for: .session, at: now)
        payment.bill = bill.id
        payment.take(words)
        try send(&payment, in: tx, at: now)
        return payment
    }

    /// A debt, tried again unattended because the bank said: later. It holds the debt's lock like a pay link (F62).
    func debt(_ debt: inout DebtRecord, in tx: Tx, at now: Instant) throws {
        guard debt.collector == nil, let account = debt.account,
            let method = try tx.defaultMethod(of: account),
            debt.amountMinor <= method.consent.maximumMinor
        else { return }
        var payment = row(debt.amount, on: method, for: .debt, at: now)
        payment.bill = debt.bill
        payment.debt = debt.id
        payment.clientKey = "retry-\(debt.retries + 1)"
        debt.retries += 1
        debt.collector = payment.id
        try send(&payment, in: tx, at: now)
    }

    /// A debt, charged because its owner or a program said so; the debt's row is held by the caller.
    func debt(
        _ debt: DebtRecord, on method: PaymentMethodRecord, _ words: PaymentWords, in tx: Tx, at now: Instant
    ) throws -> PaymentRecord {
        var payment = row(debt.amount, on: method, for: .debt, at: now)
        payment.bill = debt.bill
        payment.debt = debt.id
        payment.take(words)
        try send(&payment, in: tx, at: now)
        return payment
    }

    /// A wallet's top-up.
    func topUp(
        _ amount: Money, of wallet: WalletRecord, on method: PaymentMethodRecord, _ words: PaymentWords,
        in tx: Tx, at now: Instant
    ) throws -> PaymentRecord {
        var payment = row(amount, on: method, for: .topUp, at: now)
        payment.wallet = wallet.id
        payment.take(words)
        try send(&payment, in: tx, at: now)
        return payment
    }

    private func row(
        _ amount: Money, on method: PaymentMethodRecord, for purpose: PaymentPurpose, at now: Instant
    ) -> PaymentRecord {
        var payment = PaymentRecord(
            id: desk.ids.new(at: now), organisation: method.organisation,
            gatewayAccount: method.gatewayAccount,
            purpose: purpose, source: .card, status: "created", machine: Payment(), currency: amount.currency,
            amountMinor: amount.minorUnits, capturedMinor: 0, instrument: method.instrument, createdAt: now)
        payment.method = method.id
        return payment
    }

    private func send(_ payment: inout PaymentRecord, in tx: Tx, at now: Instant) throws {
        try payment.apply(.authorize)
        try tx.insert(payment)
        try PlanAttempt(desk: desk)(.chargeOffSession(payment.hold), of: payment, in: tx, at: now)
    }
}

/// A wallet reloads by itself, if its owner wants that: within its caps, one at a time, and never for a session that
/// delivers nothing (payments.md §7).
struct ReloadWallet {
    let desk: Desk

    /// - Parameter session: the one that drains it; two reloads at most for each.
    func callAsFunction(_ id: WalletID, for session: SessionRecord, in tx: Tx, at now: Instant) throws {
        guard let wallet = try tx.lock(WalletRecord.self, id: id), let reload = wallet.reload,
            reload.thresholdMinor > wallet.posted - wallet.pending - wallet.floor,
            session.energy.milliwattHours > 0
        else { return }
        let (day, month) = try topUps(of: wallet, in: tx, at: now)
        let key = PaymentRecord.reloadKey + session.id.text
        let forThis = month.filter { ($0.clientKey ?? "").hasPrefix(key) }
        guard !month.contains(where: { $0.isUnderWay }), forThis.count < 2,
            left(of: reload, day, month) >= reload.amountMinor,
            let method = try reload.method.flatMap({ try tx.find(PaymentMethodRecord.self, $0) })
                ?? tx.defaultMethod(of: wallet.account), method.status == "usable"
        else { return }
        _ = try ChargeMethod(desk: desk).topUp(
            Money(minorUnits: reload.amountMinor, currency: wallet.currency), of: wallet, on: method,
            PaymentWords(clientKey: "\(key):\(forThis.count + 1)"), in: tx, at: now)
    }

    /// How much its saved card may still be charged today and this month; nil for a wallet without caps.
    func left(for wallet: WalletRecord, in tx: Tx, at now: Instant) throws -> Money? {
        guard let reload = wallet.reload else { return nil }
        let (day, month) = try topUps(of: wallet, in: tx, at: now)
        return Money(minorUnits: max(0, left(of: reload, day, month)), currency: wallet.currency)
    }

    private func left(of reload: WalletReload, _ day: [PaymentRecord], _ month: [PaymentRecord]) -> Int64 {
        min(reload.capPerDayMinor - spent(day), reload.capPerMonthMinor - spent(month))
    }

    /// What was charged to saved cards for it, by the calendar of the seller.
    private func topUps(
        of wallet: WalletRecord, in tx: Tx, at now: Instant
    ) throws -> (day: [PaymentRecord], month: [PaymentRecord]) {
        let zone = try zone(of: wallet, in: tx, at: now)
        let today = zone.local(now).date
        let month = try tx.topUps(of: wallet.id, since: now - .hours(24 * 31)).filter {
            $0.method != nil && zone.local($0.createdAt).date.parts.month == today.parts.month
        }
        return (month.filter { zone.local($0.createdAt).date == today }, month)
    }

    private func spent(_ payments: [PaymentRecord]) -> Int64 { payments.map(\.amountMinor).reduce(0, +) }

    private func zone(of wallet: WalletRecord, in tx: Tx, at now: Instant) throws -> ZoneRules {
        let zone = try tx.find(OrganisationRecord.self, wallet.organisation)?.timeZone ?? "UTC"
        return try desk.zones.rules(of: zone, from: now - .hours(24 * 32), to: now)
    }
}
