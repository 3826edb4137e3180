// SPDX-License-Identifier: Apache-2.0
package import Charging
package import Quantities
package import Storage

/// Charging stations and their EVSEs: made, changed, let in from the waiting list.
package struct Stations: Sendable {
    let desk: Desk
    /// How long a refused station is not listed again: 30 days (charging.md §1).
    private static let refusal = Elapsed.hours(30 * 24)

    package init(desk: Desk) { self.desk = desk }

    /// What a station is made of.
    package struct Wish: Sendable, Hashable {
        package var site: SiteID
        package var identity: String
        /// 0 none, 1 Basic, 2 TLS and Basic; nil is 1.
        package var securityProfile: Int64?
        /// A password that the station has already; nil makes one for profiles that need it.
        package var password: String?
        package var tariff: TariffID?
        package var meterIntervalSeconds: Int64?
        package var evses: [StationPlan.EVSE]

        package init(site: SiteID, identity: String, evses: [StationPlan.EVSE]) {
            self.site = site
            self.identity = identity
            self.evses = evses
        }
    }

    /// A station with what is told once.
    package struct Issued: Sendable, Hashable {
        package let station: StationRecord
        package let evses: [EVSERecord]
        /// Told now and never again; nil if the station has none, or brought its own.
        package let password: String?
    }

    /// A new station with its EVSEs.
    package func create(_ wish: Wish, by author: Author) async throws -> Issued {
        let now = desk.clock.now
        try Self.check(wish)
        return try await desk.store.transaction { tx in try make(wish, by: author, in: tx, at: now) }
    }

    /// Lets a waiting station in: it becomes a station of this site, and must connect with the password told here.
    package func accept(_ identity: String, _ wish: Wish, by author: Author) async throws -> Issued {
        let now = desk.clock.now
        try Self.check(wish)
        return try await desk.store.transaction { tx in
            guard try tx.lockWaitingStation(identity) != nil else {
                throw AdministrationRefusal.notFound("waiting station")
            }
            let issued = try make(wish, by: author, in: tx, at: now)
            try tx.forgetWaiting(identity)
            return issued
        }
    }

    /// Does not list a waiting station for 30 days.
    package func refuse(_ identity: String, by author: Author) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard try tx.lockWaitingStation(identity) != nil else {
                throw AdministrationRefusal.notFound("waiting station")
            }
            try tx.refuseWaiting(identity, until: now + Self.refusal)
            try author.note("station.refused", identity, with: desk, in: tx, at: now)
        }
    }

    /// One more EVSE.
    package func addEVSE(_ plan: StationPlan.EVSE, to id: StationID, by author: Author) async throws
        -> EVSERecord
    {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let station = try author.lock(StationRecord.self, id, "station", in: tx)
            let site = try author.lock(SiteRecord.self, station.site, "site", in: tx)
            guard try tx.evse(number: plan.number, of: id) == nil else {
                throw AdministrationRefusal.invalid(
                    field: "/number", "The station has an EVSE \(plan.number).")
            }
            try author.check(TariffRecord.self, plan.tariff, field: "/tariff", in: tx)
            let evse = StationPlan(identity: "", securityProfile: 0, passwordHash: nil, evses: [])
                .row(of: try withFreeCode(plan, in: tx), at: station, in: site, with: desk, now: now)
            try tx.insert(evse)
            try author.note("evse.created", evse.id, with: desk, in: tx, at: now)
            return evse
        }
    }

    /// What may be changed of a station; nil leaves it as it is.
    package struct Changes: Sendable, Hashable {
        package var site: SiteID?
        package var tariff: TariffID?
        package var meterIntervalSeconds: Int64?
        /// Where its billed register is measured.
        package var meterLocation: StationMeter.Location?
        /// Whether its samples count from zero in each transaction.
        package var countsFromZero: Bool?
        /// Makes a new password, which is told once.
        package var makesNewPassword = false

        package init() {}
    }

    /// Changes a station, if it still has the version that was read.
    package func change(
        _ id: StationID, _ changes: Changes, version: Int64, by author: Author
    ) async throws -> Issued {
        let now = desk.clock.now
        let password = StationPassword.make(from: desk.ids)
        let salt = desk.ids.secret()
        return try await desk.store.transaction { tx in
            var station = try author.lock(StationRecord.self, id, "station", version: version, in: tx)
            try author.check(SiteRecord.self, changes.site, field: "/site", in: tx)
            try author.check(TariffRecord.self, changes.tariff, field: "/tariff", in: tx)
            station.site = changes.site ?? station.site
            station.tariff = changes.tariff ?? station.tariff
            station.meterIntervalSeconds = changes.meterIntervalSeconds ?? station.meterIntervalSeconds
            station.meter = changes.meter(of: station)
            if changes.makesNewPassword {
                station.passwordHash = StationPassword.hash(Array(password.utf8), salt: salt)
                station.securityProfile = max(1, station.securityProfile)
            }
            try tx.update(&station)
            try author.note("station.changed", id, with: desk, in: tx, at: now)
            return Issued(
                station: station, evses: try tx.evses(of: id),
                password: changes.makesNewPassword ? password : nil)
        }
    }

    private func make(_ wish: Wish, by author: Author, in tx: Tx, at now: Instant) throws -> Issued {
        try author.check(SiteRecord.self, wish.site, field: "/site", in: tx)
        guard let site = try tx.lock(SiteRecord.self, id: wish.site), site.archivedAt == nil else {
            throw AdministrationRefusal.invalid(field: "/site", "The site is archived.")
        }
        try author.check(TariffRecord.self, wish.tariff, field: "/tariff", in: tx)
        guard try tx.station(identity: wish.identity) == nil else {
            throw AdministrationRefusal.invalid(
                field: "/ocpp_identity", "A station of this installation has this identity already.")
        }
        let profile = wish.securityProfile ?? 1
        let password = wish.password ?? (profile == 0 ? nil : StationPassword.make(from: desk.ids))
        var evses: [StationPlan.EVSE] = []
        for (index, evse) in wish.evses.enumerated() {
            try author.check(TariffRecord.self, evse.tariff, field: "/evses/\(index)/tariff", in: tx)
            evses.append(try withFreeCode(evse, in: tx))
        }
        let plan = StationPlan(
            identity: wish.identity, securityProfile: profile,
            passwordHash: password.map { StationPassword.hash(Array($0.utf8), salt: desk.ids.secret()) },
            tariff: wish.tariff, meterIntervalSeconds: wish.meterIntervalSeconds ?? 60, evses: evses)
        let (station, rows) = try plan.make(at: site, with: desk, in: tx, at: now)
        try author.note("station.created", station.id, with: desk, in: tx, at: now)
        return Issued(station: station, evses: rows, password: wish.password == nil ? password : nil)
    }

    /// The plan with a code that no other EVSE has.
    private func withFreeCode(_ plan: StationPlan.EVSE, in tx: Tx) throws -> StationPlan.EVSE {
        var plan = plan
        if let code = plan.code {
            guard try !tx.isTaken(evseCode: code) else {
                throw AdministrationRefusal.invalid(field: "/evse_code", "Another EVSE has this code.")
            }
            return plan
        }
        repeat {
            plan.code = EVSECode.make(from: desk.ids.word())
        } while try tx.isTaken(evseCode: plan.code ?? "")
        return plan
    }

    private static func check(_ wish: Wish) throws {
        // OCPP 1.6 security paper §5.2.1 and 2.0.1 B01: the identity travels in a path and as the user of Basic, where a
        // colon would end it.
        let allowed = wish.identity.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || [45, 46, 61, 42, 124, 64, 95].contains($0)
        }
        guard allowed, (1...48).contains(wish.identity.utf8.count) else {
            throw AdministrationRefusal.invalid(
                field: "/ocpp_identity", "1 to 48 letters, digits and - . _ = * | @ are possible.")
        }
        if let password = wish.password, !(16...40).contains(password.utf8.count) {
            throw AdministrationRefusal.invalid(field: "/password", "A password has 16 to 40 characters.")
        }
        if wish.securityProfile == 0, wish.password != nil {
            throw AdministrationRefusal.invalid(field: "/password", "Security profile 0 has no password.")
        }
        guard !wish.evses.isEmpty, Set(wish.evses.map(\.number)).count == wish.evses.count else {
            throw AdministrationRefusal.invalid(field: "/evses", "A station has EVSEs of different numbers.")
        }
    }
}

extension Stations.Changes {
    /// How the station's meter is read from now on; nil for as OCPP says.
    fileprivate func meter(of station: StationRecord) -> StationMeter? {
        var meter = station.meter ?? StationMeter()
        meter.location = meterLocation ?? meter.location
        meter.countsFromZero = countsFromZero ?? meter.countsFromZero
        return meter == StationMeter() ? nil : meter
    }
}
