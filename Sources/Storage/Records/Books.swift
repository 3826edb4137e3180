// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities

/// A reservation in the ledger, resolved exactly once.
package struct PendingRecord: VersionedRecord, Hashable {
    package static let table = "ledger_pending"

    package let id: EventID
    package var organisation: OrganisationID
    package var template: String
    package var cause: String
    package var state: String
    package var currency: Currency
    package var amount: Int64
    package var debit: String
    package var credit: String
    package var posted: Int64?
    package var session: SessionID?
    package var payment: PaymentID?
    package var wallet: WalletID?
    package var openedAt: Instant
    package var resolvedAt: Instant?
    package var version: Int64

    package init(
        id: EventID, organisation: OrganisationID, template: String, cause: String, state: String,
        currency: Currency, amount: Int64, debit: String, credit: String, posted: Int64? = nil,
        session: SessionID? = nil, payment: PaymentID? = nil, wallet: WalletID? = nil, openedAt: Instant,
        resolvedAt: Instant? = nil, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.template = template
        self.cause = cause
        self.state = state
        self.currency = currency
        self.amount = amount
        self.debit = debit
        self.credit = credit
        self.posted = posted
        self.session = session
        self.payment = payment
        self.wallet = wallet
        self.openedAt = openedAt
        self.resolvedAt = resolvedAt
        self.version = version
    }
}

/// A receipt, invoice or credit note; written once.
package struct DocumentRecord: Record, Hashable {
    package static let table = "document"

    package let id: String
    package let organisation: OrganisationID
    package let kind: String
    package let series: String
    package let number: Int64
    package let label: String
    package let session: SessionID?
    package let bill: BillID?
    package let account: AccountID?
    package let currency: Currency
    package let grossMinor: Int64
    package let content: [UInt8]
    package let hash: String
    package let previousHash: String
    package let issuedAt: Instant

    package init(
        id: String, organisation: OrganisationID, kind: String, series: String, number: Int64, label: String,
        session: SessionID? = nil, bill: BillID? = nil, account: AccountID? = nil, currency: Currency,
        grossMinor: Int64, content: [UInt8], hash: String, previousHash: String, issuedAt: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.kind = kind
        self.series = series
        self.number = number
        self.label = label
        self.session = session
        self.bill = bill
        self.account = account
        self.currency = currency
        self.grossMinor = grossMinor
        self.content = content
        self.hash = hash
        self.previousHash = previousHash
        self.issuedAt = issuedAt
    }
}

/// A question for a person.
package struct WorkItemRecord: VersionedRecord, Hashable {
    package static let table = "work_item"

    package let id: WorkItemID
    package var organisation: OrganisationID
    package var reason: String
    package var object: String
    package var session: SessionID?
    package var station: StationID?
    package var detail: String
    package var facts: [WorkFact]
    package var message: StationMessage?
    package var currency: Currency?
    package var amountMinor: Int64?
    package var state: String
    package var decision: String?
    package var decidedBy: String?
    package var note: String?
    package var openedAt: Instant
    package var defaultAt: Instant?
    package var closedAt: Instant?
    package var version: Int64

    package init(
        id: WorkItemID, organisation: OrganisationID, reason: String, object: String,
        session: SessionID? = nil, station: StationID? = nil, detail: String, facts: [WorkFact] = [],
        message: StationMessage? = nil, currency: Currency? = nil, amountMinor: Int64? = nil, state: String,
        decision: String? = nil, decidedBy: String? = nil, note: String? = nil, openedAt: Instant,
        defaultAt: Instant? = nil, closedAt: Instant? = nil, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.reason = reason
        self.object = object
        self.session = session ?? SessionID(object)
        self.station = station
        self.detail = detail
        self.facts = facts
        self.message = message
        self.currency = currency
        self.amountMinor = amountMinor
        self.state = state
        self.decision = decision
        self.decidedBy = decidedBy
        self.note = note
        self.openedAt = openedAt
        self.defaultAt = defaultAt
        self.closedAt = closedAt
        self.version = version
    }
}

/// One of the facts that a question is decided by, e.g. `energy_wh` and `5000`.
package struct WorkFact: Codable, Sendable, Hashable {
    /// What it is, as the API names it.
    package var name: String
    /// Its value as a text.
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
