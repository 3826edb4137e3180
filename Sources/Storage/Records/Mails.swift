// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One mail on its way to one person (receipts.md §8).
package struct MailRecord: VersionedRecord, Hashable {
    package static let table = "mail"

    /// What it is about.
    package enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
        /// A receipt or credit note, with its PDF.
        case document
        /// A subscriber to events has taken none for three days.
        case webhookFailing = "webhook_failing"
    }

    /// How far it came.
    package enum Status: String, Codable, Sendable, Hashable, CaseIterable {
        case waiting
        /// A mail server has taken it.
        case sent
        /// It was refused for good, or taken by nobody for three days.
        case failed
    }

    package let id: MailID
    package let organisation: OrganisationID
    package let kind: Kind
    /// The identifier of what it is about.
    package let object: String
    /// The address; nil once it was sent, given up or erased.
    package var recipient: String?
    /// BCP 47 tag.
    package let language: String
    package var status: Status
    package var attempts: Int64
    /// How the last attempt ended, without any address in it, e.g. `550`.
    package var answer: String?
    package let createdAt: Instant
    package var sentAt: Instant?
    package var nextAt: Instant?
    package var version: Int64

    package init(
        id: MailID, organisation: OrganisationID, kind: Kind, object: String, recipient: String,
        language: String, createdAt: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.kind = kind
        self.object = object
        self.recipient = recipient
        self.language = language
        status = .waiting
        attempts = 0
        nextAt = createdAt
        self.createdAt = createdAt
        version = 1
    }
}

extension MailRecord: OwnedRecord {}

extension Tx {
    /// Mails to an address that did not leave yet never will (erasure).
    package func forgetRecipient(_ address: String) throws {
        _ = try run(
            """
            UPDATE mail SET recipient = NULL, status = 'failed', answer = 'erased', next_at = NULL,
                version = version + 1 WHERE recipient = $1
            """, [.text(address)])
    }
}
