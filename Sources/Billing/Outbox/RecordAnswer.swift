// SPDX-License-Identifier: Apache-2.0

import Digests
import Payments
import Quantities
import Storage

/// What came back from a gateway, or did not: attempt, payment and books in the caller's one transaction.
struct RecordAnswer {
    let desk: Desk

    /// How it came back.
    enum Reply {
        /// No byte left; try again.
        case notSent
        /// In answer to the call itself.
        case outcome(Outcome)
        /// In answer to a look-up.
        case found(Outcome)
    }

    func callAsFunction(_ reply: Reply, of call: PaymentCourier.Call, in tx: Tx, at now: Instant) throws {
        guard var attempt = try tx.lock(AttemptRecord.self, id: call.attempt) else { return }
        switch reply {
        case .notSent: try again(&attempt, .notSent, in: tx, at: now)
        case .outcome(.busy): try again(&attempt, .busy, in: tx, at: now)
        case .outcome(let outcome): try take(outcome, for: &attempt, in: tx, at: now)
        case .found(let outcome): try found(outcome, for: &attempt, in: tx, at: now)
        }
    }

    /// Its request could not be built: nothing left and nothing will.
    func refused(_ id: AttemptID, _ why: String, in tx: Tx, at now: Instant) throws {
        guard var attempt = try tx.lock(AttemptRecord.self, id: id), attempt.machine.state == .planned else {
            return
        }
        try finish(&attempt, .withdraw, in: tx)
        try askAPerson(attempt, why, in: tx, at: now)
        try tell(attempt.refusedEvent, nil, of: attempt, in: tx, at: now)
    }

    /// The gateway has nothing to look at: as if it had found nothing.
    func nothingToLookUp(_ id: AttemptID, in tx: Tx, at now: Instant) throws {
        guard var attempt = try tx.lock(AttemptRecord.self, id: id) else { return }
        try foundNothing(for: &attempt, in: tx, at: now)
    }

    /// Definitely not executed: the same attempt leaves again a little later.
    private func again(_ attempt: inout AttemptRecord, _ event: Attempt.Event, in tx: Tx, at now: Instant)
        throws
    {
        try attempt.apply(event)
        try tx.update(&attempt)
        try enqueue(attempt, at: now + .seconds(5), in: tx, now: now)
    }

    private func take(_ outcome: Outcome, for attempt: inout AttemptRecord, in tx: Tx, at now: Instant) throws
    {
        if attempt.operation == "look_up" { return try tookALook(outcome, for: &attempt, in: tx, at: now) }
        switch outcome {
        case .succeeded(let fact):
            try attempt.apply(.ok)
            attempt.nextCheckAt = nil
            try tx.update(&attempt)
            try RecordGatewayFact(desk: desk)(fact, of: attempt.payment, in: tx, at: now)
        case .refunded(let event): try settle(&attempt, event, isFound: false, in: tx, at: now)
        case .done:
            try attempt.apply(.ok)
            attempt.nextCheckAt = nil
            try tx.update(&attempt)
        case .declined(let decline):
            try finish(&attempt, .decline, in: tx)
            try tell(attempt.refusedEvent, decline, of: attempt, in: tx, at: now)
        case .accepted:
            try attempt.apply(.accepted)
            attempt.nextCheckAt = now + .minutes(15)
            try tx.update(&attempt)
        case .unknown, .notFound, .busy:
            try attempt.apply(.doubt)
            attempt.nextCheckAt = now + Doubt.pause(after: 1)
            try tx.update(&attempt)
            try tell(.unknown, nil, of: attempt, in: tx, at: now)
        case .rejected("not_found") where attempt.operation == "void":
            // Perhaps it never arrived, perhaps it is not visible yet: the look-ups decide (payments.md §5.3, rule 8).
            try attempt.apply(.doubt)
            attempt.notFoundAt = attempt.notFoundAt ?? now
            attempt.nextCheckAt = now + Doubt.pause(after: 1)
            try tx.update(&attempt)
            try tell(.unknown, nil, of: attempt, in: tx, at: now)
        case .rejected(let why):
            try finish(&attempt, .reject, in: tx)
            try askAPerson(attempt, why, in: tx, at: now)
            try tell(attempt.refusedEvent, nil, of: attempt, in: tx, at: now)
        }
    }

