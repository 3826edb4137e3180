// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A tenant.
package struct OrganisationRecord: VersionedRecord, Hashable {
    package static let table = "organisation"

    package let id: OrganisationID
    package var kind: OrganisationKind
    package var name: String
    package var legalName: String
    package var vatId: String?
    package var address: PostalAddress
    package var currency: Currency
    package var timeZone: String
    package var country: String
    package var supportPhone: String?
    package var email: String?
    package var policy: OrganisationPolicy
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: OrganisationID, kind: OrganisationKind, name: String, legalName: String, vatId: String? = nil,
        address: PostalAddress, currency: Currency, timeZone: String, country: String,
        supportPhone: String? = nil, email: String? = nil, policy: OrganisationPolicy, createdAt: Instant,
        version: Int64 = 1
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.legalName = legalName
        self.vatId = vatId
        self.address = address
        self.currency = currency
        self.timeZone = timeZone
        self.country = country
        self.supportPhone = supportPhone
        self.email = email
        self.policy = policy
        self.createdAt = createdAt
        self.version = version
    }
}

/// A credential; only the hash of its secret is kept.
package struct APIKeyRecord: VersionedRecord, Hashable {
    package static let table = "api_key"

    package let id: APIKeyID
    package var organisation: OrganisationID
    package var scope: KeyScope
    package var name: String
    package var secretHash: String
    package var hint: String
    /// The only sites it may see; nil for all of them.
    package var sites: [SiteID]?
    /// The most that one refund may give back; nil for no limit.
    package var refundLimit: Money?
    /// Networks it may be used from, e.g. `192.0.2.0/24`; nil for anywhere.
    package var allowedIps: [String]?
    /// The version of the API that it was made for: what a request that names none is answered by. Nil for a key of before
    /// there was a choice.
    package var apiVersion: String?
    package var createdAt: Instant
    package var expiresAt: Instant?
    package var revokedAt: Instant?
    package var version: Int64

    package init(
        id: APIKeyID, organisation: OrganisationID, scope: KeyScope, name: String, secretHash: String,
        hint: String, apiVersion: String = APIVersion.current, createdAt: Instant,
        expiresAt: Instant? = nil, revokedAt: Instant? = nil, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.scope = scope
        self.name = name
        self.secretHash = secretHash
        self.hint = hint
        self.apiVersion = apiVersion
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.version = version
    }
}

/// A short-lived credential of one account; only the hash of its secret is kept.
package struct DriverTokenRecord: Record, Hashable {
    package static let table = "driver_token"

    package let secretHash: String
    package let organisation: OrganisationID
    package let account: AccountID
    /// The key that minted it.
    package let madeBy: String
    package let createdAt: Instant
    package let expiresAt: Instant

    package init(
        secretHash: String, organisation: OrganisationID, account: AccountID, madeBy: String,
        createdAt: Instant, expiresAt: Instant
    ) {
        self.secretHash = secretHash
        self.organisation = organisation
        self.account = account
        self.madeBy = madeBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// An account at a payment gateway.
package struct GatewayAccountRecord: VersionedRecord, Hashable {
    package static let table = "gateway_account"
    package static let secretColumns = ["secret", "webhook_secret", "former_webhook_secret"]

    package let id: GatewayAccountID
    package var organisation: OrganisationID
    package var kind: String
    package var name: String
    package var secret: String
    package var webhookSecret: String
    package var baseUrl: String
    /// Stripe's connected account, Adyen's merchant account.
    package var connectedAccount: String?
    /// The secret before the present one, still believed while it is being changed (F27).
    package var formerWebhookSecret: String?
    /// New payments go to the account that was preferred last; nil for one that is not.
    package var preferredAt: Instant?
    package var checkedAt: Instant?
    /// What came of the last check.
    package var checkResult: String?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: GatewayAccountID, organisation: OrganisationID, kind: String, name: String, secret: String,
        webhookSecret: String, baseUrl: String, createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.kind = kind
        self.name = name
        self.secret = secret
        self.webhookSecret = webhookSecret
        self.baseUrl = baseUrl
        self.createdAt = createdAt
        self.version = version
    }
}
