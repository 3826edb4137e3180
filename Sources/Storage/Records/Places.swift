// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities

/// A place with stations.
package struct SiteRecord: VersionedRecord, Hashable {
    package static let table = "site"

    package let id: SiteID
    package var organisation: OrganisationID
    package var name: String
    package var address: PostalAddress
    package var timeZone: String
    package var country: String
    package var taxProfile: SiteTaxes
    package var supportPhone: String?
    package var host: String?
    package var defaultTariff: TariffID?
    package var createdAt: Instant
    package var archivedAt: Instant?
    package var version: Int64

    package init(
        id: SiteID, organisation: OrganisationID, name: String, address: PostalAddress, timeZone: String,
        country: String, taxProfile: SiteTaxes, supportPhone: String? = nil, host: String? = nil,
        defaultTariff: TariffID? = nil, createdAt: Instant, archivedAt: Instant? = nil, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.name = name
        self.address = address
        self.timeZone = timeZone
        self.country = country
        self.taxProfile = taxProfile
        self.supportPhone = supportPhone
        self.host = host
        self.defaultTariff = defaultTariff
        self.createdAt = createdAt
        self.archivedAt = archivedAt
        self.version = version
    }
}

/// A charging station.
package struct StationRecord: VersionedRecord, Hashable {
    package static let table = "station"

    package let id: StationID
    package var organisation: OrganisationID
    package var site: SiteID
    package var ocppIdentity: String
    package var securityProfile: Int64
    package var passwordHash: String?
    package var tariff: TariffID?
    package var meterIntervalSeconds: Int64
    package var ocppVersion: String?
    package var vendor: String?
    package var model: String?
    package var serialNumber: String?
    package var firmwareVersion: String?
    package var bootedAt: Instant?
    /// What it said of its settings at its last boot; nil until then.
    package var configuration: [String: String]?
    /// By how much its clock is wrong; nil while nothing says so.
    package var clock: ClockOffset?
    /// How its meter values are to be read, if not as OCPP says.
    package var meter: StationMeter?
    package var connectedAt: Instant?
    package var lastSeenAt: Instant?
    /// Until then it may come in without its password; nil if it may not.
    package var windowUntil: Instant?
    package var createdAt: Instant
    package var version: Int64

    package init(
        id: StationID, organisation: OrganisationID, site: SiteID, ocppIdentity: String,
        securityProfile: Int64, passwordHash: String? = nil, tariff: TariffID? = nil,
        meterIntervalSeconds: Int64, ocppVersion: String? = nil, vendor: String? = nil, model: String? = nil,
        serialNumber: String? = nil, firmwareVersion: String? = nil, bootedAt: Instant? = nil,
        connectedAt: Instant? = nil, lastSeenAt: Instant? = nil, createdAt: Instant, version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.site = site
        self.ocppIdentity = ocppIdentity
        self.securityProfile = securityProfile
        self.passwordHash = passwordHash
        self.tariff = tariff
        self.meterIntervalSeconds = meterIntervalSeconds
        self.ocppVersion = ocppVersion
        self.vendor = vendor
        self.model = model
        self.serialNumber = serialNumber
        self.firmwareVersion = firmwareVersion
        self.bootedAt = bootedAt
        self.connectedAt = connectedAt
        self.lastSeenAt = lastSeenAt
        self.createdAt = createdAt
        self.version = version
    }
}

/// An unknown station that knocked.
package struct WaitingStationRecord: Record, Hashable {
    package static let table = "station_waiting"

    package var identity: String
    package var address: String
    package var offered: String
    package var hasPassword: Bool
    package var firstSeenAt: Instant
    package var lastSeenAt: Instant
    package var count: Int64
    package var refusedUntil: Instant?

    package init(
        identity: String, address: String, offered: String, hasPassword: Bool, firstSeenAt: Instant,
        lastSeenAt: Instant, count: Int64, refusedUntil: Instant? = nil
    ) {
        self.identity = identity
        self.address = address
        self.offered = offered
        self.hasPassword = hasPassword
        self.firstSeenAt = firstSeenAt
        self.lastSeenAt = lastSeenAt
        self.count = count
        self.refusedUntil = refusedUntil
    }
}

/// The unit that charges one car at a time.
package struct EVSERecord: VersionedRecord, Hashable {
    package static let table = "evse"

    package let id: EVSEID
    package var organisation: OrganisationID
    package var station: StationID
    package var number: Int64
    package var evseCode: String
    package var evseId: String
    package var currentType: CurrentType
    package var powerMax: Power
    package var connectors: [ConnectorType]
    package var tariff: TariffID?
    package var status: EVSEStatus
    package var wireStatus: String?
    package var statusAt: Instant?
    package var version: Int64

    package init(
        id: EVSEID, organisation: OrganisationID, station: StationID, number: Int64, evseCode: String,
        evseId: String, currentType: CurrentType, powerMax: Power, connectors: [ConnectorType],
        tariff: TariffID? = nil, status: EVSEStatus, wireStatus: String? = nil, statusAt: Instant? = nil,
        version: Int64 = 1
    ) {
        self.id = id
        self.organisation = organisation
        self.station = station
        self.number = number
        self.evseCode = evseCode
        self.evseId = evseId
        self.currentType = currentType
        self.powerMax = powerMax
        self.connectors = connectors
        self.tariff = tariff
        self.status = status
        self.wireStatus = wireStatus
        self.statusAt = statusAt
        self.version = version
    }
}