    /// A look-up tells what the payment is now; whether that means our operation was done follows from it.
    private func found(_ outcome: Outcome, for attempt: inout AttemptRecord, in tx: Tx, at now: Instant)
        throws
    {
        switch outcome {
        case .refunded(let event): try settle(&attempt, event, isFound: true, in: tx, at: now)
        case .succeeded(let fact) where attempt.isDone(by: fact.event):
            try attempt.apply(.foundOk)
            attempt.nextCheckAt = nil
            try tx.update(&attempt)
            try RecordGatewayFact(desk: desk)(fact, of: attempt.payment, in: tx, at: now)
        case .succeeded(var fact) where attempt.isRaised(to: fact.event):
            try finish(&attempt, .foundOk, in: tx)
            if case .approved(let hold) = fact.event { fact.event = .adjusted(hold.amount) }
            try RecordGatewayFact(desk: desk)(fact, of: attempt.payment, in: tx, at: now)
        case .succeeded(let fact): try stillOpen(fact, for: &attempt, in: tx, at: now)
        case .notFound: try foundNothing(for: &attempt, in: tx, at: now)
        case .declined(let decline):
            try finish(&attempt, .foundDeclined, in: tx)
            try tell(attempt.refusedEvent, decline, of: attempt, in: tx, at: now)
        default:
            return
        }
    }

    /// The operation was not carried out. While its key lives the same bytes leave again; later it is definite that this
    /// attempt came to nothing, and the operation gets a new one (payments.md §5.3, rule 7; footnote 11).
    private func stillOpen(
        _ fact: GatewayFact, for attempt: inout AttemptRecord, in tx: Tx, at now: Instant
    ) throws {
        try RecordGatewayFact(desk: desk)(fact, of: attempt.payment, in: tx, at: now)
        guard !attempt.mayBeSentAgain(at: now) else { return try enqueueAgain(&attempt, in: tx, at: now) }
        try finish(&attempt, .foundDeclined, in: tx)
        guard let payment = try tx.find(PaymentRecord.self, attempt.payment), payment.wants(attempt.operation)
        else {
            return
        }
        try PlanAttempt(desk: desk)(
            try attempt.plannedOperation(in: payment.currency), of: payment, in: tx, at: now)
    }

    /// Nothing under our reference. A request that is still wanted leaves again while its key lives. Otherwise it is
    /// definite after two look-ups at least 5 min apart, 15 min after the send (payments.md §5.3, rule 8).
    private func foundNothing(for attempt: inout AttemptRecord, in tx: Tx, at now: Instant) throws {
        guard let payment = try tx.find(PaymentRecord.self, attempt.payment) else { return }
        let isWanted = attempt.refund != nil || payment.wants(attempt.operation)
        if isWanted, attempt.operation != "void", attempt.mayBeSentAgain(at: now) {
            return try enqueueAgain(&attempt, in: tx, at: now)
        }
        let first = attempt.notFoundAt ?? now
        let isDefinite = now - first >= .minutes(5) && now - (attempt.sentAt ?? now) >= .minutes(15)
        guard isDefinite else {
            attempt.notFoundAt = first
            return try tx.update(&attempt)
        }
        try finish(&attempt, .notFound, in: tx)
        if attempt.operation == "look_up" { return }
        if let refund = attempt.refund {
            return try RecordRefund(desk: desk)(.notFound, of: refund, in: tx, at: now)
        }
        try tell(.notFound, nil, of: attempt, in: tx, at: now)
    }

    /// A sweep asked; what it was told is a fact like any other, and no answer is no doubt: the next sweep asks again.
    private func tookALook(
        _ outcome: Outcome, for attempt: inout AttemptRecord, in tx: Tx, at now: Instant
    ) throws {
        switch outcome {
        case .succeeded(let fact):
            try finish(&attempt, .ok, in: tx)
            try RecordGatewayFact(desk: desk)(fact, of: attempt.payment, in: tx, at: now)
        case .declined(let decline):
            try finish(&attempt, .ok, in: tx)
            try tell(.declined, decline, of: attempt, in: tx, at: now)
        default: try finish(&attempt, .decline, in: tx)
        }
    }

    /// A refund's answer, or what a look-up found of it.
    private func settle(
        _ attempt: inout AttemptRecord, _ event: Refund.Event, isFound: Bool, in tx: Tx, at now: Instant
    ) throws {
        switch event {
        case .ok: try finish(&attempt, isFound ? .foundOk : .ok, in: tx)
        case .decline: try finish(&attempt, isFound ? .foundDeclined : .decline, in: tx)
        default:
            if !isFound { try attempt.apply(.accepted) }
            attempt.nextCheckAt = now + .minutes(15)
            try tx.update(&attempt)
        }
        guard let refund = attempt.refund else { return }
        try RecordRefund(desk: desk)(event, of: refund, in: tx, at: now)
    }

