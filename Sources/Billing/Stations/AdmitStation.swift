// SPDX-License-Identifier: Apache-2.0

import Charging
import Logging
import Quantities
import Storage
import Synchronization

/// Decides whether a station may connect (charging.md §1; C2, C3).
package struct AdmitStation: Sendable {
    let desk: Desk
    let guesses: GuessLimit

    package init(desk: Desk, guesses: GuessLimit) {
        self.desk = desk
        self.guesses = guesses
    }

    /// Nothing of a refused station is kept but its row on the waiting list.
    package func callAsFunction(_ knock: StationKnock) async throws -> Admission {
        let now = desk.clock.now
        if guesses.isBlocked(knock.address, at: now) { return .tooManyAttempts }
        let admission = try await desk.store.read { tx in try known(knock, in: tx, at: now) }
        switch admission {
        case .unknown?, nil: return try await meet(knock, at: now)
        case .wrongCredential?:
            guesses.note(knock.address, at: now)
            desk.log.warning(
                "station refused", metadata: ["identity": "\(knock.identity)", "why": "credential"])
            return .wrongCredential
        case let admission?: return admission
        }
    }

    private func known(_ knock: StationKnock, in tx: Tx, at now: Instant) throws -> Admission? {
        guard let station = try tx.station(identity: knock.identity) else { return nil }
        if station.securityProfile >= 2, !knock.isEncrypted { return .wrongCredential }
        // An operator opened the window for this identity: it comes in as it is, and gets its password at its boot.
        if let until = station.windowUntil, now < until { return .admitted(station.id) }
        guard let stored = station.passwordHash else {
            return desk.settings.allowInsecure ? .admitted(station.id) : .wrongCredential
        }
        guard let credential = knock.credential, credential.user == station.ocppIdentity,
            StationPassword.matches(credential.password, stored: stored)
        else { return .wrongCredential }
        return .admitted(station.id)
    }

    /// A station that nobody knows: refused, listed, or made, as the installation decided.
    private func meet(_ knock: StationKnock, at now: Instant) async throws -> Admission {
        switch desk.settings.unknownStations {
        case .refuse:
            return .unknown
        case .pending:
            try await desk.store.transaction { tx in try tx.noteWaiting(knock.row, at: now) }
            desk.log.notice("unknown station is waiting", metadata: ["identity": "\(knock.identity)"])
            return .unknown
        case .admit(let site):
            return try await desk.store.transaction { tx in try make(knock, on: site, in: tx, at: now) }
        }
    }

    private func make(_ knock: StationKnock, on site: SiteID, in tx: Tx, at now: Instant) throws -> Admission
    {
        if let station = try tx.station(identity: knock.identity) { return .admitted(station.id) }
        guard let site = try tx.find(SiteRecord.self, site),
            let organisation = try tx.find(OrganisationRecord.self, site.organisation),
            organisation.kind == .test
        else { return .unknown }
        let plan = StationPlan(
            identity: knock.identity, securityProfile: 0, passwordHash: nil,
            evses: [StationPlan.EVSE(number: 1, current: .dc, powerMax: Power(watts: 150_000))])
        return .admitted(try plan.make(at: site, with: desk, in: tx, at: now).station.id)
    }
}

extension StationKnock {
    /// What is kept of it: never the secret.
    fileprivate var row: (identity: String, address: String, offered: String, hasPassword: Bool) {
        (identity, address, offered.joined(separator: ", "), credential != nil)
    }
}

/// Slows down guessing: after ten wrong passwords within a minute an address waits five minutes.
///
/// It counts by address, never by identity, so nobody can lock a station out (charging.md §1, Limits).
package final class GuessLimit: Sendable {
    private struct Guesses {
        var since: Instant
        var count: Int
        var blockedUntil: Instant?
    }

    private let addresses = Mutex<[String: Guesses]>([:])
    private let allowed: Int

    package init(allowed: Int = 10) { self.allowed = allowed }

    func isBlocked(_ address: String, at now: Instant) -> Bool {
        addresses.withLock { ($0[address]?.blockedUntil).map { now < $0 } ?? false }
    }

    func note(_ address: String, at now: Instant) {
        addresses.withLock { table in
            if table.count > 10_000 {
                table = table.filter { ($0.value.blockedUntil ?? $0.value.since) > now - .minutes(5) }
            }
            var guesses = table[address] ?? Guesses(since: now, count: 0)
            if now - guesses.since > .minutes(1) { guesses = Guesses(since: now, count: 0) }
            guesses.count += 1
            if guesses.count >= allowed { guesses.blockedUntil = now + .minutes(5) }
            table[address] = guesses
        }
    }
}
