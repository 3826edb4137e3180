// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// Everything that happened around a session, in one list: what the charger said, what was asked of it, what was
/// asked of the gateway, what was booked, which documents came of it.
enum Timeline {
    /// How much of a session's chatter is shown.
    private static let frames = 2000

    /// In order of time.
    static func entries(of session: SessionRecord, in tx: Tx) throws -> [JSON] {
        var entries: [(at: Instant, json: JSON)] = []
        func add(_ at: Instant, _ source: String, _ what: String, _ object: String?, _ detail: String? = nil)
        {
            entries.append(
                (
                    at,
                    [
                        "at": .time(at), "source": .string(source), "what": .string(what),
                        "object": .text(object),
                        "detail": .text(detail),
                    ]
                ))
        }
        for frame in try tx.frames(of: session.id, limit: frames) {
            add(
                frame.receivedAt, "charger", frame.action, frame.id.text,
                frame.duplicateOf.map { "repeats \($0)" } ?? frame.findings.first)
        }
        for command in try tx.commands(of: session.id, or: session.checkout) {
            add(command.createdAt, "command", command.kind, command.id.text, command.status)
        }
        for payment in try session.bill.map({ try tx.payments(of: $0) }) ?? [] {
            for attempt in try tx.attempts(of: payment.id) {
                add(
                    attempt.sentAt ?? attempt.createdAt, "payment", attempt.operation, payment.id.text,
                    attempt.status)
            }
        }
        var filter = Tx.LedgerFilter()
        filter.session = session.id
        for transaction in try tx.transactions(of: session.organisation, filter: filter, limit: 200) {
            add(transaction.recordedAt, "ledger", transaction.template, transaction.id.text)
        }
        for document in try tx.documents(of: session.id) {
            add(document.issuedAt, "document", document.kind, document.id, document.label)
        }
        return entries.sorted { $0.at < $1.at }.map(\.json)
    }
}
