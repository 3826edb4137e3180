// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A named list of tariff versions.
package struct TariffRecord: VersionedRecord, Hashable {
    package static let table = "tariff"

    package let id: TariffID
    package var organisation: OrganisationID
    package var name: String
    package var currency: Currency
    package var createdAt: Instant
    package var archivedAt: Instant?
    package var version: Int64

    package init(
        id: TariffID, organisation: OrganisationID, name: String, currency: Currency, createdAt: Instant,
        archivedAt: Instant? = nil, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.name = name
        self.currency = currency
        self.createdAt = createdAt
        self.archivedAt = archivedAt
        self.version = version
    }
}

/// An immutable version of a tariff; `body` is its canonical JSON.
package struct TariffVersionRecord: VersionedRecord, Hashable {
    package static let table = "tariff_version"

    package let id: TariffVersionID
    package var organisation: OrganisationID
    package var tariff: TariffID
    package var number: Int64
    package var startsAt: Instant
    package var body: [UInt8]
    package var hash: String
    package var holdMinor: Int64?
    package var publishedAt: Instant?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: TariffVersionID, organisation: OrganisationID, tariff: TariffID, number: Int64, startsAt: Instant,
        body: [UInt8], hash: String, holdMinor: Int64? = nil, publishedAt: Instant? = nil, createdAt: Instant,
        version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.tariff = tariff
        self.number = number
        self.startsAt = startsAt
        self.body = body
        self.hash = hash
        self.holdMinor = holdMinor
        self.publishedAt = publishedAt
        self.createdAt = createdAt
        self.version = version
    }
}

/// The frozen price a driver saw; `tariff` is the snapshot every later price comes from.
package struct QuoteRecord: Record, Hashable {
    package static let table = "quote"

    package let id: QuoteID
    package let organisation: OrganisationID
    package let evse: EVSEID
    package let tariffVersion: TariffVersionID
    package let tariffName: String
    package let tariff: [UInt8]
    package let tariffHash: String
    package let timeZone: String
    package let currency: Currency
    package let holdMinor: Int64
    package let marginMinor: Int64
    package let hash: String
    package let expiresAt: Instant
    package let createdAt: Instant

    package init(
        id: QuoteID, organisation: OrganisationID, evse: EVSEID, tariffVersion: TariffVersionID,
        tariffName: String, tariff: [UInt8], tariffHash: String, timeZone: String, currency: Currency,
        holdMinor: Int64, marginMinor: Int64, hash: String, expiresAt: Instant, createdAt: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.evse = evse
        self.tariffVersion = tariffVersion
        self.tariffName = tariffName
        self.tariff = tariff
        self.tariffHash = tariffHash
        self.timeZone = timeZone
        self.currency = currency
        self.holdMinor = holdMinor
        self.marginMinor = marginMinor
        self.hash = hash
        self.expiresAt = expiresAt
        self.createdAt = createdAt
    }
}
