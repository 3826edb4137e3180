// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Payments
package import Quantities
package import Storage

/// Step 8, Outbox: makes the gateway calls that attempts stand for.
///
/// The attempt is committed as `sent` before a byte leaves; its answer, the payment and the ledger change in one
/// transaction afterwards. After a crash every `sent` attempt is a doubt, and a doubt is asked about, never guessed
/// (payments.md §5.3).
package struct PaymentCourier: Courier {
    let desk: Desk
    let sender: any GatewaySender

    package init(desk: Desk, sender: any GatewaySender) {
        self.desk = desk
        self.sender = sender
    }

    package var destination: String { "gateway" }

    package func deliver(_ parcel: ParcelRecord) async throws -> Delivered {
        guard let id = AttemptID(parcel.body) else { return .withdrawn }
        switch try await prepare(id) {
        case .nothing: return .done
        case .refused(let why):
            try await giveUp(id, why)
            return .done
        case .doubt:
            try await lookUp(id)
            return .done
        case .waits(let other):
            // A doubt is resolved before anything else of the same payment leaves (payments.md §5.3, rule 6).
            try await lookUp(other)
            throw PaymentTrouble.inDoubt(other)
        case .send(let call):
            await sender.crashPoint("before the gateway")
            let answer = await sender.send(call.request)
            await sender.crashPoint("after the gateway")
            try await record(answer, of: call)
            return .done
        }
    }

    private enum Preparation: Sendable {
        case nothing
        /// It was sent before and nobody knows what became of it.
        case doubt
        /// Another attempt of the payment is in doubt.
        case waits(AttemptID)
        case send(Call)
        /// The request cannot be built.
        case refused(RequestRefusal)
    }

    /// One call with what is needed to understand its answer.
    struct Call: Sendable {
        var attempt: AttemptID
        var payment: PaymentID
        var operation: Payments.Operation
        var currency: Currency
        var kind: String
        var account: GatewayAccountID
        var request: GatewayRequest
    }

    /// Nothing leaves, ever: the attempt is taken back, and its payment goes on as if the gateway had said no.
    private func giveUp(_ id: AttemptID, _ why: RequestRefusal) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            try RecordAnswer(desk: desk).refused(id, "\(why)", in: tx, at: now)
        }
    }

    private func prepare(_ id: AttemptID) async throws -> Preparation {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard var attempt = try tx.lock(AttemptRecord.self, id: id), !attempt.machine.isOver else {
                return .nothing
            }
            guard attempt.machine.state == .planned else {
                if attempt.machine.state == .sent { try attempt.apply(.doubt) }
                attempt.nextCheckAt = now
                try tx.update(&attempt)
                return .doubt
            }
            if !["void", "look_up"].contains(attempt.operation),
                let other = try tx.attempts(of: attempt.payment).first(where: { $0.isInDoubt && $0.id != id })
            {
                return .waits(other.id)
            }
            let call: Call
            do {
                call = try self.call(for: attempt, operation: nil, in: tx)
            } catch let refusal as RequestRefusal {
                return .refused(refusal)
            }
            if let until = desk.breakers.isOpen(call.account, at: now) {
                try PlanAttempt(desk: desk).carry(attempt, due: until, in: tx, at: now)
                return .nothing
            }
            attempt.request = call.request.body
            attempt.requestHash = call.request.fingerprint
            attempt.sentAt = attempt.sentAt ?? now
            try attempt.apply(.send)
            try tx.update(&attempt)
            return .send(call)
        }
    }

    /// The same attempt gives the same request, always (I16).
    private func call(for attempt: AttemptRecord, operation: Payments.Operation?, in tx: Tx) throws -> Call {
        guard let payment = try tx.find(PaymentRecord.self, attempt.payment),
            let account = try payment.gatewayAccount.flatMap({ try tx.find(GatewayAccountRecord.self, $0) }),
            let gateway = desk.gateways[account.kind]
        else { throw PaymentTrouble.noGateway(attempt.payment) }
        try refuseSandbox(for: account, in: tx)
        let planned = try operation ?? self.planned(attempt, of: payment, in: tx)
        var order = PaymentOrder(
            payment: payment.id, idempotencyKey: attempt.idempotencyKey, reference: payment.gatewayReference,
            returnURL: try returnURL(of: payment, in: tx), description: try siteName(of: payment, in: tx))
        order.authorized = payment.machine.authorization?.amount
        try complete(&order, of: payment, in: tx)
        let context = account.context(for: gateway, ourselves: desk.settings.publicURL)
        return Call(
            attempt: attempt.id, payment: payment.id, operation: planned, currency: payment.currency,
            kind: account.kind, account: account.id,
            request: try gateway.request(for: planned, of: order, in: context))
    }

    /// What an attempt asks for; an answer to a dispute is in the dispute's own row.
    private func planned(
        _ attempt: AttemptRecord, of payment: PaymentRecord, in tx: Tx
    ) throws -> Payments.Operation {
        guard attempt.operation == "submit_evidence" else {
            return try attempt.plannedOperation(in: payment.currency)
        }
        let submitted = try tx.disputes(of: payment.id).filter { $0.submittedAt != nil }
            .sorted { ($0.submittedAt ?? .epoch, $0.id) < ($1.submittedAt ?? .epoch, $1.id) }
        guard let dispute = submitted.dropFirst(Int(attempt.ordinal) - 1).first, let bytes = dispute.evidence
        else {
            throw PaymentTrouble.unknownOperation(attempt.operation)
        }
        let pack = try JSONDecoder().decode(AnswerDispute.Pack.self, from: Data(bytes))
        return .submitEvidence(dispute.reference, pack.evidence)
    }

    /// What only some payments have: a saved card, a consent, an owner. All of it from rows that do not change, so that the
    /// same attempt has the same bytes.
    private func complete(_ order: inout PaymentOrder, of payment: PaymentRecord, in tx: Tx) throws {
        let bill = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        let checkout = try bill?.checkout.flatMap { try tx.find(CheckoutRecord.self, $0) }
        let wallet = try payment.wallet.flatMap { try tx.find(WalletRecord.self, $0) }
        order.capturesAtOnce =
            [.debt, .topUp].contains(payment.purpose) || payment.clientKey == ChargeMethod.remainderKey
        order.savesMethod = payment.purpose == .session && payment.method == nil && checkout?.consent != nil
        order.payer = (payment.account ?? bill?.account ?? wallet?.account)?.text
        order.language = checkout?.language
        order.method = try payment.method.flatMap { try tx.find(PaymentMethodRecord.self, $0) }.map {
            SavedMethod(token: $0.reference, customer: $0.customer)
        }
    }

    /// Real money never goes to a gateway that makes everything up (decided.md, Sandbox).
    private func refuseSandbox(for account: GatewayAccountRecord, in tx: Tx) throws {
        guard account.kind == SandboxGateway().kind else { return }
        guard try tx.find(OrganisationRecord.self, account.organisation)?.kind == .test else {
            throw PaymentTrouble.sandboxIsForTests(account.organisation)
        }
    }

    private func returnURL(of payment: PaymentRecord, in tx: Tx) throws -> String {
        if let own = payment.returnUrl { return own }
        guard let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let checkout = try bill.checkout.flatMap({ try tx.find(CheckoutRecord.self, $0) })
        else { return desk.settings.publicURL }
        return checkout.returnUrl ?? "\(desk.settings.publicURL)/s/\(checkout.secret)"
    }

    private func siteName(of payment: PaymentRecord, in tx: Tx) throws -> String {
        guard let bill = try payment.bill.flatMap({ try tx.find(BillRecord.self, $0) }),
            let quote = try tx.find(QuoteRecord.self, bill.quote),
            let evse = try tx.find(EVSERecord.self, quote.evse)
        else { return "Charging" }
        return try Place(of: evse, in: tx).site.name
    }

    /// The answer's meaning, the payment and the books, in one transaction.
    private func record(_ answer: SentAnswer, of call: Call) async throws {
        let now = desk.clock.now
        let hasOpened = desk.breakers.record(answer, of: call.account, at: now)
        guard let gateway = desk.gateways[call.kind] else { throw PaymentTrouble.noGateway(call.payment) }
        try await desk.store.transaction { tx in
            if hasOpened { try askAPerson(about: call, in: tx, at: now) }
            switch answer {
            case .notSent: try RecordAnswer(desk: desk)(.notSent, of: call, in: tx, at: now)
            case .lost:
                try RecordAnswer(desk: desk)(.outcome(.unknown("no answer")), of: call, in: tx, at: now)
            case .answered(let answer):
                let outcome = gateway.outcome(of: call.operation, answer: answer, currency: call.currency)
                try RecordAnswer(desk: desk)(.outcome(outcome), of: call, in: tx, at: now)
            }
        }
    }

    /// The gateway does not answer, or does not know us any more (F16, F19): a person looks once, not at every call.
    private func askAPerson(about call: Call, in tx: Tx, at now: Instant) throws {
        guard let account = try tx.find(GatewayAccountRecord.self, call.account) else { return }
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: account.organisation, reason: "gateway_silent",
                object: account.id.text,
                detail: "\(account.name) did not answer, or refused our key, several times in a row",
                state: "open", openedAt: now))
    }

    /// Asks the gateway what became of an attempt in doubt, by our own reference.
    package func lookUp(_ id: AttemptID) async throws {
        let now = desk.clock.now
        let call = try await desk.store.transaction { tx -> Call? in
            guard var attempt = try tx.lock(AttemptRecord.self, id: id), !attempt.machine.isOver,
                attempt.machine.state != .planned
            else { return nil }
            if attempt.machine.state == .sent { try attempt.apply(.doubt) }
            attempt.lookups += 1
            attempt.nextCheckAt = now + Doubt.pause(after: attempt.lookups)
            try tx.update(&attempt)
            do {
                return try self.call(for: attempt, operation: attempt.lookUp, in: tx)
            } catch is RequestRefusal {
                // A gateway that knows no look-up gives the same answer to the same key again.
                try RecordAnswer(desk: desk).nothingToLookUp(id, in: tx, at: now)
                return nil
            }
        }
        guard let call, let gateway = desk.gateways[call.kind],
            desk.breakers.isOpen(call.account, at: now) == nil
        else { return }
        let sent = await sender.send(call.request)
        desk.breakers.record(sent, of: call.account, at: now)
        guard case .answered(let answer) = sent else { return }
        let outcome = gateway.outcome(of: call.operation, answer: answer, currency: call.currency)
        try await desk.store.transaction { tx in
            try RecordAnswer(desk: desk)(.found(outcome), of: call, in: tx, at: desk.clock.now)
        }
    }
}

