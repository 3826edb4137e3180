// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Quantities
import Storage
import Synchronization
import Tariffs
import Testing

/// The shape of all background work.
@Suite("Workers")
struct WorkerTests {
    /// A worker once spun for ever after its first sleep, because a cancelled consumer ends its stream.
    @Test("a worker with nothing to do looks once per pause, and no more", .timeLimit(.minutes(1)))
    func sleeps() async throws {
        let desk = try await Desk.inMemory()
        let rounds = Mutex(0)
        let worker = Worker(name: "idle", desk: desk, bell: nil, pause: .milliseconds(100)) {
            rounds.withLock { $0 += 1 }
            return 0
        }
        let running = Task { await worker.run() }
        try await Task.sleep(for: .milliseconds(1_000))
        running.cancel()
        await running.value
        #expect((1...12).contains(rounds.withLock { $0 }))
    }

    @Test("a round of sweeps that finds nothing writes nothing")
    func sweepsRead() async throws {
        let commits = Mutex(0)
        let desk = try await Desk.inMemory { moment in
            if moment == .after { commits.withLock { $0 += 1 } }
        }
        _ = try await Organisations(desk: desk).create(Organisations.Plan())
        #expect(commits.withLock { $0 } > 0)
        commits.withLock { $0 = 0 }
        #expect(try await Sweeps(desk: desk).round() == 0)
        #expect(commits.withLock { $0 } == 0)
    }

    @Test("a round that did something is followed by another at once", .timeLimit(.minutes(1)))
    func goesOn() async throws {
        let desk = try await Desk.inMemory()
        let left = Mutex(100)
        let worker = Worker(name: "busy", desk: desk, bell: nil, pause: .seconds(60)) {
            left.withLock { left in
                left = max(0, left - 1)
                return left
            }
        }
        let running = Task { await worker.run() }
        while left.withLock({ $0 }) > 0 { await Task.yield() }
        running.cancel()
        await running.value
        #expect(left.withLock { $0 } == 0)
    }
}

extension Desk {
    /// A desk over an empty database in memory, with a clock that stands still.
    static func inMemory(
        seed: UInt64 = 1, commitHook: (@Sendable (CommitMoment) -> Void)? = nil
    ) async throws -> Desk {
        Desk(
            store: try await Store.open(.memory, options: StoreOptions(commitHook: commitHook)),
            clock: WallClock(frozenAt: Instant(seconds: 1_800_000_000)),
            ids: IDSource(seed: seed), zones: EverywhereUTC(), gateways: [:],
            settings: Settings(publicURL: ""),
            log: Logger(label: "tests"))
    }
}

/// All places keep UTC; zones have tests of their own.
struct EverywhereUTC: ZoneReader {
    func rules(of zone: String, from: Instant, to: Instant) throws -> ZoneRules { .utc }
}
