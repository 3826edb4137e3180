// SPDX-License-Identifier: Apache-2.0

import Charging
package import Quantities
package import Storage

/// A station to be made, with its EVSEs.
package struct StationPlan: Sendable, Hashable {
    /// The OCPP identity, unique per installation.
    package var identity: String
    /// 0 none, 1 Basic, 2 TLS and Basic.
    package var securityProfile: Int64
    /// The stored form of its password; nil for none.
    package var passwordHash: String?
    /// The tariff of all its EVSEs that have none of their own.
    package var tariff: TariffID?
    /// Seconds between meter values that we ask it for.
    package var meterIntervalSeconds: Int64
    /// Its EVSEs.
    package var evses: [EVSE]

    /// An EVSE to be made.
    package struct EVSE: Sendable, Hashable {
        package var number: Int64
        package var current: CurrentType
        package var powerMax: Power
        package var connectors: [ConnectorType]
        package var tariff: TariffID?
        package var code: String?

        package init(
            number: Int64, current: CurrentType, powerMax: Power, connectors: [ConnectorType] = [],
            tariff: TariffID? = nil, code: String? = nil
        ) {
            self.number = number
            self.current = current
            self.powerMax = powerMax
            self.connectors =
                connectors.isEmpty
                ? [ConnectorType(number: 1, standard: current == .dc ? "IEC_62196_T2_COMBO" : "IEC_62196_T2")]
                : connectors
            self.tariff = tariff
            self.code = code
        }
    }

    package init(
        identity: String, securityProfile: Int64, passwordHash: String?, tariff: TariffID? = nil,
        meterIntervalSeconds: Int64 = 60, evses: [EVSE]
    ) {
        self.identity = identity
        self.securityProfile = securityProfile
        self.passwordHash = passwordHash
        self.tariff = tariff
        self.meterIntervalSeconds = meterIntervalSeconds
        self.evses = evses
    }

    /// Makes the rows. A second station of the same identity is a unique violation.
    package func make(
        at site: SiteRecord, with desk: Desk, in tx: Tx, at now: Instant
    ) throws -> (station: StationRecord, evses: [EVSERecord]) {
        let station = StationRecord(
            id: desk.ids.new(at: now), organisation: site.organisation, site: site.id, ocppIdentity: identity,
            securityProfile: securityProfile, passwordHash: passwordHash, tariff: tariff,
            meterIntervalSeconds: meterIntervalSeconds, createdAt: now)
        try tx.insert(station)
        let rows = evses.map { evse in row(of: evse, at: station, in: site, with: desk, now: now) }
        for row in rows { try tx.insert(row) }
        return (station, rows)
    }

    /// One EVSE's row; its code is random unless the plan names one.
    package func row(
        of evse: EVSE, at station: StationRecord, in site: SiteRecord, with desk: Desk, now: Instant
    ) -> EVSERecord {
        let code = evse.code ?? EVSECode.make(from: desk.ids.word())
        return EVSERecord(
            id: desk.ids.new(at: now), organisation: site.organisation, station: station.id,
            number: evse.number,
            evseCode: code, evseId: "\(site.country)*AMP*E\(code)*\(evse.number)", currentType: evse.current,
            powerMax: evse.powerMax, connectors: evse.connectors, tariff: evse.tariff, status: .unknown)
    }
}

/// The code printed on an EVSE and in its QR code: six characters that nobody mixes up.
package enum EVSECode {
    /// Capital letters and digits without 0, O, 1, I, L, U.
    private static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// A code from random bits; 30⁶ is 729 million.
    package static func make(from bits: UInt64) -> String {
        var rest = bits
        var code: [UInt8] = []
        for _ in 0..<6 {
            code.append(alphabet[Int(rest % UInt64(alphabet.count))])
            rest /= UInt64(alphabet.count)
        }
        return String(decoding: code, as: UTF8.self)
    }
}
