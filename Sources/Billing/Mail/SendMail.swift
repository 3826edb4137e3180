// SPDX-License-Identifier: Apache-2.0

import Quantities
package import Storage

/// Puts a mail on its way: a row and a parcel in the caller's transaction. It leaves later, and whether it arrives decides
/// about nothing else (F61).
package struct SendMail: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why none is sent.
    package enum Refusal: Error, Hashable {
        /// The installation was given no mail server.
        case notConfigured
        /// Nobody said where to.
        case noAddress
        /// That is no address.
        case badAddress
    }

    /// A receipt that was issued, to the guest who gave an address.
    func receipt(_ document: DocumentRecord, in tx: Tx, at now: Instant) throws {
        guard desk.settings.sendsMail, let checkout = try document.checkout(in: tx),
            let address = checkout.email.flatMap({ MailAddress($0) })
        else { return }
        try put(
            .document, about: document.id, of: document.organisation, to: address, checkout.language, tx, now)
    }

    /// An invoice that was issued, to the account that pays it, if it left an address.
    func invoice(_ document: DocumentRecord, to account: AccountRecord, in tx: Tx, at now: Instant) throws {
        guard desk.settings.sendsMail, let address = account.email.flatMap({ MailAddress($0) }) else {
            return
        }
        try put(.document, about: document.id, of: document.organisation, to: address, "en", tx, now)
    }

    /// A document once more, with the number it has: to an address, or else to the one that is known.
    package func document(_ document: DocumentRecord, to given: String?) async throws -> MailRecord {
        guard desk.settings.sendsMail else { throw Refusal.notConfigured }
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let checkout = try document.checkout(in: tx)
            let account = try document.account.flatMap { try tx.find(AccountRecord.self, $0) }
            guard let text = given ?? checkout?.email ?? account?.email else { throw Refusal.noAddress }
            guard let address = MailAddress(text) else { throw Refusal.badAddress }
            return try put(
                .document, about: document.id, of: document.organisation, to: address,
                checkout?.language ?? "en", tx, now)
        }
    }

    /// To the operator: nothing is sent to a subscriber any more.
    func webhookFailing(_ endpoint: WebhookEndpointRecord, in tx: Tx, at now: Instant) throws {
        guard desk.settings.sendsMail,
            let organisation = try tx.find(OrganisationRecord.self, endpoint.organisation),
            let address = organisation.email.flatMap({ MailAddress($0) })
        else { return }
        try put(.webhookFailing, about: endpoint.id.text, of: organisation.id, to: address, "en", tx, now)
    }

    // exception(T5): what a mail is, in the order of its row.
    @discardableResult
    private func put(
        _ kind: MailRecord.Kind, about object: String, of organisation: OrganisationID,
        to address: MailAddress, _ language: String, _ tx: Tx, _ now: Instant
    ) throws -> MailRecord {
        let mail = MailRecord(
            id: desk.ids.new(at: now), organisation: organisation, kind: kind, object: object,
            recipient: address.text, language: language, createdAt: now)
        try tx.insert(mail)
        try tx.insert(
            ParcelRecord(
                id: desk.ids.new(at: now), stream: "mail:\(mail.id)", destination: MailCourier.destination,
                kind: "mail", body: mail.id.text, dueAt: now, createdAt: now))
        tx.ring(.outbox)
        return mail
    }
}
