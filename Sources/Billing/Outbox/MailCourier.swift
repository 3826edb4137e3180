// SPDX-License-Identifier: Apache-2.0

import Quantities
package import Storage

/// Brings mails to the mail server, at least once, at the pace of webhooks. What is refused for good, or taken by nobody for
/// three days, is a question for a person; the money knows nothing of it (F61).
package struct MailCourier: Courier {
    let desk: Desk
    let sender: any MailSender

    /// The destination of its parcels.
    package static let destination = "mail"

    package init(desk: Desk, sender: any MailSender) {
        self.desk = desk
        self.sender = sender
    }

    package var destination: String { Self.destination }
    package var isPatient: Bool { true }

    package func deliver(_ parcel: ParcelRecord) async throws -> Delivered {
        guard let id = MailID(parcel.body), let mail = try await begin(id) else { return .done }
        let outcome = try await outcome(of: mail)
        return try await record(outcome, of: id, in: parcel)
    }

    /// Writes down that an attempt is made; nil if nothing is to be sent.
    private func begin(_ id: MailID) async throws -> MailRecord? {
        try await desk.store.transaction { tx in
            guard var mail = try tx.lock(MailRecord.self, id: id), mail.status == .waiting else { return nil }
            mail.attempts += 1
            try tx.update(&mail)
            return mail
        }
    }

    private func outcome(of mail: MailRecord) async throws -> MailOutcome {
        guard let address = mail.recipient.flatMap({ MailAddress($0) }) else { return .refused("no address") }
        guard let message = try await ComposeMail(desk: desk)(mail, to: address) else {
            return .refused("nothing to send")
        }
        return await sender.send(message)
    }

    private func record(
        _ outcome: MailOutcome, of id: MailID, in parcel: ParcelRecord
    ) async throws -> Delivered {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard var mail = try tx.lock(MailRecord.self, id: id), mail.status == .waiting else {
                return .done
            }
            switch outcome {
            case .taken:
                (mail.status, mail.sentAt, mail.answer) = (.sent, now, nil)
            case .refused(let answer):
                (mail.status, mail.answer) = (.failed, answer)
            case .later(let why):
                mail.answer = why
                mail.nextAt = WebhookPace.pause(after: mail.attempts).map { now + $0 }
                if mail.nextAt == nil { mail.status = .failed }
            }
            if mail.status != .waiting { (mail.recipient, mail.nextAt) = (nil, nil) }
            try tx.update(&mail)
            _ = try tx.finish(parcel, as: mail.status == .waiting ? "queued" : "done", dueAt: mail.nextAt)
            if mail.status == .failed { try ask(about: mail, in: tx, at: now) }
            return .recorded
        }
    }

    private func ask(about mail: MailRecord, in tx: Tx, at now: Instant) throws {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: mail.organisation, reason: "mail_failed",
                object: mail.id.text,
                detail: "the mail about \(mail.object) was not taken: \(mail.answer ?? "no answer")",
                state: "open", openedAt: now))
    }
}
