// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage
package import Tariffs

/// Tariffs and their versions: written, checked, published. A version never changes; a new price is a new version.
package struct TariffBook: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// A version as somebody wrote it.
    package struct Draft: Sendable, Hashable {
        /// An OCPI 2.3.0 Tariff object with our extensions, as UTF-8.
        package var document: [UInt8]
        /// From when sessions may start under it; nil is now.
        package var startsAt: Instant?
        /// A hold of its own, minor units.
        package var holdMinor: Int64?

        package init(document: [UInt8], startsAt: Instant? = nil, holdMinor: Int64? = nil) {
            self.document = document
            self.startsAt = startsAt
            self.holdMinor = holdMinor
        }
    }

    /// A new tariff, perhaps with its first version, perhaps published at once.
    package func create(
        name: String, currency: Currency, first draft: Draft?, publishes: Bool, by author: Author
    ) async throws -> (tariff: TariffRecord, version: TariffVersionRecord?) {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let tariff = TariffRecord(
                id: desk.ids.new(at: now), organisation: author.organisation, name: name, currency: currency,
                createdAt: now)
            try tx.insert(tariff)
            try author.note("tariff.created", tariff.id, with: desk, in: tx, at: now)
            guard let draft else { return (tariff, nil) }
            var version = try add(draft, to: tariff, by: author, in: tx, at: now)
            if publishes { try publish(&version, of: tariff, by: author, in: tx, at: now) }
            return (tariff, version)
        }
    }

    /// One more version.
    package func add(
        _ draft: Draft, to id: TariffID, publishes: Bool, by author: Author
    ) async throws -> TariffVersionRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let tariff = try author.lock(TariffRecord.self, id, "tariff", in: tx)
            guard tariff.archivedAt == nil else {
                throw AdministrationRefusal.invalidState("archived", allowed: ["active"])
            }
            var version = try add(draft, to: tariff, by: author, in: tx, at: now)
            if publishes { try publish(&version, of: tariff, by: author, in: tx, at: now) }
            return version
        }
    }

    /// From its start on, sessions may be quoted under this version.
    package func publish(
        _ id: TariffVersionID, of tariff: TariffID, by author: Author
    ) async throws -> TariffVersionRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let tariff = try author.lock(TariffRecord.self, tariff, "tariff", in: tx)
            var version = try author.lock(TariffVersionRecord.self, id, "tariff version", in: tx)
            guard version.tariff == tariff.id else { throw AdministrationRefusal.notFound("tariff version") }
            try publish(&version, of: tariff, by: author, in: tx, at: now)
            return version
        }
    }

    /// The tariff is not offered for new EVSEs any more; where it is in use it stays.
    package func archive(_ id: TariffID, by author: Author) async throws -> TariffRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var tariff = try author.lock(TariffRecord.self, id, "tariff", in: tx)
            guard tariff.archivedAt == nil else { return tariff }
            tariff.archivedAt = now
            try tx.update(&tariff)
            try author.note("tariff.archived", id, with: desk, in: tx, at: now)
            return tariff
        }
    }

    /// What is wrong with a version: what keeps it from being published, and what a person should look at.
    package static func findings(
        in document: [UInt8], _ surroundings: Linter.Surroundings = Linter.Surroundings()
    ) -> [Finding] {
        Linter(surroundings).findings(inOCPI: document)
    }

    /// What keeps a version from being kept at all: what cannot be read, and a condition that nobody knows, for a
    /// version keeps only what is known. Other errors keep it from being published.
    private static func obstacles(in document: [UInt8]) -> [Finding] {
        do throws(TariffError) {
            _ = try Tariff.decode(ocpi: document)
        } catch {
            return findings(in: document)
        }
        return findings(in: document).filter { $0.code == "unknown_field_in_restrictions" }
    }

    private func add(
        _ draft: Draft, to tariff: TariffRecord, by author: Author, in tx: Tx, at now: Instant
    ) throws -> TariffVersionRecord {
        let errors = Self.obstacles(in: draft.document)
        guard errors.isEmpty else { throw AdministrationRefusal.tariffHasErrors(errors) }
        let decoded = try Tariff.decode(ocpi: draft.document).tariff
        guard decoded.currency == tariff.currency else {
            throw AdministrationRefusal.currencyMismatch(decoded.currency, tariff.currency)
        }
        if let hold = draft.holdMinor, hold <= 0 {
            throw AdministrationRefusal.invalid(field: "/hold/amount", "A hold is more than zero.")
        }
        let version = TariffVersionRecord(
            id: desk.ids.new(at: now), organisation: tariff.organisation, tariff: tariff.id,
            number: try tx.nextVersionNumber(of: tariff.id), startsAt: draft.startsAt ?? now,
            body: decoded.canonicalJSON, hash: decoded.contentHash, holdMinor: draft.holdMinor, createdAt: now
        )
        try tx.insert(version)
        try author.note("tariff.version_created", version.id, with: desk, in: tx, at: now)
        return version
    }

    private func publish(
        _ version: inout TariffVersionRecord, of tariff: TariffRecord, by author: Author, in tx: Tx,
        at now: Instant
    ) throws {
        guard version.publishedAt == nil else { return }
        let errors = Self.findings(in: version.body).filter { $0.severity == .error }
        guard errors.isEmpty else { throw AdministrationRefusal.tariffHasErrors(errors) }
        version.publishedAt = now
        try tx.update(&version)
        try author.note("tariff.published", version.id, with: desk, in: tx, at: now)
    }
}
