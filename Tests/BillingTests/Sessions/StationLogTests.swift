// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Simulation
import Storage
import Testing

/// The log of a station is put together from its sessions and from what belongs to none.
@Suite("The log of a station")
struct StationLogTests {
    @Test(
        "every message of the station is in it once, newest first, page by page, whatever is filtered",
        .timeLimit(.minutes(2)), arguments: ConcurrencyTests.places)
    func complete(place: String) async throws {
        let bench = try await ChargingBench(in: try ConcurrencyTests.place(place))
        let all = try await tellAtRandom(bench)
        #expect(all.contains { $0.session == nil } && Set(all.compactMap(\.session)).count > 3)

        var action = Tx.FrameFilter()
        action.action = "MeterValues"
        var way = Tx.FrameFilter()
        way.direction = "out"
        var span = Tx.FrameFilter()
        span.from = ChargingBench.beginning + .minutes(20)
        span.to = ChargingBench.beginning + .minutes(40)
        for station in bench.stations {
            for filter in [Tx.FrameFilter(), action, way, span] {
                for limit in [1, 3, 50] {
                    let told = try await pages(of: station.id, filter, limit, bench)
                    let wanted = all.filter { $0.station == station.id && filter.admits($0) }.map(\.id)
                    #expect(!wanted.isEmpty)
                    #expect(told == wanted.sorted { $0.text > $1.text })
                }
            }
        }
    }

    /// Everything in the log of a station, read in pages.
    private func pages(
        of station: StationID, _ filter: Tx.FrameFilter, _ limit: Int, _ bench: ChargingBench
    ) async throws -> [FrameID] {
        try await bench.desk.store.read { tx in
            var told: [FrameID] = []
            while true {
                let page = try tx.frames(at: station, before: told.last, matching: filter, limit: limit)
                told += page.map(\.id)
                if page.count < limit { return told }
            }
        }
    }

    /// Six sessions at two stations, and messages about them and about nothing, a minute after each other, some of them
    /// long after their session. Returns all that is stored.
    private func tellAtRandom(_ bench: ChargingBench) async throws -> [FrameRecord] {
        var chance = SeededGenerator(seed: 7)
        for minute in 0..<6 {
            bench.desk.clock.advance(by: .minutes(1))
            let report = TransactionReport(
                reference: .new, evse: 1, token: PresentedToken(uid: "NOBODY"),
                facts: [
                    Fact(
                        .started(register: Energy(wattHours: Int64(minute))), measuredAt: bench.now,
                        receivedAt: bench.now)
                ])
            _ = try await bench.say(report, at: bench.stations[minute % 2].id)
        }
        let sessions = try await bench.desk.store.read { tx in try tx.all(SessionRecord.self) }
        #expect(sessions.count == 6)
        for count in 0..<120 {
            bench.desk.clock.advance(by: .seconds(30))
            let session = sessions.randomElement(using: &chance)
            let isLoose = Bool.random(using: &chance)
            let frame = FrameRecord(
                id: bench.desk.ids.new(at: bench.now), station: session?.station ?? bench.station,
                connection: bench.desk.ids.new(at: bench.now), ocppVersion: "1.6",
                direction: Bool.random(using: &chance) ? "in" : "out", messageId: "m\(count)",
                action: Bool.random(using: &chance) ? "MeterValues" : "StatusNotification", body: [],
                sha256: "", state: "interpreted", findings: [], session: isLoose ? nil : session?.id,
                receivedAt: bench.now)
            try await bench.desk.store.append([try Statement.insert(frame)])
        }
        return try await bench.desk.store.read { tx in try tx.all(FrameRecord.self) }
    }
}

extension Tx.FrameFilter {
    fileprivate func admits(_ frame: FrameRecord) -> Bool {
        (action.map { $0 == frame.action } ?? true) && (direction.map { $0 == frame.direction } ?? true)
            && (from.map { frame.receivedAt >= $0 } ?? true) && (to.map { frame.receivedAt < $0 } ?? true)
    }
}