/// Sends a request to a gateway. `App` gives one; it is told where a crash test wants to end the process.
package protocol GatewaySender: Sendable {
    /// The answer, or why there is none.
    func send(_ request: GatewayRequest) async -> SentAnswer
    /// A numbered moment around a call (decided.md, Crash tests).
    func crashPoint(_ moment: String) async
}

/// What sending led to.
package enum SentAnswer: Hashable, Sendable {
    /// No byte left (DNS, connect, TLS).
    case notSent
    /// It left, and nothing came back.
    case lost
    case answered(GatewayAnswer)
}

/// Why a call could not even be made.
package enum PaymentTrouble: Error, Hashable {
    /// The payment's gateway account is missing; there is no default one.
    case noGateway(PaymentID)
    /// A live organisation has the Sandbox as its gateway account.
    case sandboxIsForTests(OrganisationID)
    /// A document's organisation is gone; none ever goes.
    case noOrganisation(OrganisationID)
    /// Nobody knows yet how an earlier call of the same payment ended.
    case inDoubt(AttemptID)
    /// An attempt of an operation that no longer exists.
    case unknownOperation(String)
}

extension GatewayAccountRecord {
    /// What its webhooks may be signed with; two while a secret is being changed (F27).
    package var webhookSecrets: [WebhookSecret] {
        ([webhookSecret] + (formerWebhookSecret.map { [$0] } ?? [])).map { WebhookSecret($0) }
    }

