// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import JSONText
import Quantities
import Storage
import Tariffs

/// What is known of a text before it is a version: what the linter finds, and the box that a driver would see.
struct TariffPreview {
    let findings: [Finding]
    let box: PriceBox?
    /// The site whose taxes and clocks were taken.
    let site: String?

    /// Reads the text as the version would be read, with the taxes of a place where it is used.
    init(_ text: String, _ screen: TariffEditorScreen, _ visit: ConsoleVisit) async throws {
        let desk = visit.page.desk
        let now = desk.clock.now
        let place = try await desk.store.read { tx in
            try TariffPlace(of: screen.tariff, at: visit.organisation.id, in: tx)
        }
        let document = screen.document
        findings = TariffBook.findings(in: document, .init(at: now, power: place.power))
        site = place.site?.name
        // What cannot be read is among the findings.
        box = try (try? Tariff.decode(ocpi: document))?.tariff.box(at: place, desk, now: now)
    }
}

/// A site where a tariff is used, or would be.
struct TariffPlace {
    let site: SiteRecord?
    /// The largest power there.
    let power: Power?

    init(of tariff: TariffID?, at organisation: OrganisationID, in tx: Tx) throws {
        let sites = try tx.page(of: SiteRecord.self, for: organisation).rows
        let used = sites.first { $0.defaultTariff == tariff && tariff != nil }
        site = used ?? sites.last
        let evses = try site.map { try tx.stations(of: $0.id).flatMap { try tx.evses(of: $0.id) } } ?? []
        power = evses.map(\.powerMax).max()
    }
}

extension Tariff {
    /// The price box at a place, with its taxes and clocks.
    func box(at place: TariffPlace, _ desk: Desk, now: Instant) throws -> PriceBox {
        let zone = try desk.zones.rules(of: place.site?.timeZone ?? "UTC", from: now, to: now)
        guard let taxes = place.site?.taxProfile else {
            return PriceBox(self, at: now, in: zone, upTo: place.power)
        }
        let taxed = try self.taxed(by: taxes.profile, mode: taxes.included ? .included : .excluded)
        return PriceBox(taxed, at: now, in: zone, upTo: place.power)
    }
}

extension ShownFinding {
    /// What the linter found.
    init(_ finding: Finding) {
        let severity: Severity =
            switch finding.severity {
            case .error: .error
            case .warning: .warning
            case .info: .info
            }
        self.init(
            code: finding.code, severity: severity, path: finding.path, message: finding.message)
    }
}

extension TariffRow {
    /// A tariff with what its line shows.
    init(_ tariff: TariffRecord, _ visit: ConsoleVisit, _ shown: Shown, in tx: Tx) throws {
        let now = visit.page.desk.clock.now
        let versions = try tx.versions(of: tariff.id)
        let current = try tx.tariffVersion(of: tariff.id, at: now).map {
            try Tariff.decode(ocpi: $0.body).tariff
        }
        let prices = current?.displayPrices(at: now, in: shown.zone) ?? []
        let texts = prices.map { price in
            shown.unitPrice(
                price.price, price.currency, per: price.per == .session ? "" : price.per.rawValue)
        }
        self.init(
            id: tariff.id, name: tariff.name, priceNow: current.map { _ in texts.joined(separator: " · ") },
            versions: (versions.count, versions.count { $0.publishedAt == nil }),
            uses: try tx.uses(of: tariff.id).map(\.name), isArchived: tariff.archivedAt != nil)
    }
}

extension TariffScreen {
    /// One tariff with its versions and where it is used.
    init(_ tariff: TariffRecord, _ visit: ConsoleVisit, _ shown: Shown, in tx: Tx) throws {
        let desk = visit.page.desk
        let now = desk.clock.now
        let versions = try tx.versions(of: tariff.id)
        let current = try tx.tariffVersion(of: tariff.id, at: now)
        let place = try TariffPlace(of: tariff.id, at: tariff.organisation, in: tx)
        self.init(
            frame: try visit.frame(in: tx), row: try TariffRow(tariff, visit, shown, in: tx),
            uses: try tx.uses(of: tariff.id),
            versions: versions.map { version in
                let isDraft = version.publishedAt == nil
                let state: Version.State =
                    isDraft
                    ? .draft
                    : version.id == current?.id ? .inForce : version.startsAt > now ? .published : .past
                let findings = isDraft ? TariffBook.findings(in: version.body, .init(at: now)) : []
                return Version(
                    id: version.id, number: version.number, state: state, startsAt: version.startsAt,
                    hash: version.hash, findings: findings.map(ShownFinding.init))
            })
        box = try current.map { try Tariff.decode(ocpi: $0.body).tariff.box(at: place, desk, now: now) }
        taxedBy = box == nil ? nil : place.site?.name
    }
}

extension Tx {
    /// Everything that names a tariff.
    fileprivate func uses(of tariff: TariffID) throws -> [TariffScreen.Use] {
        try sites(using: tariff).map { .init(.site, $0.name) }
            + stations(using: tariff).map { .init(.station, $0.ocppIdentity) }
            + evses(using: tariff).map { .init(.point, $0.evseCode) }
    }
}
