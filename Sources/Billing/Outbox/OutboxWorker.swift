// SPDX-License-Identifier: Apache-2.0

import Logging
package import Quantities
import Storage

/// Step 8, Outbox: claims due parcels and lets couriers deliver them, one at a time per stream.
///
/// The claim is committed before the courier runs and the result after it, so a parcel is delivered at least once and
/// the world can be told only what a transaction has decided.
package struct OutboxWorker: Sendable {
    let desk: Desk
    let couriers: [String: any Courier]

    /// How long a claim lasts (payments.md §3.4).
    package static let lease = Elapsed.seconds(60)
    /// How many parcels are delivered at the same time.
    private static let width = 16

    package init(desk: Desk, couriers: [any Courier]) {
        self.desk = desk
        self.couriers = Dictionary(uniqueKeysWithValues: couriers.map { ($0.destination, $0) })
    }

    /// As a background worker.
    package var worker: Worker {
        Worker(name: "outbox", desk: desk, bell: .outbox, pause: .seconds(2)) { try await round() }
    }

    /// As a background worker of couriers whose receivers are strangers and may be slow: nobody waits for them.
    var patientWorker: Worker {
        let name = "outbox to " + couriers.keys.sorted().joined(separator: ", ")
        return Worker(name: name, desk: desk, bell: .outbox, pause: .milliseconds(500)) { try await round() }
    }

    /// Delivers what is due now; returns how many parcels that were.
    package func round() async throws -> Int {
        let now = desk.clock.now
        let parcels = try await desk.store.transaction { tx in
            try tx.claimParcels(
                to: couriers.keys.sorted(), by: desk.settings.node, at: now, until: now + Self.lease,
                limit: Self.width)
        }
        await withTaskGroup(of: Void.self) { group in
            for parcel in parcels { group.addTask { await deliver(parcel) } }
        }
        return parcels.count
    }

    private func deliver(_ parcel: ParcelRecord) async {
        do {
            switch try await courier(for: parcel).deliver(parcel) {
            case .done: try await finish(parcel, as: "done", dueAt: nil)
            case .recorded: break
            case .withdrawn: try await finish(parcel, as: "withdrawn", dueAt: nil)
            case .later(let due): try await finish(parcel, as: "queued", dueAt: due)
            }
        } catch {
            desk.log.warning(
                "parcel not delivered", metadata: ["parcel": "\(parcel.id)", "error": "\(error)"])
            await tryLater(parcel)
        }
    }

    private func courier(for parcel: ParcelRecord) throws -> any Courier {
        guard let courier = couriers[parcel.destination] else {
            throw OutboxTrouble.nobodyDelivers(parcel.destination)
        }
        return courier
    }

    private func finish(_ parcel: ParcelRecord, as state: String, dueAt: Instant?) async throws {
        _ = try await desk.store.transaction { tx in try tx.finish(parcel, as: state, dueAt: dueAt) }
    }

    /// Grows from 1 s to 12 h; after 20 tries the parcel is parked and a person is asked (payments.md §3.4).
    private func tryLater(_ parcel: ParcelRecord) async {
        let now = desk.clock.now
        do {
            guard parcel.attempts >= 20 else {
                return try await finish(
                    parcel, as: "queued", dueAt: now + Self.backoff(after: parcel.attempts))
            }
            try await desk.store.transaction { tx in
                guard try tx.finish(parcel, as: "parked") else { return }
                try Parked(desk: desk).ask(about: parcel, in: tx, at: now)
            }
        } catch {
            // The lease runs out by itself, and the parcel is claimed again.
            desk.log.error(
                "parcel left to its lease", metadata: ["parcel": "\(parcel.id)", "error": "\(error)"])
        }
    }

    static func backoff(after attempts: Int64) -> Elapsed {
        let steps: [Elapsed] = [
            .seconds(1), .seconds(5), .seconds(30), .minutes(2), .minutes(10), .hours(1), .hours(4),
            .hours(12),
        ]
        return steps[min(Int(max(attempts, 1)) - 1, steps.count - 1)]
    }
}

/// What can be wrong with the outbox itself.
enum OutboxTrouble: Error, Hashable {
    /// No courier takes parcels of this destination.
    case nobodyDelivers(String)
}

/// Opens the work item of a parcel that nobody could deliver.
struct Parked {
    let desk: Desk

    func ask(about parcel: ParcelRecord, in tx: Tx, at now: Instant) throws {
        for organisation in try tx.organisations() {
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: now), organisation: organisation.id, reason: "parcel_parked",
                    object: parcel.id.text,
                    detail: "\(parcel.kind) for \(parcel.destination) could not be delivered",
                    state: "open", openedAt: now))
        }
    }
}