    /// How this account is spoken to. An empty address is the gateway's usual one, and of the Sandbox our own.
    package func context(for gateway: any Gateway, ourselves publicURL: String) -> AccountContext {
        let usual = gateway.usualBaseURL.isEmpty ? publicURL : gateway.usualBaseURL
        return AccountContext(
            account: id, baseURL: baseUrl.isEmpty ? usual : baseUrl, secret: secret,
            connectedAccount: connectedAccount)
    }
}

/// When a doubt is looked at again: 10 s, 1 min, 5 min, 15 min, 1 h, 4 h, 12 h, then daily (payments.md §5.3).
enum Doubt {
    static func pause(after lookups: Int64) -> Elapsed {
        let steps: [Elapsed] = [
            .seconds(10), .minutes(1), .minutes(5), .minutes(15), .hours(1), .hours(4), .hours(12),
            .hours(24),
        ]
        return steps[min(Int(max(lookups, 1)) - 1, steps.count - 1)]
    }
}

extension AttemptRecord {
    /// What it asks for.
    func plannedOperation(in currency: Currency) throws -> Payments.Operation {
        let amount = Money(minorUnits: amountMinor ?? 0, currency: currency)
        switch operation {
        case "authorize": return .authorize(amount)
        case "capture": return .capture(amount)
        case "void": return .void
        case "adjust": return .adjust(amount)
        case "void_by_reference": return .voidByReference
        case "expire_checkout": return .expireCheckout
        case "set_up": return .setUp
        case "look_up": return .lookUp
        case "charge_off_session": return .chargeOffSession(amount)
        case "refund":
            guard let refund else { throw PaymentTrouble.unknownOperation(operation) }
            return .refund(refund, amount)
        default: throw PaymentTrouble.unknownOperation(operation)
        }
    }

    /// Whether it left and nobody knows what became of it.
    fileprivate var isInDoubt: Bool { [.sent, .unknown].contains(machine.state) }

    /// What asks for its outcome.
    fileprivate var lookUp: Payments.Operation { refund.map { .lookUpRefund($0) } ?? .lookUp }
}
