// SPDX-License-Identifier: Apache-2.0

package import Payments
package import Quantities

/// An unpaid remainder. It belongs to an account, or to the instrument that a guest paid with (payments.md §6.5).
package struct DebtRecord: VersionedRecord, OwnedRecord, Hashable {
    package static let table = "debt"

    package let id: DebtID
    package let organisation: OrganisationID
    package let bill: BillID
    package let account: AccountID?
    /// The gateway's name for a guest's card, whatever it is paid at.
    package let fingerprint: String?
    package let currency: Currency
    package let amountMinor: Int64
    /// `open`, `paid` or `written_off`.
    package var status: String
    /// The event that opened it; the same event opens it once.
    package let cause: String
    /// The payment that collects it; there is one at a time.
    package var collector: PaymentID?
    package var reminders: Int64
    package var nextReminderAt: Instant?
    package var retries: Int64
    package var nextRetryAt: Instant?
    package let openedAt: Instant
    package var closedAt: Instant?
    package var version: Int64

    package init(
        id: DebtID, of amount: Money, for bill: BillRecord, fingerprint: String?, cause: String,
        at now: Instant
    ) {
        self.id = id
        organisation = bill.organisation
        self.bill = bill.id
        account = bill.account
        self.fingerprint = bill.account == nil ? fingerprint : nil
        currency = amount.currency
        amountMinor = amount.minorUnits
        status = "open"
        self.cause = cause
        collector = nil
        reminders = 0
        nextReminderAt = now
        retries = 0
        nextRetryAt = nil
        openedAt = now
        closedAt = nil
        version = 1
    }

    /// How much.
    package var amount: Money { Money(minorUnits: amountMinor, currency: currency) }
}

/// A card that may be charged without its owner being there.
package struct PaymentMethodRecord: VersionedRecord, OwnedRecord, Hashable {
    package static let table = "payment_method"

    package let id: PaymentMethodID
    package let organisation: OrganisationID
    /// Whose it is; nil for a guest's, which serves one checkout.
    package let account: AccountID?
    package let checkout: CheckoutID?
    package let gatewayAccount: GatewayAccountID
    /// The gateway's own name for it; never a card number.
    package let reference: String
    /// Whom it belongs to at the gateway.
    package let customer: String?
    package let instrument: Instrument
    /// `usable` or `detached`.
    package var status: String
    package var isDefault: Bool
    package let consent: Consent
    package let createdAt: Instant
    package var version: Int64

    package init(
        id: PaymentMethodID, organisation: OrganisationID, account: AccountID?, checkout: CheckoutID?,
        gatewayAccount: GatewayAccountID, reference: String, customer: String? = nil, instrument: Instrument,
        isDefault: Bool, consent: Consent, createdAt: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.account = account
        self.checkout = checkout
        self.gatewayAccount = gatewayAccount
        self.reference = reference
        self.customer = customer
        self.instrument = instrument
        status = "usable"
        self.isDefault = isDefault
        self.consent = consent
        self.createdAt = createdAt
        version = 1
    }
}

/// Money claimed back by a payer's bank.
package struct DisputeRecord: VersionedRecord, OwnedRecord, Hashable {
    package static let table = "dispute"

    package let id: DisputeID
    package let organisation: OrganisationID
    package let payment: PaymentID
    /// The gateway's own name for it.
    package let reference: String
    package var status: String
    package var machine: Dispute
    package let currency: Currency
    package var amountMinor: Int64
    package var feeMinor: Int64
    package var reason: String
    package var dueAt: Instant?
    /// Whether the money is with the bank (T7a posted and not yet taken back).
    package var withdrawn: Bool
    /// The pack, as PDF.
    package var evidence: [UInt8]?
    /// What the pack lacks, in words.
    package var missing: [String]
    package var assembledAt: Instant?
    package var submittedAt: Instant?
    package var submittedBy: String?
    package let openedAt: Instant
    package var closedAt: Instant?
    package var version: Int64

    package init(
        id: DisputeID, of payment: PaymentRecord, reference: String, machine: Dispute, fee: Money,
        reason: String,
        dueAt: Instant?, at now: Instant
    ) {
        self.id = id
        organisation = payment.organisation
        self.payment = payment.id
        self.reference = reference
        status = machine.state.rawValue
        self.machine = machine
        currency = payment.currency
        amountMinor = machine.amount.minorUnits
        feeMinor = fee.minorUnits
        self.reason = reason
        self.dueAt = dueAt
        withdrawn = false
        evidence = nil
        missing = []
        assembledAt = nil
        submittedAt = nil
        submittedBy = nil
        openedAt = now
        closedAt = nil
        version = 1
    }

    /// How much is claimed back.
    package var amount: Money { Money(minorUnits: amountMinor, currency: currency) }
    /// What the gateway charges for it.
    package var fee: Money { Money(minorUnits: feeMinor, currency: currency) }
}

