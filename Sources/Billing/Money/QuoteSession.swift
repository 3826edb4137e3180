// SPDX-License-Identifier: Apache-2.0

import Digests
import Payments
package import Quantities
package import Storage
package import Tariffs

/// Upstream of the river: freezes the tariff, its taxes and the hold that a driver is shown. What is frozen here is
/// what the live cost, the bill, the receipt and the charger's display are made of (I23).
package struct QuoteSession: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// A quote, saved. `limit` is the driver's own "at most"; it *is* the hold then (payments.md §6.1).
    /// `pricedAt` is when the session began, if it is told late: the tariff version valid then is frozen.
    package func callAsFunction(
        evse: EVSERecord, limit: Money? = nil, at now: Instant, pricedAt: Instant? = nil, in tx: Tx
    ) throws -> QuoteRecord {
        let place = try Place(of: evse, in: tx)
        // Where no price was valid yet when it began, the first one is.
        let then = try pricedAt.flatMap { try place.knownTariffVersion(at: $0, in: tx) }
        let (version, name) = try then ?? place.tariffVersion(at: now, in: tx)
        let tariff = try Self.snapshot(of: version, at: place.site)
        if let limit, limit.currency != tariff.currency {
            throw QuoteRefusal.currencyMismatch(limit.currency, tariff.currency)
        }
        let hold = try place.hold(for: tariff, usual: version.holdMinor, limit: limit)
        let body = tariff.canonicalJSON
        let fingerprint = [
            tariff.contentHash, place.site.timeZone, tariff.currency.code, String(hold.amount.minorUnits),
            evse.id.text,
        ]
        let quote = QuoteRecord(
            id: desk.ids.new(at: now), organisation: evse.organisation, evse: evse.id,
            tariffVersion: version.id,
            tariffName: name, tariff: body, tariffHash: tariff.contentHash, timeZone: place.site.timeZone,
            currency: tariff.currency, holdMinor: hold.amount.minorUnits, marginMinor: hold.margin.minorUnits,
            hash: "sha256:" + SHA256Digest.hex(of: Array(fingerprint.joined(separator: "|").utf8)),
            expiresAt: now + place.organisation.policy.quoteValidity, createdAt: now)
        try tx.insert(quote)
        return quote
    }

    /// What would be quoted at a place now; nil if nobody published a price there.
    package func offer(at place: Place, now: Instant, in tx: Tx) throws -> (tariff: Tariff, hold: Money)? {
        do {
            let (version, _) = try place.tariffVersion(at: now, in: tx)
            let tariff = try Self.snapshot(of: version, at: place.site)
            return (tariff, try place.hold(for: tariff, usual: version.holdMinor, limit: nil).amount)
        } catch QuoteRefusal.noTariff {
            return nil
        }
    }

    /// The tariff of a version with the site's taxes in it (decided.md, Taxes).
    package static func snapshot(of version: TariffVersionRecord, at site: SiteRecord) throws -> Tariff {
        try Tariff.decode(ocpi: version.body).0.taxed(
            by: site.taxProfile.profile, mode: site.taxProfile.included ? .included : .excluded)
    }
}

/// Why no quote could be made.
package enum QuoteRefusal: Error, Hashable {
    /// Nobody published a price for this EVSE: it cannot be started (C74).
    case noTariff(EVSEID)
    /// The driver's limit is in another currency.
    case currencyMismatch(Currency, Currency)
    /// The limit is below the smallest hold.
    case limitTooSmall(minimum: Money)
}

/// Where an EVSE stands: the rows above it.
package struct Place: Sendable {
    package let evse: EVSERecord
    package let station: StationRecord
    package let site: SiteRecord
    package let organisation: OrganisationRecord

    /// Loads station, site and organisation of an EVSE.
    package init(of evse: EVSERecord, in tx: Tx) throws {
        guard let station = try tx.find(StationRecord.self, evse.station),
            let site = try tx.find(SiteRecord.self, station.site),
            let organisation = try tx.find(OrganisationRecord.self, evse.organisation)
        else { throw QuoteRefusal.noTariff(evse.id) }
        self.evse = evse
        self.station = station
        self.site = site
        self.organisation = organisation
    }

    /// The same, or nil if nobody had published a price then.
    func knownTariffVersion(at instant: Instant, in tx: Tx) throws -> (TariffVersionRecord, name: String)? {
        do {
            return try tariffVersion(at: instant, in: tx)
        } catch QuoteRefusal.noTariff {
            return nil
        }
    }

    /// An EVSE uses its own tariff, else its station's, else the site's default (decided.md).
    package func tariffVersion(at now: Instant, in tx: Tx) throws -> (TariffVersionRecord, name: String) {
        guard let id = evse.tariff ?? station.tariff ?? site.defaultTariff,
            let tariff = try tx.find(TariffRecord.self, id),
            let version = try tx.tariffVersion(of: id, at: now)
        else { throw QuoteRefusal.noTariff(evse.id) }
        return (version, tariff.name)
    }
}

extension SiteTaxes {
    /// The rates by line kind, as the tariff engine wants them.
    package var profile: TaxProfile {
        TaxProfile(energy: energy, time: time, parking: parking, flat: flat, reservation: time)
    }
}
