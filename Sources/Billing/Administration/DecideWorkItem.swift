// SPDX-License-Identifier: Apache-2.0
import Charging
import Logging
import Payments
package import Quantities
package import Storage

/// A person answers a question of the exception queue, and what they decide is done (charging.md §8). Every answer names
/// the person and, where it moves money, the reason (I30).
package struct DecideWorkItem: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// A decision with what it needs.
    package struct Answer: Sendable, Hashable {
        package var decision: String
        package var reason: String?
        package var session: SessionID?
        package var account: AccountID?
        package var energy: Energy?
        package var register: Energy?
        package var startedAt: Instant?
        package var endedAt: Instant?

        package init(
            _ decision: String, because reason: String? = nil, session: SessionID? = nil,
            account: AccountID? = nil, energy: Energy? = nil, register: Energy? = nil,
            from startedAt: Instant? = nil, to endedAt: Instant? = nil
        ) {
            self.decision = decision
            self.reason = reason
            self.session = session
            self.account = account
            self.energy = energy
            self.register = register
            self.startedAt = startedAt
            self.endedAt = endedAt
        }
    }

    package func callAsFunction(
        _ id: WorkItemID, _ answer: Answer, by author: Author
    ) async throws -> WorkItemRecord {
        let (item, decision) = try await desk.store.read { tx in try check(id, answer, by: author, in: tx) }
        // Money goes back in a transaction of its own; done twice it finds nothing left to give back.
        if decision == .credit { try await giveBack(item, because: answer.reason ?? "", by: author) }
        if decision == .releaseHold, let checkout = CheckoutID(item.object) {
            try await ReleaseHold(desk: desk).cancel(checkout)
        }
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let item = try author.lock(WorkItemRecord.self, id, "work item", in: tx)
            guard item.state == "open" else {
                throw AdministrationRefusal.invalidState(item.state, allowed: ["open"])
            }
            try act(decision, answer, on: item, by: author, in: tx, at: now)
            // A judgement of the session has closed all of its questions.
            let current = try tx.find(WorkItemRecord.self, id) ?? item
            let closed =
                current.state == "closed"
                ? current
                : try current.close(as: decision, because: answer.reason, by: author, in: tx, at: now)
            try author.note(
                "work_item.\(decision.rawValue)", id, because: answer.reason, with: desk, in: tx, at: now)
            return closed
        }
    }

    /// The stated default of a question that nobody answered in time.
    func byDefault(_ id: WorkItemID) async throws {
        let due = try await desk.store.read { tx -> (Author, WorkDecision)? in
            guard let item = try tx.find(WorkItemRecord.self, id), item.state == "open",
                let reason = WorkReason(rawValue: item.reason)
            else { return nil }
            let author = Author(organisation: item.organisation, name: "server")
            guard reason == .lateFact else { return reason.standardDecision.map { (author, $0) } }
            guard let session = try item.session.flatMap({ try tx.find(SessionRecord.self, $0) }) else {
                return nil
            }
            return (author, try CorrectBill(desk: desk).standardDecision(session, in: tx))
        }
        do {
            guard let (author, decision) = due else { return try await postpone(id, by: nil) }
            let answer = Answer(decision.rawValue, because: "Decided by the stated default.")
            _ = try await callAsFunction(id, answer, by: author)
        } catch let error as StoreError {
            throw error
        } catch {
            // E.g. the bill is not captured yet: there is nothing to give back before.
            desk.log.info("default decision postponed", metadata: ["item": "\(id)", "error": "\(error)"])
            try await postpone(id, by: .hours(1))
        }
    }

    private func postpone(_ id: WorkItemID, by time: Elapsed?) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard var item = try tx.lock(WorkItemRecord.self, id: id), item.state == "open" else { return }
            item.defaultAt = time.map { now + $0 }
            try tx.update(&item)
        }
    }
}

extension DecideWorkItem {
    private func check(
        _ id: WorkItemID, _ answer: Answer, by author: Author, in tx: Tx
    ) throws -> (WorkItemRecord, WorkDecision) {
        guard let item = try tx.find(WorkItemRecord.self, id), item.organisation == author.organisation else {
            throw AdministrationRefusal.notFound("work item")
        }
        let allowed = item.decisions
        guard let decision = WorkDecision(rawValue: answer.decision), allowed.contains(decision) else {
            let words = allowed.map(\.rawValue).joined(separator: ", ")
            throw AdministrationRefusal.invalid(field: "/decision", "One of: \(words).")
        }
        guard item.state == "open" else {
            throw AdministrationRefusal.invalidState(item.state, allowed: ["open"])
        }
        guard [.done, .nothingToDo].contains(decision) || answer.reason?.isEmpty == false else {
            throw AdministrationRefusal.invalid(field: "/reason", "This decision needs a reason.")
        }
        return (item, decision)
    }

