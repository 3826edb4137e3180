// SPDX-License-Identifier: Apache-2.0

package import Payments
package import Quantities

/// What one session owes, and how far collecting it has come.
package struct BillRecord: VersionedRecord, Hashable {
    package static let table = "bill"

    package let id: BillID
    package var organisation: OrganisationID
    package var quote: QuoteID
    package var session: SessionID?
    package var checkout: CheckoutID?
    package var account: AccountID?
    package var currency: Currency
    package var status: String
    package var machine: Bill
    package var totalMinor: Int64?
    package var rated: [UInt8]?
    package var ratedAt: Instant?
    package var settledAt: Instant?
    /// Where its money comes from at the start; nil for a guest's card.
    package var source: BillSource?
    /// What of it was given away, minor units.
    package var waivedMinor: Int64 = 0
    /// The invoice that it is on.
    package var invoice: InvoiceID?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: BillID, organisation: OrganisationID, quote: QuoteID, session: SessionID? = nil,
        checkout: CheckoutID? = nil, account: AccountID? = nil, currency: Currency, status: String,
        machine: Bill, totalMinor: Int64? = nil, rated: [UInt8]? = nil, ratedAt: Instant? = nil,
        settledAt: Instant? = nil, createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.quote = quote
        self.session = session
        self.checkout = checkout
        self.account = account
        self.currency = currency
        self.status = status
        self.machine = machine
        self.totalMinor = totalMinor
        self.rated = rated
        self.ratedAt = ratedAt
        self.settledAt = settledAt
        self.createdAt = createdAt
        self.version = version
    }
}

/// A guest and the EVSE they scanned; its status is derived.
package struct CheckoutRecord: VersionedRecord, Hashable {
    package static let table = "checkout"

    package let id: CheckoutID
    package var organisation: OrganisationID
    package var evse: EVSEID
    package var quote: QuoteID
    package var bill: BillID
    package var session: SessionID?
    package var token: TokenID?
    package var secret: String
    package var limitMinor: Int64?
    /// What the driver wants it to end at besides its cost, if anything.
    package var limits: SessionLimits?
    package var language: String
    package var email: String?
    package var returnUrl: String?
    package var autoStart: Bool
    package var failedStarts: Int64
    package var startFailedAt: Instant?
    package var firstFailedAt: Instant?
    /// What the guest agreed to be charged later without being there, if anything.
    package var consent: Consent?
    /// The request that began it for an account; nil for a guest's.
    package var clientKey: String?
    /// Words of the client's own.
    package var metadata: [String: String]?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: CheckoutID, organisation: OrganisationID, evse: EVSEID, quote: QuoteID, bill: BillID,
        session: SessionID? = nil, token: TokenID? = nil, secret: String, limitMinor: Int64? = nil,
        language: String, email: String? = nil, returnUrl: String? = nil, autoStart: Bool,
        failedStarts: Int64, startFailedAt: Instant? = nil, createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.evse = evse
        self.quote = quote
        self.bill = bill
        self.session = session
        self.token = token
        self.secret = secret
        self.limitMinor = limitMinor
        self.language = language
        self.email = email
        self.returnUrl = returnUrl
        self.autoStart = autoStart
        self.failedStarts = failedStarts
        self.startFailedAt = startFailedAt
        self.createdAt = createdAt
        self.version = version
    }
}

