// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Something that happened, as it was when it happened. Written in the transaction that did it, and never changed.
package struct EventRecord: Record, Hashable {
    package static let table = "event"

    package let id: EventID
    package let organisation: OrganisationID
    /// One of `EventType`.
    package let type: String
    /// The identifier of what it happened to.
    package let object: String
    /// 1, 2, 3, … for each object.
    package let sequence: Int64
    /// `{"object": {…}, "previous": {…}}` as JSON with sorted keys.
    package let data: String
    package let createdAt: Instant
}

/// What kinds of events there are (api.md §3.11).
package enum EventType: String, Sendable, Hashable, CaseIterable {
    case checkoutCreated = "checkout.created"
    case checkoutFunded = "checkout.funded"
    case checkoutCancelled = "checkout.cancelled"
    case sessionStarting = "session.starting"
    case sessionStartFailed = "session.start_failed"
    case sessionStarted = "session.started"
    case sessionUpdated = "session.updated"
    case sessionEnded = "session.ended"
    case sessionInReview = "session.in_review"
    case billRated = "bill.rated"
    case billSettled = "bill.settled"
    case billZeroRated = "bill.zero_rated"
    case billInDebt = "bill.in_debt"
    case billWrittenOff = "bill.written_off"
    case billAdjusted = "bill.adjusted"
    case paymentActionRequired = "payment.action_required"
    case paymentAuthorized = "payment.authorized"
    case paymentDeclined = "payment.declined"
    case paymentAdjusted = "payment.adjusted"
    case paymentCaptured = "payment.captured"
    case paymentCaptureFailed = "payment.capture_failed"
    case paymentVoided = "payment.voided"
    case paymentExpired = "payment.expired"
    case paymentInDoubt = "payment.in_doubt"
    case holdReleased = "hold.released"
    case holdExpiring = "hold.expiring"
    case refundPending = "refund.pending"
    case refundSucceeded = "refund.succeeded"
    case refundFailed = "refund.failed"
    case refundReversed = "refund.reversed"
    case disputeOpened = "dispute.opened"
    case disputeUpdated = "dispute.updated"
    case disputeWon = "dispute.won"
    case disputeLost = "dispute.lost"
    case walletCredited = "wallet.credited"
    case walletReserved = "wallet.reserved"
    case walletLow = "wallet.low"
    case walletReloadFailed = "wallet.reload_failed"
    case accountBlocked = "account.blocked"
    case accountUnblocked = "account.unblocked"
    case receiptIssued = "receipt.issued"
    case invoiceIssued = "invoice.issued"
    case invoicePaid = "invoice.paid"
    case invoiceOverdue = "invoice.overdue"
    case creditNoteIssued = "credit_note.issued"
    case payoutSent = "payout.sent"
    case payoutConfirmed = "payout.confirmed"
    case payoutReturned = "payout.returned"
    case statementDrafted = "statement.drafted"
    case statementFinal = "statement.final"
    case settlementImported = "settlement.imported"
    case settlementDifference = "settlement.difference"
    case tariffPublished = "tariff.published"
    case stationOnline = "station.online"
    case stationOffline = "station.offline"
    case workItemOpened = "work_item.opened"
    case workItemClosed = "work_item.closed"
    case periodClosed = "period.closed"
    case webhookTest = "webhook.test"
    case webhookFailing = "webhook.failing"
}

/// Where a subscriber wants to hear of events.
package struct WebhookEndpointRecord: VersionedRecord, Hashable {
    package static let table = "webhook_endpoint"
    package static let secretColumns = ["secret", "old_secret"]

    /// How far it works.
    package enum Status: String, Codable, Sendable, Hashable {
        case active
        /// It did not answer for three days: nothing is sent until somebody makes it active again.
        case failing
        case deleted
    }

    /// What a request tells.
    package enum Payload: String, Codable, Sendable, Hashable {
        /// The object as it was.
        case full
        /// Only that it happened: the subscriber reads the event.
        case thin
    }

    package let id: WebhookEndpointID
    package let organisation: OrganisationID
    package var url: String
    /// Types, or families of them: `session.*`, `*`.
    package var types: [String]
    package var payload: Payload
    package var status: Status
    /// What signs; sealed, and not hashed, because it must sign.
    package var secret: String
    /// The one before, which signs too until `oldSecretUntil`.
    package var oldSecret: String?
    package var oldSecretUntil: Instant?
    package var failingSince: Instant?
    package let createdAt: Instant
    package var version: Int64

    package init(
        id: WebhookEndpointID, organisation: OrganisationID, url: String, types: [String], payload: Payload,
        secret: String, createdAt: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.url = url
        self.types = types
        self.payload = payload
        self.status = .active
        self.secret = secret
        self.createdAt = createdAt
        self.version = 1
    }
}

/// One event on its way to one subscriber.
package struct WebhookDeliveryRecord: VersionedRecord, Hashable {
    package static let table = "webhook_delivery"

    /// How far it came.
    package enum Status: String, Codable, Sendable, Hashable, CaseIterable {
        case waiting, delivered, failed
    }

    package let id: WebhookDeliveryID
    package let organisation: OrganisationID
    package let endpoint: WebhookEndpointID
    package let event: EventID
    package let type: String
    package let object: String
    /// 0 for the first delivery, 1, 2, … for those that somebody asked for.
    package let replay: Int64
    package var status: Status
    package var attempts: Int64
    /// The status of the last answer, if there was one.
    package var answer: Int64?
    /// Why the last attempt failed.
    package var error: String?
    package var firstSentAt: Instant?
    package var lastSentAt: Instant?
    package var nextAt: Instant?
    package let createdAt: Instant
    package var version: Int64

    package init(
        id: WebhookDeliveryID, of event: EventRecord, to endpoint: WebhookEndpointID, replay: Int64 = 0,
        createdAt: Instant
    ) {
        self.id = id
        organisation = event.organisation
        self.endpoint = endpoint
        self.event = event.id
        type = event.type
        object = event.object
        self.replay = replay
        status = .waiting
        attempts = 0
        nextAt = createdAt
        self.createdAt = createdAt
        version = 1
    }
}