    private func act(
        _ decision: WorkDecision, _ answer: Answer, on item: WorkItemRecord, by author: Author, in tx: Tx,
        at now: Instant
    ) throws {
        let reason = answer.reason ?? ""
        switch decision {
        case .attach:
            try AdoptOrphan(desk: desk).attach(
                item, to: answer.session, because: reason, by: author, in: tx, at: now)
        case .billFromRegister where item.reason == WorkReason.orphanStop.rawValue:
            try AdoptOrphan(desk: desk).bill(item, answer, by: author, in: tx, at: now)
        case .billAsMeasured, .billEnergy, .billFromRegister, .firstStop, .secondStop, .lastSample,
            .billToAccount,
            .waive:
            // An orphan stop that is waived leaves nothing behind but its question.
            guard let session = item.session else { return }
            if try tx.find(SessionRecord.self, session)?.finalAt != nil {
                return try judgeLate(decision, answer, session, in: tx, at: now)
            }
            let verdict = ReviewSession.Verdict(
                decision, because: reason, energy: answer.energy, register: answer.register,
                account: answer.account)
            _ = try ReviewSession(desk: desk).decide(session, verdict, by: author, in: tx, at: now)
        case .correctTimes:
            guard let session = item.session else { return }
            try judgeLate(decision, answer, session, in: tx, at: now)
        case .charge:
            guard let session = try item.session.flatMap({ try tx.lock(SessionRecord.self, id: $0) }) else {
                return
            }
            try CorrectBill(desk: desk).charge(session, because: item, by: author, in: tx, at: now)
        case .readAgain: try readAgain(item, in: tx, at: now)
        case .askStation: try askStation(item, in: tx, at: now)
        case .credit, .releaseHold, .ignore, .billEnergyOnly, .close, .done, .nothingToDo: return
        }
    }

    /// A decision about readings whose bill is final already.
    private func judgeLate(
        _ decision: WorkDecision, _ answer: Answer, _ session: SessionID, in tx: Tx, at now: Instant
    ) throws {
        if decision == .correctTimes, (answer.endedAt ?? now) > now {
            throw AdministrationRefusal.invalid(field: "/ended_at", "Nobody knows what ends in the future.")
        }
        guard let judgement = decision.judgement(answer) else { throw decision.incomplete }
        guard let judged = try tx.find(SessionRecord.self, session) else {
            throw AdministrationRefusal.notFound("session")
        }
        try decision.check(energy: answer.energy, register: answer.register, for: judged)
        try CorrectBill(desk: desk).judge(session, judgement, in: tx, at: now)
    }

    /// Gives back what was billed above what the readings now prove, if anything is left of it.
    private func giveBack(_ item: WorkItemRecord, because reason: String, by author: Author) async throws {
        let found = try await desk.store.read { tx -> (PaymentRecord, Money)? in
            guard let session = try item.session.flatMap({ try tx.find(SessionRecord.self, $0) }),
                let difference = try CorrectBill(desk: desk).difference(session, in: tx),
                difference.amount.isNegative, let bill = session.bill
            else { return nil }
            guard let payment = try tx.payments(of: bill).last(where: { $0.capturedAt != nil }) else {
                throw AdministrationRefusal.invalidState("not captured", allowed: ["captured"])
            }
            return (payment, -difference.amount)
        }
        guard let (payment, amount) = found else { return }
        let left = min(amount, payment.captured)
        do {
            _ = try await RefundPayment(desk: desk)(left, of: payment.id, because: reason, by: author)
        } catch let refusal as RefundPayment.Refusal {
            throw AdministrationRefusal.invalidState("\(refusal)", allowed: ["captured"])
        }
    }

    /// The message as it was understood, interpreted by the present version.
    private func readAgain(_ item: WorkItemRecord, in tx: Tx, at now: Instant) throws {
        guard let message = item.message, let frame = FrameID(item.object),
            let station = try item.station.flatMap({ try tx.find(StationRecord.self, $0) })
        else {
            throw AdministrationRefusal.invalidState("unreadable", allowed: ["close"])
        }
        var visit = StationVisit(desk: desk, station: station, frame: frame, now: now)
        visit.number = try number(of: message, in: frame, at: station, in: tx)
        let reply = try ReceiveStationMessage(desk: desk).answer(message, at: visit, in: tx)
        try tx.markInterpreted(frame, session: reply.session)
    }

    /// The number that the station was told for what a message of 1.6 begins, if no session has it.
    private func number(
        of message: StationMessage, in frame: FrameID, at station: StationRecord, in tx: Tx
    ) throws -> Int64? {
        guard case .transaction(let report) = message, report.reference == .new,
            case .transaction(let told)? = try tx.find(FrameRecord.self, frame)?.answer,
            try tx.lockSession(number: told.number, at: station.id) == nil
        else { return nil }
        return told.number
    }

    private func askStation(_ item: WorkItemRecord, in tx: Tx, at now: Instant) throws {
        guard let checkout = try CheckoutID(item.object).flatMap({ try tx.find(CheckoutRecord.self, $0) }),
            let evse = try tx.find(EVSERecord.self, checkout.evse),
            let station = try tx.find(StationRecord.self, evse.station)
        else { return }
        try SendCommand(desk: desk)(
            .trigger(message: "StatusNotification", evse: Int(evse.number)),
            about: SendCommand.Subject(station: station, evse: evse.id, checkout: checkout.id), in: tx,
            at: now)
    }
}

extension WorkItemRecord {
    /// What can be answered, the most usual first. What nobody understood cannot be read again.
    package var decisions: [WorkDecision] {
        if reason == WorkReason.uninterpreted.rawValue, message == nil { return [.close] }
        return WorkReason(rawValue: reason)?.decisions ?? [.done, .nothingToDo]
    }
}
