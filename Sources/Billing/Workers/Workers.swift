// SPDX-License-Identifier: Apache-2.0

import Logging
import Quantities
import Storage

/// All background work of a node (architecture.md §7). `App` runs them side by side.
package struct Workers: Sendable {
    let desk: Desk
    let couriers: [any Courier]
    /// How many rows a round claims.
    private static let batch = 50

    package init(desk: Desk, couriers: [any Courier]) {
        self.desk = desk
        self.couriers = couriers
    }

    /// One worker each.
    package var all: [Worker] {
        couriers.filter(\.isPatient).map { OutboxWorker(desk: desk, couriers: [$0]).patientWorker } + [
            OutboxWorker(desk: desk, couriers: couriers.filter { !$0.isPatient }).worker,
            InboxWorker(desk: desk).worker,
            Sweeps(desk: desk).worker,
            Worker(name: "gateway lists", desk: desk, bell: nil, pause: .seconds(5)) {
                try await readGateways()
            },
            Worker(name: "settlement", desk: desk, bell: .settlement, pause: tick) { try await settle() },
            Worker(name: "live bills", desk: desk, bell: nil, pause: .seconds(2)) { try await rate() },
            Worker(name: "holds", desk: desk, bell: .hold, pause: tick) { try await release() },
            Worker(name: "commands", desk: desk, bell: nil, pause: tick) { try await checkCommands() },
            Worker(name: "janitor", desk: desk, bell: nil, pause: tick) { try await lookUp() },
            Worker(name: "stuck sessions", desk: desk, bell: nil, pause: .seconds(1)) {
                try await CloseStuckSessions(desk: desk).round()
            },
            Worker(name: "standard decisions", desk: desk, bell: .work, pause: .seconds(1)) {
                try await decideByDefault()
            },
            Worker(name: "events", desk: desk, bell: nil, pause: .seconds(600)) { try await forget() },
        ]
    }

    /// Every worker's round once, in order; for the simulator, which has no time to wait.
    package func round() async throws -> Int {
        var done = 0
        done += try await OutboxWorker(desk: desk, couriers: couriers).round()
        done += try await InboxWorker(desk: desk).round()
        done += try await settle()
        done += try await release()
        done += try await checkCommands()
        done += try await lookUp()
        done += try await Sweeps(desk: desk).round()
        done += try await CloseStuckSessions(desk: desk).round()
        done += try await decideByDefault()
        done += try await readGateways()
        return done
    }

    /// A quarter of a second, so that a fast clock is followed; the queries are single look-ups in small indexes.
    private var tick: Duration { .milliseconds(250) }

    /// Ended sessions that have been quiet long enough.
    private func settle() async throws -> Int {
        let now = desk.clock.now
        let due = try await desk.store.read { tx in try tx.sessionsDue(at: now, limit: Self.batch) }
        var settled = 0
        for id in due {
            do {
                if case .notYet = try await SettleSession(desk: desk)(id) { continue }
                settled += 1
            } catch {
                try await ParkSession(desk: desk)(id, because: error)
            }
        }
        return settled
    }

    /// Running sessions whose price grows with time alone.
    private func rate() async throws -> Int {
        let before = desk.clock.now - Elapsed(nanoseconds: Elapsed.seconds(2).nanoseconds * desk.clock.rate)
        let due = try await desk.store.read { tx in try tx.sessionsToRate(before: before, limit: Self.batch) }
        for id in due {
            do {
                _ = try await UpdateLiveBill(desk: desk)(id)
            } catch {
                desk.log.warning("no live bill", metadata: ["session": "\(id)", "error": "\(error)"])
            }
        }
        return 0
    }

    /// Holds of failed starts after the time to try again, and of visits that came to nothing.
    private func release() async throws -> Int {
        let now = desk.clock.now
        let due = try await desk.store.read { tx in
            try tx.checkoutsToRelease(failedBefore: now - OrganisationPolicy().retryWindow, limit: Self.batch)
                + tx.checkoutsLeftBehind(before: now - .minutes(20), limit: Self.batch)
        }
        for id in due { try await ReleaseHold(desk: desk).cancel(id) }
        return due.count
    }

    /// Events are kept for 13 months (api.md §3.11).
    private func forget() async throws -> Int {
        let end = desk.clock.now - .hours(24 * 396)
        return try await desk.store.transaction { tx in try tx.forgetEvents(before: end, limit: 500) }
    }

    private func checkCommands() async throws -> Int {
        let now = desk.clock.now
        let due = try await desk.store.read { tx in try tx.commandsToCheck(at: now, limit: Self.batch) }
        for id in due { try await CheckCommand(desk: desk)(id) }
        return due.count
    }

    /// Questions whose stated default is due; each favours the driver.
    private func decideByDefault() async throws -> Int {
        let now = desk.clock.now
        let due = try await desk.store.read { tx in try tx.workItemsDue(at: now, limit: Self.batch) }
        for id in due { try await DecideWorkItem(desk: desk).byDefault(id) }
        return due.count
    }

    /// What the gateways list, hourly.
    private func readGateways() async throws -> Int {
        guard let courier = couriers.compactMap({ $0 as? PaymentCourier }).first else { return 0 }
        _ = try await ReadGateways(desk: desk, sender: courier.sender).whatIsDue()
        return 0
    }

    /// Attempts in doubt: asks the gateway, never guesses.
    private func lookUp() async throws -> Int {
        let now = desk.clock.now
        let due = try await desk.store.read { tx in try tx.attemptsToCheck(at: now, limit: Self.batch) }
        guard let courier = couriers.compactMap({ $0 as? PaymentCourier }).first else { return 0 }
        for id in due { try await courier.lookUp(id) }
        return due.count
    }
}

/// A session that cannot be settled waits for a person; everything else goes on.
struct ParkSession {
    let desk: Desk

    func callAsFunction(_ id: SessionID, because error: any Error) async throws {
        desk.log.error("session not settled", metadata: ["session": "\(id)", "error": "\(error)"])
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard var session = try tx.lock(SessionRecord.self, id: id) else { return }
            session.dueAt = now + .minutes(10)
            try tx.update(&session)
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: now), organisation: session.organisation, reason: "not_settled",
                    object: id.text, detail: "\(error)", state: "open", openedAt: now))
        }
    }
}
