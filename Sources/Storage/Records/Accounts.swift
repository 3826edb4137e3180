// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// The party that pays for one or many drivers.
package struct AccountRecord: VersionedRecord, Hashable {
    package static let table = "account"

    package let id: AccountID
    package var organisation: OrganisationID
    package var kind: AccountKind
    package var name: String
    package var email: String?
    package var funding: AccountFunding?
    package var status: AccountStatus
    package var creditLimitMinor: Int64?
    /// How many sessions it may have at once; nil for any number.
    package var sessionsAtOnce: Int64?
    /// Where its invoices go; nothing is invoiced without one.
    package var invoiceAddress: PostalAddress?
    /// Its VAT identification number, as it stands on invoices.
    package var vatId: String?
    /// How long it may take to pay an invoice, days; nil for the organisation's term.
    package var paymentTermDays: Int64?
    /// Words of the client's own.
    package var metadata: [String: String]?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: AccountID, organisation: OrganisationID, kind: AccountKind, name: String, email: String? = nil,
        funding: AccountFunding? = nil, status: AccountStatus, creditLimitMinor: Int64? = nil,
        createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.kind = kind
        self.name = name
        self.email = email
        self.funding = funding
        self.status = status
        self.creditLimitMinor = creditLimitMinor
        self.createdAt = createdAt
        self.version = version
    }
}

/// A prepaid balance. `posted` and `pending` are minor units; `pending` is what is reserved.
package struct WalletRecord: VersionedRecord, Hashable {
    package static let table = "wallet"

    package let id: WalletID
    package var organisation: OrganisationID
    package var account: AccountID
    package var currency: Currency
    package var posted: Int64
    package var pending: Int64
    package var floor: Int64
    /// How it reloads by itself; nil is the default, and it does not.
    package var reload: WalletReload?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: WalletID, organisation: OrganisationID, account: AccountID, currency: Currency, posted: Int64,
        pending: Int64, floor: Int64, createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.account = account
        self.currency = currency
        self.posted = posted
        self.pending = pending
        self.floor = floor
        self.createdAt = createdAt
        self.version = version
    }
}

/// What identifies a driver to a station.
package struct TokenRecord: VersionedRecord, Hashable {
    package static let table = "token"

    package let id: TokenID
    package var organisation: OrganisationID
    package var kind: TokenKind
    package var uid: String
    package var folded: String
    package var account: AccountID?
    package var checkout: CheckoutID?
    package var status: AccountStatus
    package var validUntil: Instant?
    /// Whether it stops any session, as the staff's cards do (OCPP use case C16).
    package var masterPass: Bool
    /// What it may spend; nil without limits.
    package var limits: TokenLimits?
    /// Words of the client's own.
    package var metadata: [String: String]?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: TokenID, organisation: OrganisationID, kind: TokenKind, uid: String, folded: String,
        account: AccountID? = nil, checkout: CheckoutID? = nil, status: AccountStatus,
        validUntil: Instant? = nil, masterPass: Bool = false, limits: TokenLimits? = nil, createdAt: Instant,
        version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.kind = kind
        self.uid = uid
        self.folded = folded
        self.account = account
        self.checkout = checkout
        self.status = status
        self.validUntil = validUntil
        self.masterPass = masterPass
        self.limits = limits
        self.createdAt = createdAt
        self.version = version
    }
}

/// What a token may spend, minor units of its organisation's currency; nil is no limit.
package struct TokenLimits: Codable, Sendable, Hashable {
    package var sessionMinor: Int64?
    package var dayMinor: Int64?
    package var monthMinor: Int64?

    package init(sessionMinor: Int64? = nil, dayMinor: Int64? = nil, monthMinor: Int64? = nil) {
        self.sessionMinor = sessionMinor
        self.dayMinor = dayMinor
        self.monthMinor = monthMinor
    }

    /// Whether it limits nothing.
    package var isEmpty: Bool { sessionMinor == nil && dayMinor == nil && monthMinor == nil }
}

/// Another text by which a reader tells a token, confirmed by a person.
package struct TokenAliasRecord: Record, Hashable {
    package static let table = "token_alias"

    package let organisation: OrganisationID
    package let folded: String
    package let token: TokenID
    package let uid: String
    package let confirmedBy: String
    package let createdAt: Instant

    package init(
        organisation: OrganisationID, folded: String, token: TokenID, uid: String, confirmedBy: String,
        createdAt: Instant
    ) {
        self.organisation = organisation
        self.folded = folded
        self.token = token
        self.uid = uid
        self.confirmedBy = confirmedBy
        self.createdAt = createdAt
    }
}

/// A person who charges on an account. What is known of them is theirs: it may be exported and erased, and money,
/// documents and sessions name the account only.
package struct DriverRecord: VersionedRecord, OwnedRecord, Hashable {
    package static let table = "driver"

    package let id: DriverID
    package let organisation: OrganisationID
    package let account: AccountID
    package var name: String?
    package var email: String?
    /// BCP 47, e.g. `de`.
    package var language: String?
    /// Words of the client's own.
    package var metadata: [String: String]?
    package var erasedAt: Instant?
    package let createdAt: Instant
    package var version: Int64

    package init(
        id: DriverID, organisation: OrganisationID, account: AccountID, name: String?, email: String?,
        language: String?, createdAt: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.account = account
        self.name = name
        self.email = email
        self.language = language
        erasedAt = nil
        self.createdAt = createdAt
        version = 1
    }
}
