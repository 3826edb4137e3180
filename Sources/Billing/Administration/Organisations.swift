// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// Tenants: more of them by the command line, changes by the API. `FoundInstallation` makes the first one.
package struct Organisations: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What an organisation is made of.
    package struct Plan: Sendable, Hashable {
        package var kind: OrganisationKind
        package var name: String
        package var currency: Currency
        package var timeZone: String
        package var country: String

        package init(
            kind: OrganisationKind = .test, name: String = "My charging network", currency: Currency = .eur,
            timeZone: String = "Europe/Berlin", country: String = "DE"
        ) {
            self.kind = kind
            self.name = name
            self.currency = currency
            self.timeZone = timeZone
            self.country = country
        }
    }

    /// One more organisation with its first operator key.
    package func create(_ plan: Plan) async throws -> (organisation: OrganisationRecord, secret: String) {
        try desk.check(zone: plan.timeZone, field: "/time_zone")
        let now = desk.clock.now
        let text = APIKey.make(live: plan.kind == .live, from: desk.ids.secret())
        return try await desk.store.transaction { tx in (try make(plan, secret: text, in: tx, at: now), text)
        }
    }

    private func make(_ plan: Plan, secret: String, in tx: Tx, at now: Instant) throws -> OrganisationRecord {
        let organisation = OrganisationRecord(
            id: desk.ids.new(at: now), kind: plan.kind, name: plan.name, legalName: plan.name,
            address: PostalAddress(street: "", postalCode: "", city: "", country: plan.country),
            currency: plan.currency, timeZone: plan.timeZone, country: plan.country,
            policy: OrganisationPolicy(),
            createdAt: now)
        try tx.insert(organisation)
        let key = APIKeyRecord(
            id: desk.ids.new(at: now), organisation: organisation.id, scope: .operator,
            name: "first operator key",
            secretHash: APIKey.hash(secret), hint: APIKey.hint(secret), createdAt: now)
        try tx.insert(key)
        let author = Author(organisation: organisation.id, name: "server")
        try author.note("organisation.created", organisation.id, with: desk, in: tx, at: now)
        return organisation
    }

    /// What may be changed of an organisation; nil leaves it as it is. Its kind never changes (api.md §2).
    package struct Changes: Sendable, Hashable {
        package var name: String?
        package var legalName: String?
        package var vatId: String?
        package var address: PostalAddress?
        package var currency: Currency?
        package var timeZone: String?
        package var country: String?
        package var supportPhone: String?
        package var email: String?
        package var policy: OrganisationPolicy?
        /// Where gateways' pages may send drivers back to; an empty list allows our own pages only.
        package var returnURLs: [String]?

        package init() {}
    }

    /// Changes the author's organisation, if it still has the version that was read.
    package func change(_ changes: Changes, version: Int64, by author: Author) async throws
        -> OrganisationRecord
    {
        let now = desk.clock.now
        if let zone = changes.timeZone { try desk.check(zone: zone, field: "/time_zone") }
        return try await desk.store.transaction { tx in
            guard var row = try tx.lock(OrganisationRecord.self, id: author.organisation) else {
                throw AdministrationRefusal.notFound("organisation")
            }
            guard row.version == version else {
                throw AdministrationRefusal.versionConflict(current: row.version)
            }
            row.name = changes.name ?? row.name
            row.legalName = changes.legalName ?? row.legalName
            row.vatId = changes.vatId ?? row.vatId
            row.address = changes.address ?? row.address
            row.currency = changes.currency ?? row.currency
            row.timeZone = changes.timeZone ?? row.timeZone
            row.country = changes.country ?? row.country
            row.supportPhone = changes.supportPhone ?? row.supportPhone
            row.email = changes.email ?? row.email
            row.policy = changes.policy ?? row.policy
            row.policy.returnURLs = changes.returnURLs ?? row.policy.returnURLs
            try Self.check(row.policy)
            try tx.update(&row)
            try author.note("organisation.changed", row.id, with: desk, in: tx, at: now)
            return row
        }
    }

    /// Holds that contradict themselves would stop every start, and a careless address would send drivers anywhere.
    private static func check(_ policy: OrganisationPolicy) throws {
        for (index, address) in (policy.returnURLs ?? []).enumerated() {
            if let flaw = ReturnAddresses.flaw(of: address) {
                throw AdministrationRefusal.invalid(field: "/return_urls/\(index)", flaw)
            }
        }
        let bounds = policy.holdMinimum...max(policy.holdMinimum, policy.holdMaximum)
        guard policy.holdMinimum > 0, policy.holdMaximum >= policy.holdMinimum, policy.holdStep > 0 else {
            throw AdministrationRefusal.invalid(
                field: "/policy/hold_minimum",
                "A hold has a minimum above zero, a maximum above it and a step.")
        }
        for (field, amount) in [
            ("ac", policy.holdAC), ("dc", policy.holdDC), ("ultra", policy.holdUltra),
        ] where !bounds.contains(amount) {
            throw AdministrationRefusal.invalid(
                field: "/policy/hold_\(field)", "It must lie between the minimum and the maximum.")
        }
    }
}

extension Desk {
    /// Refuses the name of a zone that the system does not know.
    func check(zone: String, field: String) throws {
        do {
            _ = try zones.rules(of: zone, from: clock.now, to: clock.now)
        } catch {
            throw AdministrationRefusal.invalid(field: field, "\"\(zone.prefix(40))\" is no time zone.")
        }
    }
}
