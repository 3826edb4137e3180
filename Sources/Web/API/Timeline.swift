// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// Everything that happened around a session, in one list: what the charger said, what was asked of it, what was
/// asked of the gateway, what was booked, which documents came of it. API and console show the same list.
enum Timeline {
    /// One thing that happened.
    enum Event: Sendable {
        case frame(FrameRecord)
        case command(CommandRecord)
        case attempt(AttemptRecord, of: PaymentRecord)
        case posting(TransactionRow)
        case document(DocumentRecord)
        /// A question that was asked about it, or its answer.
        case question(WorkItemRecord, isAnswer: Bool)
    }

    /// How much of a session's chatter is shown.
    private static let frames = 2000

    /// In order of time.
    static func events(of session: SessionRecord, in tx: Tx) throws -> [Event] {
        var events = try tx.frames(of: session.id, limit: frames).map { Event.frame($0) }
        events += try tx.commands(of: session.id, or: session.checkout).map { .command($0) }
        for payment in try session.bill.map({ try tx.payments(of: $0) }) ?? [] {
            events += try tx.attempts(of: payment.id).map { .attempt($0, of: payment) }
        }
        var filter = Tx.LedgerFilter()
        filter.session = session.id
        events += try tx.transactions(of: session.organisation, filter: filter, limit: 200).map {
            .posting($0)
        }
        events += try tx.documents(of: session.id).map { .document($0) }
        for item in try tx.workItems(about: session.id) {
            events.append(.question(item, isAnswer: false))
            if item.closedAt != nil { events.append(.question(item, isAnswer: true)) }
        }
        return events.sorted { $0.at < $1.at }
    }

    /// As the API shows it.
    static func entries(of session: SessionRecord, in tx: Tx) throws -> [JSON] {
        try events(of: session, in: tx).map(\.json)
    }
}

extension Timeline.Event {
    /// When it was known.
    var at: Instant {
        switch self {
        case .frame(let frame): frame.receivedAt
        case .command(let command): command.createdAt
        case .attempt(let attempt, _): attempt.sentAt ?? attempt.createdAt
        case .posting(let transaction): transaction.recordedAt
        case .document(let document): document.issuedAt
        case .question(let item, let isAnswer): isAnswer ? item.closedAt ?? item.openedAt : item.openedAt
        }
    }

    fileprivate var json: JSON {
        switch self {
        case .frame(let frame):
            json("charger", frame.action, frame.id.text, detail: frame.remark)
        case .command(let command):
            json("command", command.kind, command.id.text, detail: command.status)
        case .attempt(let attempt, let payment):
            json("payment", attempt.operation, payment.id.text, detail: attempt.status)
        case .posting(let transaction): json("ledger", transaction.template, transaction.id.text)
        case .document(let document):
            json("document", document.kind, document.id, detail: document.label)
        case .question(let item, let isAnswer):
            isAnswer
                ? json("decision", item.decision ?? "closed", item.id.text, detail: item.answeredBy)
                : json("decision", item.reason, item.id.text, detail: item.detail)
        }
    }

    private func json(_ source: String, _ what: String, _ object: String, detail: String? = nil) -> JSON {
        [
            "at": .time(at), "source": .string(source), "what": .string(what), "object": .string(object),
            "detail": .text(detail),
        ]
    }
}

extension WorkItemRecord {
    /// Who decided, and why.
    var answeredBy: String { [decidedBy, note].compactMap { $0 }.joined(separator: ": ") }
}

extension FrameRecord {
    /// What is unusual about it.
    var remark: String? { duplicateOf.map { "repeats \($0)" } ?? findings.first }
}