    private func enqueueAgain(_ attempt: inout AttemptRecord, in tx: Tx, at now: Instant) throws {
        try attempt.resend()
        attempt.nextCheckAt = nil
        try tx.update(&attempt)
        try enqueue(attempt, at: now, in: tx, now: now)
    }

    private func finish(_ attempt: inout AttemptRecord, _ event: Attempt.Event, in tx: Tx) throws {
        try attempt.apply(event)
        attempt.nextCheckAt = nil
        try tx.update(&attempt)
    }

    private func tell(
        _ event: Payment.Event, _ decline: Decline?, of attempt: AttemptRecord, in tx: Tx, at now: Instant
    ) throws {
        if let refund = attempt.refund {
            return try RecordRefund(desk: desk)(
                event == .unknown ? .unknown : .decline, of: refund, in: tx, at: now)
        }
        try RecordGatewayFact(desk: desk)(
            GatewayFact(payment: attempt.payment, event: event, decline: decline), of: attempt.payment,
            in: tx, at: now)
    }

    private func enqueue(_ attempt: AttemptRecord, at due: Instant, in tx: Tx, now: Instant) throws {
        try tx.insert(
            ParcelRecord(
                id: desk.ids.new(at: now), stream: "payment:\(attempt.payment)", destination: "gateway",
                kind: "attempt", body: attempt.id.text, dueAt: due, createdAt: now))
        tx.ring(.outbox)
    }

    private func askAPerson(_ attempt: AttemptRecord, _ why: String, in tx: Tx, at now: Instant) throws {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: attempt.organisation, reason: "gateway_rejected",
                object: attempt.id.text, detail: "\(attempt.operation): \(why)", state: "open", openedAt: now)
        )
    }
}

extension AttemptRecord {
    /// What a refusal of this operation means for its payment.
    fileprivate var refusedEvent: Payment.Event {
        switch operation {
        case "capture": .capFailed
        case "void", "void_by_reference", "expire_checkout": .voidRefused
        case "adjust": .adjDeclined
        default: .declined
        }
    }

    /// Whether a payment in this state proves that the operation was carried out.
    fileprivate func isDone(by event: Payment.Event) -> Bool {
        switch (operation, event) {
        case ("authorize", _), ("look_up", _), ("charge_off_session", _), ("set_up", _): true
        case ("adjust", .captured), ("adjust", .voidOk): true
        case ("capture", .captured), ("void", .voidOk), ("void", .captured), ("capture", .voidOk),
            ("void_by_reference", .voidOk), ("void_by_reference", .captured), ("expire_checkout", .voidOk),
            (_, .expired):
            true
        default: false
        }
    }

    /// Whether the hold now has the amount that was asked for.
    fileprivate func isRaised(to event: Payment.Event) -> Bool {
        guard operation == "adjust", case .approved(let hold) = event else { return false }
        return hold.amount.minorUnits == amountMinor
    }

    /// Keys are pruned after a day: later only look-ups, never a second request (payments.md §5.3, rule 7).
    fileprivate func mayBeSentAgain(at now: Instant) -> Bool { now - (sentAt ?? now) < .hours(23) }

    /// From doubt back to where it is sent from; the key and the bytes stay the same.
    fileprivate mutating func resend() throws {
        machine = Attempt()
        status = machine.state.rawValue
    }
}

extension PaymentRecord {
    /// Whether an operation that is in doubt is still wanted.
    fileprivate func wants(_ operation: String) -> Bool {
        switch operation {
        case "authorize", "charge_off_session", "set_up":
            [.authorizing, .actionRequired, .authUnknown].contains(machine.state)
        case "capture": [.capturing, .captureUnknown].contains(machine.state)
        case "void": [.voiding, .voidUnknown].contains(machine.state)
        case "adjust": [.adjusting, .adjustUnknown].contains(machine.state)
        default: false
        }
    }
}

extension GatewayRequest {
    /// What makes two requests the same: the hash of method, address and body.
    var fingerprint: String { SHA256Digest.hex(of: Array("\(method) \(url)\n".utf8) + body) }
}