/// One use of one funding source.
package struct PaymentRecord: VersionedRecord, Hashable {
    package static let table = "payment"

    package let id: PaymentID
    package var organisation: OrganisationID
    package var bill: BillID?
    package var wallet: WalletID?
    package var gatewayAccount: GatewayAccountID?
    package var purpose: PaymentPurpose
    package var source: FundingSource
    package var status: String
    package var machine: Payment
    package var currency: Currency
    package var amountMinor: Int64
    package var capturedMinor: Int64
    package var gatewayReference: String?
    package var instrument: Instrument?
    package var nextAction: String?
    package var decline: DeclineShown?
    package var captureBefore: Instant?
    package var pending: String?
    package var clientKey: String?
    /// Whose card a set-up is for.
    package var account: AccountID?
    /// What its owner agreed to.
    package var consent: Consent?
    /// The saved card that is charged without its owner being there.
    package var method: PaymentMethodID?
    /// The gateway's name for the card, whatever it pays; nil if the gateway tells none.
    package var fingerprint: String?
    /// Where the gateway's page sends its owner back to; nil for the guest's page, or our own.
    package var returnUrl: String?
    /// The debt that it pays.
    package var debt: DebtID?
    /// What was held before it was raised, minor units; nil if it never was.
    package var firstHoldMinor: Int64?
    /// How often raising the hold was tried.
    package var raises: Int64 = 0
    /// When a sweep last asked the gateway about it.
    package var lookedAt: Instant?
    /// Words of the client's own.
    package var metadata: [String: String]?
    package var createdAt: Instant
    package var authorizedAt: Instant?
    package var capturedAt: Instant?
    package var releasedAt: Instant?
    package var version: Int64

    /// What the request of a wallet's automatic reload is called begins with this.
    package static let reloadKey = "reload:"
    /// Whether a wallet reloads by it, without anybody asking.
    package var isReload: Bool { purpose == .topUp && (clientKey ?? "").hasPrefix(Self.reloadKey) }

    package init(
        id: PaymentID, organisation: OrganisationID, bill: BillID? = nil, wallet: WalletID? = nil,
        gatewayAccount: GatewayAccountID? = nil, purpose: PaymentPurpose, source: FundingSource,
        status: String, machine: Payment, currency: Currency, amountMinor: Int64, capturedMinor: Int64,
        gatewayReference: String? = nil, instrument: Instrument? = nil, nextAction: String? = nil,
        decline: DeclineShown? = nil, captureBefore: Instant? = nil, pending: String? = nil,
        clientKey: String? = nil, createdAt: Instant, authorizedAt: Instant? = nil,
        capturedAt: Instant? = nil, releasedAt: Instant? = nil, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.bill = bill
        self.wallet = wallet
        self.gatewayAccount = gatewayAccount
        self.purpose = purpose
        self.source = source
        self.status = status
        self.machine = machine
        self.currency = currency
        self.amountMinor = amountMinor
        self.capturedMinor = capturedMinor
        self.gatewayReference = gatewayReference
        self.instrument = instrument
        self.nextAction = nextAction
        self.decline = decline
        self.captureBefore = captureBefore
        self.pending = pending
        self.clientKey = clientKey
        self.createdAt = createdAt
        self.authorizedAt = authorizedAt
        self.capturedAt = capturedAt
        self.releasedAt = releasedAt
        self.version = version
    }
}

/// One call to a gateway, written down before it is made.
package struct AttemptRecord: VersionedRecord, Hashable {
    package static let table = "attempt"

    package let id: AttemptID
    package var organisation: OrganisationID
    package var payment: PaymentID
    /// The refund that it asks for, if it asks for one.
    package var refund: RefundID?
    package var operation: String
    package var ordinal: Int64
    package var idempotencyKey: String
    package var amountMinor: Int64?
    package var request: [UInt8]?
    package var requestHash: String?
    package var answer: [UInt8]?
    package var status: String
    package var machine: Attempt
    package var sentAt: Instant?
    package var nextCheckAt: Instant?
    package var lookups: Int64
    /// When a look-up first found nothing.
    package var notFoundAt: Instant?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: AttemptID, organisation: OrganisationID, payment: PaymentID, refund: RefundID? = nil,
        operation: String, ordinal: Int64, idempotencyKey: String, amountMinor: Int64? = nil,
        request: [UInt8]? = nil,
        requestHash: String? = nil, answer: [UInt8]? = nil, status: String, machine: Attempt,
        sentAt: Instant? = nil, nextCheckAt: Instant? = nil, lookups: Int64, createdAt: Instant,
        version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.payment = payment
        self.refund = refund
        self.operation = operation
        self.ordinal = ordinal
        self.idempotencyKey = idempotencyKey
        self.amountMinor = amountMinor
        self.request = request
        self.requestHash = requestHash
        self.answer = answer
        self.status = status
        self.machine = machine
        self.sentAt = sentAt
        self.nextCheckAt = nextCheckAt
        self.lookups = lookups
        self.createdAt = createdAt
        self.version = version
    }
}
