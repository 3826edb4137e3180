// SPDX-License-Identifier: Apache-2.0

import Payments
package import Quantities
package import Storage

/// What a person or program may do to a payment by hand (api.md §3.7). Everything here is usually done by the workflows;
/// nothing here takes more than a session owes (I15) or than was approved.
package struct SteerPayment: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why nothing is asked of the gateway.
    package enum Refusal: Error, Hashable {
        /// The state of the payment, or of its bill, and those in which it makes sense.
        case invalidState(String, allowed: [String])
        case currencyMismatch(Currency, Currency)
        case notPositive
        /// A capture never exceeds what was approved.
        case exceedsHold(Money)
        /// The bill has no more open than this.
        case exceedsOwed(Money)
        /// The gateway or the card gives no way to change this hold.
        case cannotAdjust
        /// The new total is not more than what is held.
        case isNotMore(than: Money)
        /// Neither the policy nor the driver's own limit allows more than this.
        case exceedsCeiling(Money)
        /// There is no gateway that could be asked.
        case noGateway
    }

    /// Takes money of a hold, for a bill whose price is known.
    package func capture(_ amount: Money, of id: PaymentID, by author: Author) async throws -> PaymentRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var payment = try lock(id, by: author, in: tx)
            try check(amount, for: payment)
            guard payment.canCapture else {
                throw Refusal.invalidState(payment.status, allowed: ["authorized", "capture_failed"])
            }
            guard amount <= payment.hold else { throw Refusal.exceedsHold(payment.hold) }
            try collect(amount, for: payment, in: tx, at: now)
            try payment.apply(.capture(amount))
            try tx.update(&payment)
            try author.note("payment.capture_asked", id, because: "\(amount)", with: desk, in: tx, at: now)
            switch payment.source {
            case .wallet: try RecordCapture(desk: desk)(amount, of: id, in: tx, at: now)
            case .external: break
            case .card: try PlanAttempt(desk: desk)(.capture(amount), of: payment, in: tx, at: now)
            }
            return try tx.find(PaymentRecord.self, id) ?? payment
        }
    }

    /// Only what is owed may be taken; before the session is priced nobody knows what that is.
    private func collect(_ amount: Money, for payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id) else { return }
        guard ["rated", "settling"].contains(bill.status) else {
            throw Refusal.invalidState(bill.status, allowed: ["rated", "settling"])
        }
        let collected = try tx.payments(of: id).filter(\.isCollected).map { try tx.kept(of: $0) }
            .sum(in: bill.currency)
        let owed = bill.total - collected - bill.waived
        guard amount <= owed else { throw Refusal.exceedsOwed(owed) }
        guard bill.status == "rated" else { return }
        try bill.apply(.collect, with: desk, in: tx, at: now)
        try tx.update(&bill)
    }

    /// Asks for a larger hold, within the policy's ceiling and the driver's own limit (payments.md §6.2).
    package func adjust(to total: Money, _ id: PaymentID, by author: Author) async throws -> PaymentRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var payment = try lock(id, by: author, in: tx)
            try check(total, for: payment)
            guard payment.machine.state == .authorized else {
                throw Refusal.invalidState(payment.status, allowed: ["authorized"])
            }
            guard payment.source == .card,
                payment.machine.authorization?.capabilities?.canIncrement == true
            else { throw Refusal.cannotAdjust }
            guard total > payment.hold else { throw Refusal.isNotMore(than: payment.hold) }
            let ceiling = try ceiling(for: payment, in: tx)
            guard total <= ceiling else { throw Refusal.exceedsCeiling(ceiling) }
            payment.firstHoldMinor = payment.firstHoldMinor ?? payment.amountMinor
            payment.raises += 1
            try payment.apply(.adjust(total))
            try tx.update(&payment)
            try author.note("payment.adjust_asked", id, because: "\(total)", with: desk, in: tx, at: now)
            try PlanAttempt(desk: desk)(.adjust(total), of: payment, in: tx, at: now)
            return payment
        }
    }

    private func ceiling(for payment: PaymentRecord, in tx: Tx) throws -> Money {
        if let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) }) {
            return try bill.holdCeiling(in: tx)
        }
        let policy = try tx.find(OrganisationRecord.self, payment.organisation)?.policy.collection
        return Money(
            minorUnits: (policy ?? CollectingPolicy()).raiseMaximum, currency: payment.currency)
    }

    /// Gives a hold back before anything runs on it, or gives up a page that was left open.
    package func void(_ id: PaymentID, by author: Author) async throws -> PaymentRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let payment = try lock(id, by: author, in: tx)
            if [.voided, .voiding, .voidUnknown].contains(payment.machine.state) { return payment }
            let open: [Payment.State] = [
                .created, .authorizing, .actionRequired, .authUnknown, .authorized, .adjusting,
                .adjustUnknown, .captureFailed,
            ]
            guard open.contains(payment.machine.state) else {
                throw Refusal.invalidState(payment.status, allowed: open.map(\.rawValue))
            }
            try refuseInUse(payment, in: tx)
            try ReleaseHold(desk: desk).release(id, in: tx, at: now)
            if payment.source == .wallet { try unfund(payment, in: tx, at: now) }
            try author.note("payment.void_asked", id, with: desk, in: tx, at: now)
            return try tx.find(PaymentRecord.self, id) ?? payment
        }
    }

    /// A session that runs, or ran, is stopped and settled, never left without its money.
    private func refuseInUse(_ payment: PaymentRecord, in tx: Tx) throws {
        guard payment.purpose == .session,
            let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) })
        else { return }
        let free = ["quoted", "funding", "funded", "cancelled", "zero_rated"]
        guard free.contains(bill.status) else { throw Refusal.invalidState(bill.status, allowed: free) }
    }

    /// A card's bill hears of it from the gateway; a wallet's reservation is gone here and now.
    private func unfund(_ payment: PaymentRecord, in tx: Tx, at now: Instant) throws {
        guard let id = payment.bill, var bill = try tx.lock(BillRecord.self, id: id),
            ["funding", "funded"].contains(bill.status)
        else { return }
        try bill.apply(.unfunded, with: desk, in: tx, at: now)
        try tx.update(&bill)
    }

    /// Asks the gateway now what became of it; a doubt is not waited for any longer.
    package func resolve(_ id: PaymentID, by author: Author) async throws -> PaymentRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var payment = try lock(id, by: author, in: tx)
            guard payment.gatewayAccount != nil else { throw Refusal.noGateway }
            let doubts = try tx.attempts(of: id).filter { [.sent, .unknown].contains($0.machine.state) }
            for doubt in doubts {
                guard var attempt = try tx.lock(AttemptRecord.self, id: doubt.id) else { continue }
                attempt.nextCheckAt = now
                try tx.update(&attempt)
            }
            if doubts.isEmpty, payment.machine.state != .created {
                payment.lookedAt = now
                try tx.update(&payment)
                try PlanAttempt(desk: desk)(.lookUp, of: payment, in: tx, at: now)
            }
            try author.note("payment.resolve_asked", id, with: desk, in: tx, at: now)
            tx.ring(.outbox)
            return payment
        }
    }

    /// Somebody looks at a payment in doubt: the gateway is asked now instead of later, at most every ten seconds.
    package func hasten(_ id: PaymentID) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            for doubt in try tx.attempts(of: id) where doubt.machine.state == .unknown {
                guard var attempt = try tx.lock(AttemptRecord.self, id: doubt.id),
                    attempt.machine.state == .unknown, let next = attempt.nextCheckAt, next > now,
                    now - (next - Doubt.pause(after: attempt.lookups)) >= .seconds(10)
                else { continue }
                attempt.nextCheckAt = now
                try tx.update(&attempt)
            }
        }
    }

    private func lock(_ id: PaymentID, by author: Author, in tx: Tx) throws -> PaymentRecord {
        guard let payment = try tx.lockPayment(id), payment.organisation == author.organisation else {
            throw AdministrationRefusal.notFound("payment")
        }
        return payment
    }

    private func check(_ amount: Money, for payment: PaymentRecord) throws {
        guard amount.currency == payment.currency else {
            throw Refusal.currencyMismatch(amount.currency, payment.currency)
        }
        guard amount.isPositive else { throw Refusal.notPositive }
    }
}

