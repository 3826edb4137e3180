// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Testing

/// Sessions whose facts came the short way are folded together, as far as nobody pays for them.
@Suite("Sessions folded together")
struct FoldSessionsTests {
    @Test(
        "an unpaid session and a paid one are brought up to date in one round, and the end arranges the settlement",
        .timeLimit(.minutes(1)), arguments: ConcurrencyTests.places)
    func together(place: String) async throws {
        let running = RunningSessions()
        let bench = try await ChargingBench(in: try ConcurrencyTests.place(place), running: running)
        let folds = FoldSessions(desk: bench.desk, running: running)
        let other = bench.stations[1].id
        let unpaid = try await bench.start("NOBODY", 1_000).number
        let paid = try await bench.start(nil, 5_000, station: other).number
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.sample(unpaid, 3_000)
        try await bench.sample(paid, 7_500, station: other)
        try await bench.stop(unpaid, 4_000)
        #expect(try await bench.session(unpaid).energy == .zero, "nothing was folded yet")

        await folds.round()

        let ended = try await bench.session(unpaid)
        #expect(ended.energy == Energy(wattHours: 3_000))
        #expect(ended.status == .ended)
        #expect(
            ended.dueAt == bench.now + .seconds(5), "it is looked at when it has been quiet, and not before")
        let going = try await bench.session(paid, at: other)
        #expect(going.energy == Energy(wattHours: 2_500))
        #expect(going.status == .running && going.live?.cost.isPositive == true)
    }

    @Test("of many sessions each gets its own facts, and its own end", arguments: ConcurrencyTests.places)
    func many(place: String) async throws {
        let running = RunningSessions()
        let bench = try await ChargingBench(in: try ConcurrencyTests.place(place), running: running)
        let folds = FoldSessions(desk: bench.desk, running: running)
        var numbers: [Int64] = []
        for visit in 1...40 {
            let number = try await bench.start("NOBODY", 1_000).number
            numbers.append(number)
            bench.desk.clock.advance(by: .minutes(1))
            try await bench.sample(number, 1_000 + Int64(visit))
            bench.desk.clock.advance(by: .minutes(1))
            try await bench.stop(number, 1_000 + 10 * Int64(visit))
        }

        await folds.round()

        for (visit, number) in zip(1..., numbers) {
            let session = try await bench.session(number)
            #expect(session.energy == Energy(wattHours: Int64(10 * visit)))
            #expect(session.folded.isComplete && session.status == .ended)
        }
        // All that was told is folded: another look at everything changes nothing.
        let before = try await bench.desk.store.read { tx in try tx.all(SessionRecord.self) }
        await folds.takeUp()
        await folds.round()
        #expect(try await bench.desk.store.read { tx in try tx.all(SessionRecord.self) } == before)
    }
}
