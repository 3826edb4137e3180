// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage

extension SessionScreen {
    /// One session with everything around it, read in one go.
    init(_ session: SessionRecord, _ visit: ConsoleVisit, _ shown: Shown, in tx: Tx) throws {
        let view = try SessionView(session, in: tx)
        let desk = visit.page.desk
        var entries = try Timeline.events(of: session, in: tx).map { try Entry($0, shown, in: tx) }
        entries += try Entry.readings(of: session.id, shown, in: tx)
        entries += Entry.decisions(view, shown)
        self.init(
            frame: try visit.frame(in: tx), row: try SessionRow(session, in: tx),
            entries: entries.enumerated().sorted { ($0.1.at, $0.0) < ($1.1.at, $1.0) }.map(\.1),
            canStop: [.starting, .running].contains(session.status))
        if let payment = view.payment {
            hold = payment.hold
            captured = payment.capturedAt == nil ? nil : payment.captured
        }
        if let quote = view.quote {
            proof = shown.words(.priceProof, ["tariff": quote.tariffName, "hash": quote.tariffHash])
            let rated =
                try view.bill?.ratedBill
                ?? RateSession(zones: desk.zones).ifPossible(session.folded, under: quote, asOf: frame.now)
            breakdown = rated.map { Breakdown($0) }
        }
        chart = PowerChart(session)
        stopReason = session.stopCause.map { shown.words($0.word) }
        nextStep = Self.next(session, view, shown)
    }

    /// Who owns the next step, and when it happens.
    private static func next(_ session: SessionRecord, _ view: SessionView, _ shown: Shown) -> String? {
        let words = shown.words
        if let check = view.payment.flatMap({ $0.status.hasSuffix("_unknown") ? $0 : nil }) {
            return words(.nextLookUp, ["payment": check.id.text])
        }
        switch session.status {
        case .ended:
            return session.dueAt.map { words(.nextFinal, ["time": shown.clockWithSeconds($0)]) }
        case .inReview: return words(.nextReview)
        default: return view.bill?.status == "in_debt" ? words(.nextDebt) : nil
        }
    }
}

extension SessionScreen.Entry {
    fileprivate init(_ event: Timeline.Event, _ shown: Shown, in tx: Tx) throws {
        switch event {
        case .frame(let frame):
            self.init(
                at: frame.receivedAt, .charger, frame.direction == "out" ? "\(frame.action) ⟵" : frame.action,
                detail: frame.remark)
            raw = ShownFrame(frame).text
        case .command(let command):
            self.init(at: event.at, .decision, command.kind, detail: command.status)
        case .attempt(let attempt, let payment):
            self.init(
                at: event.at, .payment, attempt.operation, detail: attempt.status,
                amount: attempt.amountMinor.map { Money(minorUnits: $0, currency: payment.currency) })
            url = .list(.payments)
        case .posting(let transaction):
            let lines = try tx.entries(of: transaction.id)
            let debits = lines.filter { $0.amount > 0 }
            self.init(
                at: event.at, .ledger, transaction.template,
                detail: lines.map(\.account).joined(separator: ", "),
                amount: debits.first.map { first in
                    debits.map { Money(minorUnits: $0.amount, currency: $0.currency) }
                        .sum(in: first.currency)
                })
        case .document(let document):
            self.init(
                at: event.at, .document, document.label, detail: document.kind,
                amount: Money(minorUnits: document.grossMinor, currency: document.currency))
        case .question(let item, true):
            self.init(
                at: event.at, .decision, WorkRow.name(of: item.decision ?? "closed", shown),
                detail: item.answeredBy)
        case .question(let item, false):
            self.init(
                at: event.at, .decision, shown.status(item.reason), detail: item.detail,
                amount: item.currency.flatMap { currency in
                    item.amountMinor.map { Money(minorUnits: $0, currency: currency) }
                })
            url = .list(.work)
        }
    }

    /// Meter values and states as the facts tell them, one entry for each moment.
    fileprivate static func readings(of session: SessionID, _ shown: Shown, in tx: Tx) throws -> [Self] {
        let facts = try tx.facts(of: session)
        let moments = Dictionary(grouping: facts, by: \.receivedAt).sorted { $0.key < $1.key }
        return moments.compactMap { receivedAt, facts in
            let texts = facts.compactMap { text(of: $0, shown) }
            guard let first = texts.first else { return nil }
            let rest = texts.dropFirst().joined(separator: " · ")
            return Self(at: receivedAt, .reading, first, detail: rest.isEmpty ? nil : rest)
        }
    }

    private static func text(of fact: Fact, _ shown: Shown) -> String? {
        switch fact.kind {
        case .reading(let reading):
            guard reading.phase == nil else { return nil }
            switch reading.measurand {
            case .importRegister: return shown.energy(Energy(milliwattHours: reading.value))
            case .power: return shown.power(Power(milliwatts: reading.value))
            default: return nil
            }
        case .started(let register?), .ended(let register?, _): return shown.energy(register)
        case .state(let state): return shown.stateName(state)
        default: return nil
        }
    }

    /// What we decided about money: the price that was fixed, the bill that came of it.
    fileprivate static func decisions(_ view: SessionView, _ shown: Shown) -> [Self] {
        var entries: [Self] = []
        if let quote = view.quote {
            entries.append(
                Self(
                    at: quote.createdAt, .decision, shown.words(.decisionPrice), detail: quote.tariffName,
                    amount: quote.hold))
        }
        if let bill = view.bill, let ratedAt = bill.ratedAt, let total = bill.totalMinor {
            entries.append(
                Self(
                    at: ratedAt, .decision, shown.words(.decisionRated),
                    amount: Money(minorUnits: total, currency: bill.currency)))
        }
        return entries
    }
}

extension StopCause {
    /// Why, as half a sentence.
    fileprivate var word: Word {
        switch self {
        case .requested: .stopRequested
        case .costLimit: .stopCostLimit
        case .energyLimit: .stopEnergyLimit
        case .durationLimit: .stopDurationLimit
        case .unfunded: .stopUnfunded
        case .holdExpires: .stopHoldExpires
        case .startedTooLate: .stopStartedTooLate
        case .notAllowed: .stopNotAllowed
        case .withoutEnergy: .stopWithoutEnergy
        case .reset: .stopReset
        }
    }
}

extension Shown {
    /// What vehicle and station were doing.
    fileprivate func stateName(_ state: ChargingState) -> String {
        switch state {
        case .charging: words(.stateCharging)
        case .suspendedByVehicle: words(.stateByVehicle)
        case .suspendedByStation: words(.stateByStation)
        case .connected: words(.stateConnected)
        case .idle: words(.stateIdle)
        }
    }
}
