// SPDX-License-Identifier: Apache-2.0

import Accounting
import Payments
import Quantities
import Storage

/// Money that nobody owed goes back whole, to the instrument it came from, without a person (footnotes 8 and 10, I33).
struct RefundUndue {
    let desk: Desk

    /// It was taken after it was given up: booked as owed back.
    func received(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        let books = Books(desk: desk)
        try books.post(
            try .undueReceived(
                payment.captured, at: try books.clearingName(of: payment, in: tx),
                about: try about(payment, in: tx)),
            entry(payment, at: now), in: tx)
        try giveBack(payment.captured, payment, in: tx, at: now)
    }

    /// More was taken than the bill came to.
    func overpaid(_ amount: Money, by payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        try Books(desk: desk).post(
            try .overpaymentOwed(amount, about: try about(payment, in: tx)), entry(payment, at: now), in: tx)
        try giveBack(amount, payment, in: tx, at: now)
    }

    private func giveBack(_ amount: Money, _ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        let bill = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        let machine = try Refund(of: amount, from: try tx.taken(by: payment))
        let refund = RefundRecord(
            id: desk.ids.new(at: now), of: payment, session: bill?.session, kind: .undue, creditNote: nil,
            machine: machine, reason: "taken although nobody owed it", askedBy: "server", at: now)
        try tx.insert(refund)
        try SendRefund(desk: desk)(refund, of: payment, in: tx, at: now)
    }

    private func entry(_ payment: PaymentRecord, at now: Instant) -> Books.Entry {
        Books.Entry(
            organisation: payment.organisation, cause: "\(payment.id):\(payment.version)", occurredAt: now,
            now: now)
    }

    private func about(_ payment: PaymentRecord, in tx: Tx) throws -> Dimensions {
        let bill = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        return Dimensions(session: bill?.session, payment: payment.id)
    }
}

/// The money leg of a refund: reserved in the books, and the call that pays it.
struct SendRefund {
    let desk: Desk

    func callAsFunction(_ refund: RefundRecord, of payment: PaymentRecord, in tx: Tx, at now: Instant) throws
    {
        let about = Dimensions(session: refund.session, payment: payment.id, wallet: payment.wallet)
        if payment.source == .wallet, let id = payment.wallet {
            guard var wallet = try tx.lock(WalletRecord.self, id: id) else { return }
            wallet.posted += refund.amountMinor
            try tx.update(&wallet)
            try Books(desk: desk).post(
                try .refundPaidToWallet(refund.amount, about: about), refund.entry(at: now), in: tx)
            return try RecordRefund(desk: desk)(.ok, of: refund.id, in: tx, at: now)
        }
        let books = Books(desk: desk)
        guard payment.gatewayAccount != nil else { throw PaymentTrouble.noGateway(payment.id) }
        let name = try books.clearingName(of: payment, in: tx)
        var entry = refund.entry(at: now)
        entry.cause = refund.pendingCause
        switch refund.kind {
        case .payout:
            try books.reserve(.walletPayoutAsked(refund.amount, at: name, about: about), entry, in: tx)
        case .creditNote, .undue:
            let about = Dimensions(session: refund.session, payment: payment.id)
            try books.reserve(.refundAsked(refund.amount, at: name, about: about), entry, in: tx)
        }
        try PlanAttempt(desk: desk)(.refund(refund.id, refund.amount), of: payment, in: tx, at: now)
    }
}

extension Tx {
    /// What was taken by a payment and has gone back since, read under the lock of its row (I9).
    func taken(by payment: PaymentRecord) throws -> Refund.Taken {
        let refunds = try refunds(of: payment.id).filter(\.machine.counts)
        let disputes = try disputes(of: payment.id)
        return Refund.Taken(
            captured: payment.captured, refunded: refunds.map(\.amount).sum(in: payment.currency),
            disputed: disputes.filter(\.machine.counts).map(\.amount).sum(in: payment.currency),
            hasOpenDispute: disputes.contains { $0.machine.isOpen })
    }
}
