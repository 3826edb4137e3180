// SPDX-License-Identifier: Apache-2.0

import Logging
import Payments
import Quantities
import Storage

/// What nobody asks for and somebody must notice (payments.md §5.3): holds without a bill, holds that run out, doubts that
/// grow old, webhooks that were lost, debts that wait, months that are over.
package struct Sweeps: Sendable {
    let desk: Desk
    private static let batch = 50

    package init(desk: Desk) { self.desk = desk }

    /// Every minute.
    package var worker: Worker {
        Worker(name: "sweeps", desk: desk, bell: nil, pause: pause) { try await round() }
    }

    /// A minute by our clock, which may run fast.
    private var pause: Duration { .milliseconds(max(250, 60_000 / desk.clock.rate)) }

    /// All sweeps once. Each thing that fails is logged and left for the next round; the others go on. Most rounds find
    /// nothing, and what only looks reads: it takes no turn of SQLite's one writer.
    package func round() async throws -> Int {
        var done = 0
        done += try await voidStranded()
        done += try await Announcements(desk: desk).whatIsDue()
        done += try await watchDeadlines()
        done += try await askOfOld()
        done += try await listChanges()
        done += try await lookAfterDebts()
        done += try await AnswerDispute(desk: desk).whatIsDue()
        done += try await alarm()
        done += try await IssueInvoice(desk: desk).whatIsDue()
        return done
    }

    /// Holds whose bill is over: given back, whatever went wrong before (I21).
    private func voidStranded() async throws -> Int {
        let now = desk.clock.now
        let isAny = try await desk.store.read { tx in try !tx.strandedHolds(before: now, limit: 1).isEmpty }
        guard isAny else { return 0 }
        return try await desk.store.transaction { tx in
            let stranded = try tx.strandedHolds(before: now, limit: Self.batch)
            for payment in stranded { try ReleaseHold(desk: desk).release(payment.id, in: tx, at: now) }
            return stranded.count
        }
    }

    // MARK: holds that run out (payments.md §6.3)

    private func watchDeadlines() async throws -> Int {
        let now = desk.clock.now
        let near = try await desk.store.read { tx in
            try tx.holds(captureBefore: now + .hours(24), limit: Self.batch)
        }
        var done = 0
        for payment in near {
            do {
                if try await watch(payment, at: now) { done += 1 }
            } catch {
                desk.log.error(
                    "hold not watched", metadata: ["payment": "\(payment.id)", "error": "\(error)"])
            }
        }
        return done
    }

    /// −24 h: a bill in review lets its hold go. −2 h: what runs is stopped, what has ended is captured for what is proven.
    /// Passed: the gateway is asked, and tells that it has expired.
    private func watch(_ payment: PaymentRecord, at now: Instant) async throws -> Bool {
        guard let before = payment.captureBefore else { return false }
        let bill = try await desk.store.read { tx in
            try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        }
        guard let bill else { return false }
        if before <= now { return try await lookUp(payment.id, at: now) }
        if bill.status == "in_review" { return try await letGo(payment, of: bill, at: now) }
        guard before - .hours(2) <= now else { return false }
        switch bill.status {
        case "running":
            guard let session = bill.session else { return false }
            // how it goes on is the station's to say; the next round asks again
            _ = try await RequestRemoteStop(desk: desk)(session, because: .holdExpires)
            return false
        case "ended":
            guard let session = bill.session else { return false }
            if case .billed = try await SettleSession(desk: desk).now(session) { return true }
            return false
        case "funding", "funded", "starting":
            guard let checkout = bill.checkout else { return false }
            try await ReleaseHold(desk: desk).cancel(checkout)
            return true
        default: return false
        }
    }

    private func letGo(_ payment: PaymentRecord, of bill: BillRecord, at now: Instant) async throws -> Bool {
        try await desk.store.transaction { tx in
            try ReleaseHold(desk: desk).release(payment.id, in: tx, at: now)
            try ask(
                "hold_released_in_review", payment.id.text, of: payment.organisation,
                "the hold ran out while the bill was in review; what is decided later can only be waived or owed",
                payment.hold, in: tx, at: now)
            return true
        }
    }

    // MARK: facts that were lost

    /// Hourly: what the gateway knows of the payments of the last three days (F28), one question each.
    private func listChanges() async throws -> Int {
        let now = desk.clock.now
        let due = try await desk.store.read { tx in
            try tx.paymentsToList(
                createdAfter: now - .hours(72), lookedBefore: now - .hours(1), limit: Self.batch)
        }
        for payment in due { _ = try await lookUp(payment.id, at: now) }
        return due.count
    }

    /// Asks about a payment, at most once an hour: a call like any other, with its own attempt (I16).
    private func lookUp(_ id: PaymentID, at now: Instant) async throws -> Bool {
        try await desk.store.transaction { tx in
            guard var payment = try tx.lock(PaymentRecord.self, id: id), payment.gatewayAccount != nil,
                payment.lookedAt.map({ now - $0 >= .hours(1) }) ?? true
            else { return false }
            payment.lookedAt = now
            try tx.update(&payment)
            try PlanAttempt(desk: desk)(.lookUp, of: payment, in: tx, at: now)
            return true
        }
    }

    // MARK: things that grow old

    /// A doubt older than 15 min is an alarm, one older than a day a question for a person; it is never dropped (I20).
    private func askOfOld() async throws -> Int {
        let now = desk.clock.now
        let old = try await desk.store.read { tx in
            try tx.doubts(sentBefore: now - .minutes(15), limit: Self.batch)
        }
        for attempt in old where attempt.machine.state == .unknown {
            desk.log.error(
                "a doubt is older than 15 min",
                metadata: ["attempt": "\(attempt.id)", "payment": "\(attempt.payment)"])
        }
        let days = old.filter { now - ($0.sentAt ?? now) >= .hours(24) }
        guard !days.isEmpty else { return 0 }
        try await desk.store.transaction { tx in
            for attempt in days {
                try ask(
                    "doubt_is_old", attempt.id.text, of: attempt.organisation,
                    "\(attempt.operation) of \(attempt.payment) has been in doubt for a day", nil, in: tx,
                    at: now)
            }
        }
        return 0
    }

    /// Bills that take too long, captures that no settlement report mentions.
    private func alarm() async throws -> Int {
        let now = desk.clock.now
        let (bills, payments) = try await desk.store.read { tx in
            // five business days are at most nine days
            (
                try tx.stuckBills(since: now - .hours(24), limit: Self.batch),
                try tx.unsettled(capturedBefore: now - .hours(9 * 24), limit: Self.batch)
            )
        }
        guard !bills.isEmpty || !payments.isEmpty else { return 0 }
        try await desk.store.transaction { tx in
            for bill in bills {
                try ask(
                    "bill_is_stuck", bill.id.text, of: bill.organisation,
                    "the bill has been \(bill.status) for a day", bill.total, in: tx, at: now)
            }
            for payment in payments {
                try ask(
                    "settlement_missing", payment.id.text, of: payment.organisation,
                    "captured and in no settlement report", payment.captured, in: tx, at: now)
            }
        }
        return 0
    }

    /// Reminders, and giving up after the policy's time (payments.md §6.5).
    private func lookAfterDebts() async throws -> Int {
        let now = desk.clock.now
        let policy = CollectingPolicy()
        let isAny = try await desk.store.read { tx in
            try !tx.debtsDue(at: now, openedBefore: now - policy.writeOffAfter, limit: 1).isEmpty
        }
        guard isAny else { return 0 }
        return try await desk.store.transaction { tx in
            let due = try tx.debtsDue(at: now, openedBefore: now - policy.writeOffAfter, limit: Self.batch)
            for debt in due { try look(after: debt, in: tx, at: now) }
            return due.count
        }
    }

    private func look(after debt: DebtRecord, in tx: Tx, at now: Instant) throws {
        let policy = try tx.find(OrganisationRecord.self, debt.organisation)?.policy.collection
        let patience = (policy ?? CollectingPolicy()).writeOffAfter
        if now - debt.openedAt >= patience {
            return try WriteOffDebt(desk: desk).giveUp(debt.bill, in: tx, at: now)
        }
        guard var debt = try tx.lock(DebtRecord.self, id: debt.id), debt.status == "open" else { return }
        if let next = debt.nextReminderAt, next <= now {
            // at once, after 3, 10 and 21 days
            let days: [Int64] = [3, 10, 21]
            debt.nextReminderAt = days.dropFirst(Int(debt.reminders)).first.map {
                debt.openedAt + .hours(24 * $0)
            }
            debt.reminders += 1
            tx.note(.bill, debt.bill.text)
        }
        if let next = debt.nextRetryAt, next <= now {
            debt.nextRetryAt = nil
            try ChargeMethod(desk: desk).debt(&debt, in: tx, at: now)
        }
        try tx.update(&debt)
    }

    private func ask(
        _ reason: String, _ object: String, of organisation: OrganisationID, _ detail: String,
        _ amount: Money?,
        in tx: Tx, at now: Instant
    ) throws {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: organisation, reason: reason, object: object,
                detail: detail, currency: amount?.currency, amountMinor: amount?.minorUnits, state: "open",
                openedAt: now))
    }
}
