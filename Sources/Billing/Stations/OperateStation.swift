// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities
package import Storage

/// An operator asks a station to do something (charging.md §9): reset, unlock, trigger, availability, settings.
///
/// The answer is a command: durable, with a deadline, and "accepted" at best, which means asked and never done.
package struct OperateStation: Sendable {
    let desk: Desk
    /// How long a reset waits for the sessions that it would cut off.
    private static let pauseForSessions = Elapsed.seconds(10)
    /// How long an identity may come in without its password.
    package static let window = Elapsed.minutes(15)

    package init(desk: Desk) { self.desk = desk }

    /// Writes the command down and rings for whoever carries it.
    package func callAsFunction(
        _ id: StationID, _ command: StationCommand, evse number: Int? = nil, by author: Author
    ) async throws -> CommandRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let station = try author.lock(StationRecord.self, id, "station", in: tx)
            var evse: EVSEID?
            if let number {
                guard let found = try tx.evse(number: Int64(number), of: id) else {
                    throw AdministrationRefusal.invalid(
                        field: "/evse", "The station has no EVSE \(number).")
                }
                evse = found.id
            }
            var dueAt = now
            if case .reset = command, try stopSessions(of: station, in: tx, at: now) {
                dueAt = now + Self.pauseForSessions
            }
            let row = try SendCommand(desk: desk)(
                command, about: SendCommand.Subject(station: station, evse: evse), in: tx, at: now,
                dueAt: dueAt)
            try author.note("station.\(row.kind)", id, with: desk, in: tx, at: now)
            return row
        }
    }

    /// A reset is preceded by stopping sessions: what it cuts off has no end register. Whether there were any.
    private func stopSessions(of station: StationRecord, in tx: Tx, at now: Instant) throws -> Bool {
        var isBusy = false
        for evse in try tx.evses(of: station.id) {
            for session in try tx.openSessions(of: evse.id) {
                isBusy = true
                _ = try RequestRemoteStop(desk: desk).ask(session.id, because: .reset, in: tx, at: now)
            }
        }
        return isBusy
    }

    /// Lets the next boot of this identity in without its password for a quarter of an hour; the server then gives the
    /// station a password of its own and closes the window (charging.md §1, Pending stations).
    package func openWindow(_ id: StationID, by author: Author) async throws -> StationRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var station = try author.lock(StationRecord.self, id, "station", in: tx)
            station.windowUntil = now + Self.window
            try tx.update(&station)
            try author.note("station.window_opened", id, with: desk, in: tx, at: now)
            tx.note(.station, id.text)
            return station
        }
    }
}

/// A station came in through its window: it gets a password that nobody has seen.
struct GivePassword {
    let desk: Desk

    /// Asked at a boot. The command holds the password until the station has taken it.
    func callAsFunction(_ station: StationRecord, in tx: Tx, at now: Instant) throws {
        guard let until = station.windowUntil, now < until else { return }
        try SendCommand(desk: desk)(
            .setPassword(StationPassword.make(from: desk.ids)), about: SendCommand.Subject(station: station),
            in: tx, at: now)
    }

    /// The station answered. Without a clear answer it may have taken the password, so that counts as well; the window
    /// stays open then.
    func answered(
        _ reply: CommandReply, _ password: String, by id: StationID, in tx: Tx, at now: Instant
    ) throws {
        guard reply == .accepted || reply == .unknown, !password.isEmpty,
            var station = try tx.lock(StationRecord.self, id: id)
        else { return }
        station.passwordHash = StationPassword.hash(Array(password.utf8), salt: desk.ids.secret())
        station.securityProfile = max(1, station.securityProfile)
        if reply == .accepted { station.windowUntil = nil }
        try tx.update(&station)
        tx.note(.station, id.text)
    }
}

extension CommandRecord {
    /// Nothing secret is kept longer than it takes to send it.
    mutating func forgetSecret() {
        if case .setPassword = body { body = .setPassword("") }
    }
}