/// A month of an invoiced account.
package struct InvoiceRecord: VersionedRecord, OwnedRecord, Hashable {
    package static let table = "invoice"

    package let id: InvoiceID
    package let organisation: OrganisationID
    package let account: AccountID
    /// `2027-03`, in the seller's zone.
    package let period: String
    package let document: String
    /// Its printed number.
    package let label: String
    package let currency: Currency
    package let netMinor: Int64
    package let taxMinor: Int64
    package var paidMinor: Int64
    /// `open` or `paid`.
    package var status: String
    package let dueAt: Instant
    package let issuedAt: Instant
    package var paidAt: Instant?
    package var version: Int64

    package init(
        id: InvoiceID, account: AccountRecord, period: String, document: DocumentRecord, net: Money,
        tax: Money,
        dueAt: Instant
    ) {
        self.id = id
        organisation = account.organisation
        self.account = account.id
        self.period = period
        self.document = document.id
        label = document.label
        currency = net.currency
        netMinor = net.minorUnits
        taxMinor = tax.minorUnits
        paidMinor = 0
        status = "open"
        self.dueAt = dueAt
        issuedAt = document.issuedAt
        paidAt = nil
        version = 1
    }

    /// What is asked for, tax included.
    package var gross: Money { Money(minorUnits: netMinor + taxMinor, currency: currency) }
}

/// One line of a gateway's settlement report, as it was last told.
package struct SettlementLineRecord: VersionedRecord, OwnedRecord, Hashable {
    package static let table = "settlement_line"

    package let id: SettlementLineID
    package let organisation: OrganisationID
    package let gatewayAccount: GatewayAccountID
    package let lineId: String
    package let kind: String
    package let currency: Currency
    /// What it adds to the balance at the gateway, before its fee; negative takes away.
    package var grossMinor: Int64
    /// What the gateway kept of it.
    package var feeMinor: Int64
    package var payment: PaymentID?
    package var payout: String?
    /// `matched` or `unmatched`.
    package var state: String
    /// How often it was told anew with other amounts.
    package var restated: Int64
    package let occurredAt: Instant
    package var availableAt: Instant?
    package let importedAt: Instant
    package var version: Int64

    package init(
        id: SettlementLineID, account: GatewayAccountRecord, lineID: String, kind: String, gross: Money,
        fee: Money,
        payment: PaymentID?, payout: String?, isMatched: Bool, occurredAt: Instant, availableAt: Instant?,
        at now: Instant
    ) {
        self.id = id
        organisation = account.organisation
        gatewayAccount = account.id
        lineId = lineID
        self.kind = kind
        currency = gross.currency
        grossMinor = gross.minorUnits
        feeMinor = fee.minorUnits
        self.payment = payment
        self.payout = payout
        state = isMatched ? "matched" : "unmatched"
        restated = 0
        self.occurredAt = occurredAt
        self.availableAt = availableAt
        importedAt = now
        version = 1
    }
}

/// What a gateway said it holds for us after an import, beside what our books say (I10).
package struct SettlementImportRecord: Record, Hashable {
    package static let table = "settlement_import"

    package let id: EventID
    package let organisation: OrganisationID
    package let gatewayAccount: GatewayAccountID
    package let currency: Currency
    /// How many lines were new or restated.
    package let lines: Int64
    /// The balance the gateway stated; nil if it stated none.
    package let reportedMinor: Int64?
    /// The balance of our clearing account.
    package let clearingMinor: Int64
    /// What we have booked and the gateway has not yet listed.
    package let missingMinor: Int64
    package let importedAt: Instant

    package init(
        id: EventID, account: GatewayAccountRecord, currency: Currency, lines: Int, reported: Money?,
        clearing: Int64, missing: Int64, at now: Instant
    ) {
        self.id = id
        organisation = account.organisation
        gatewayAccount = account.id
        self.currency = currency
        self.lines = Int64(lines)
        reportedMinor = reported?.minorUnits
        clearingMinor = clearing
        missingMinor = missing
        importedAt = now
    }

    /// What nothing explains; zero is good.
    package var unexplainedMinor: Int64 { reportedMinor.map { clearingMinor - $0 - missingMinor } ?? 0 }
}

/// How far one of a gateway's lists was read.
package struct GatewayCursorRecord: VersionedRecord, Hashable {
    package static let table = "gateway_cursor"

    /// The gateway account and the list, e.g. `gwa_… settlement`.
    package let id: String
    package let gatewayAccount: GatewayAccountID
    /// `settlement` or `changes`.
    package let list: String
    /// The gateway's own word for the place; nil is the beginning.
    package var place: String?
    package var readAt: Instant
    package var version: Int64

    package init(_ account: GatewayAccountID, list: String, readAt: Instant) {
        id = "\(account) \(list)"
        gatewayAccount = account
        self.list = list
        place = nil
        self.readAt = readAt
        version = 1
    }
}
