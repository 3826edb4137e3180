// SPDX-License-Identifier: Apache-2.0

import Charging
import Digests
package import Quantities
import Storage
import Tariffs

/// A small charging network to look at: one site, two stations, a tariff, and a driver with a card and a balance.
///
/// Made once per database and in one transaction: killed at any moment, it is there whole or not at all, and the next start
/// makes it or finds it.
package struct SeedDemonstration: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What the demonstration runs on.
    package struct Seeded: Sendable, Hashable {
        /// Identity and EVSE code per station.
        package var stations: [Station]
        /// The driver's card.
        package var card: String

        /// One station of it.
        package struct Station: Sendable, Hashable {
            package var identity: String
            package var code: String
        }
    }

    private static let card = "04A1B2C3D4E5F6"

    /// Makes it, or finds it.
    package func callAsFunction(in organisation: OrganisationID) async throws -> Seeded {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard try tx.station(identity: "DEMO-1") == nil else { return }
            let site = try makeSite(organisation, in: tx, at: now)
            try makeStations(at: site, in: tx, at: now)
            let wallet = try makeDriver(organisation, in: tx, at: now)
            _ = try CreditWallet(desk: desk)(
                .eur(200_00), to: wallet, because: "opening balance of the demonstration", actor: "demo",
                cause: "demo-opening-\(wallet)", in: tx, at: now)
        }
        return try await desk.store.read { tx in
            let stations = try ["DEMO-1", "DEMO-2"].compactMap { identity -> Seeded.Station? in
                guard let station = try tx.station(identity: identity),
                    let evse = try tx.evses(of: station.id).first
                else { return nil }
                return Seeded.Station(identity: identity, code: evse.evseCode)
            }
            return Seeded(stations: stations, card: Self.card)
        }
    }

    private func makeSite(_ organisation: OrganisationID, in tx: Tx, at now: Instant) throws -> SiteRecord {
        let tariff = TariffRecord(
            id: desk.ids.new(at: now), organisation: organisation, name: "Harbour standard", currency: .eur,
            createdAt: now)
        try tx.insert(tariff)
        var fees = Tariff.Fees()
        fees.idlePerMinute = Rate(decimal: "0.10")
        fees.idleGraceSeconds = 300
        fees.idleCap = Rate(decimal: "12")
        let price = try Tariff.simple(
            id: tariff.id.text, currency: .eur, energyPerKWh: Rate(billionths: 490_000_000), fees: fees)
        try tx.insert(
            TariffVersionRecord(
                id: desk.ids.new(at: now), organisation: organisation, tariff: tariff.id, number: 1,
                startsAt: now,
                body: price.canonicalJSON, hash: price.contentHash, publishedAt: now, createdAt: now))
        let site = SiteRecord(
            id: desk.ids.new(at: now), organisation: organisation, name: "Harbour",
            address: PostalAddress(
                street: "Kaistraße 1", postalCode: "20457", city: "Hamburg", country: "DE"),
            timeZone: "Europe/Berlin", country: "DE",
            taxProfile: .all(TaxRate(percent: 19), included: true, country: "DE"),
            supportPhone: "+49 40 0000000",
            defaultTariff: tariff.id, createdAt: now)
        try tx.insert(site)
        return site
    }

    private func makeStations(at site: SiteRecord, in tx: Tx, at now: Instant) throws {
        for (number, current, watts) in [(1, CurrentType.dc, Int64(150_000)), (2, .ac, 22_000)] {
            let plan = StationPlan(
                identity: "DEMO-\(number)", securityProfile: 0, passwordHash: nil, meterIntervalSeconds: 15,
                evses: [StationPlan.EVSE(number: 1, current: current, powerMax: Power(watts: watts))])
            _ = try plan.make(at: site, with: desk, in: tx, at: now)
        }
    }

    private func makeDriver(_ organisation: OrganisationID, in tx: Tx, at now: Instant) throws -> WalletID {
        let account = AccountRecord(
            id: desk.ids.new(at: now), organisation: organisation, kind: .personal,
            name: "Kim (demonstration)",
            funding: .wallet, status: .active, createdAt: now)
        try tx.insert(account)
        let wallet = WalletRecord(
            id: desk.ids.new(at: now), organisation: organisation, account: account.id, currency: .eur,
            posted: 0,
            pending: 0, floor: 0, createdAt: now)
        try tx.insert(wallet)
        try tx.insert(
            TokenRecord(
                id: desk.ids.new(at: now), organisation: organisation, kind: .rfid, uid: Self.card,
                folded: PresentedToken.folded(Self.card), account: account.id, status: .active, createdAt: now
            ))
        return wallet.id
    }
}
