// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// Places with stations.
package struct Sites: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What a site is made of, or what is to be changed of it; nil leaves it as it is.
    package struct Wish: Sendable, Hashable {
        package var name: String?
        package var address: PostalAddress?
        package var timeZone: String?
        package var country: String?
        package var taxes: SiteTaxes?
        package var supportPhone: String?
        package var host: String?
        package var defaultTariff: TariffID?

        package init() {}
    }

    /// A new site. What is left out comes from the organisation; a site without taxes states none.
    package func create(_ wish: Wish, by author: Author) async throws -> SiteRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let organisation = try tx.find(OrganisationRecord.self, author.organisation) else {
                throw AdministrationRefusal.notFound("organisation")
            }
            let country = wish.country ?? organisation.country
            var site = SiteRecord(
                id: desk.ids.new(at: now), organisation: organisation.id,
                name: wish.name ?? organisation.name,
                address: wish.address ?? organisation.address, timeZone: organisation.timeZone,
                country: country,
                taxProfile: .all(nil, included: true, country: country),
                supportPhone: organisation.supportPhone, createdAt: now)
            try apply(wish, to: &site, by: author, in: tx)
            try tx.insert(site)
            try author.note("site.created", site.id, with: desk, in: tx, at: now)
            return site
        }
    }

    /// Changes a site, if it still has the version that was read.
    package func change(_ id: SiteID, _ wish: Wish, version: Int64, by author: Author) async throws
        -> SiteRecord
    {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var site = try author.lock(SiteRecord.self, id, "site", version: version, in: tx)
            try apply(wish, to: &site, by: author, in: tx)
            try tx.update(&site)
            try author.note("site.changed", id, with: desk, in: tx, at: now)
            return site
        }
    }

    /// A site without stations is not shown any more. What happened there stays.
    package func archive(_ id: SiteID, by author: Author) async throws -> SiteRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var site = try author.lock(SiteRecord.self, id, "site", in: tx)
            guard site.archivedAt == nil else { return site }
            guard try !tx.hasStations(id) else {
                throw AdministrationRefusal.invalidState("has_stations", allowed: ["empty"])
            }
            site.archivedAt = now
            try tx.update(&site)
            try author.note("site.archived", id, with: desk, in: tx, at: now)
            return site
        }
    }

    private func apply(_ wish: Wish, to site: inout SiteRecord, by author: Author, in tx: Tx) throws {
        try author.check(TariffRecord.self, wish.defaultTariff, field: "/default_tariff", in: tx)
        if let zone = wish.timeZone { try desk.check(zone: zone, field: "/time_zone") }
        site.name = wish.name ?? site.name
        site.address = wish.address ?? site.address
        site.timeZone = wish.timeZone ?? site.timeZone
        site.country = wish.country ?? site.country
        site.taxProfile = wish.taxes ?? site.taxProfile
        site.supportPhone = wish.supportPhone ?? site.supportPhone
        site.host = wish.host ?? site.host
        site.defaultTariff = wish.defaultTariff ?? site.defaultTariff
    }
}