/// Takes a refund back before it was sent. Its credit note stays, and what it says is owed stays owed (payments.md §4).
package struct CancelRefund: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why it goes on.
    package enum Refusal: Error, Hashable {
        /// It left, or is over.
        case invalidState(String)
    }

    package func callAsFunction(_ id: RefundID, by author: Author) async throws -> RefundRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let seen = try tx.find(RefundRecord.self, id), seen.organisation == author.organisation
            else { throw AdministrationRefusal.notFound("refund") }
            // Its call first, as the courier and its answer do.
            let call = try tx.attempts(of: seen.payment).last { $0.refund == id }
            var attempt = try call.flatMap { try tx.lock(AttemptRecord.self, id: $0.id) }
            let refund = try author.lock(RefundRecord.self, id, "refund", in: tx)
            if refund.status == "cancelled" { return refund }
            guard refund.status == "requested" else { throw Refusal.invalidState(refund.status) }
            do {
                try RecordRefund(desk: desk)(.cancel(attempt?.machine.state), of: id, in: tx, at: now)
            } catch is Refund.Refusal {
                throw Refusal.invalidState(refund.status)
            }
            if attempt?.machine.state == .planned {
                try attempt?.apply(.withdraw)
                if var withdrawn = attempt { try tx.update(&withdrawn) }
            }
            try author.note("refund.cancelled", id, with: desk, in: tx, at: now)
            return try tx.find(RefundRecord.self, id) ?? refund
        }
    }
}
