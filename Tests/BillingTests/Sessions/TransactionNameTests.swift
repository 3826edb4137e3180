// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Testing

/// Stations of 2.x name their transactions themselves, and some name them badly (charging.md §3, §5).
@Suite("Names of transactions")
struct TransactionNameTests {
    private static let register = ChargingBench.register

    /// An event of 2.x.
    @discardableResult
    private func event(
        _ name: String, _ sequence: Int64, _ kinds: [Fact.Kind], _ wattHours: Int64? = nil,
        context: String = "Sample.Periodic", token: String? = nil, lack: String? = nil, _ bench: ChargingBench
    ) async throws -> TransactionAnswer {
        let presented = token.map { PresentedToken(uid: $0) }
        let reading = wattHours.map {
            Fact.Kind.reading(Reading(.importRegister, value: (Self.register + $0) * 1000, context: context))
        }
        let order =
            kinds.filter { !$0.isEnd } + (presented.map { [.token($0)] } ?? [])
            + (reading.map { [$0] } ?? []) + kinds.filter(\.isEnd)
        return try await bench.say(
            TransactionReport(
                reference: .named(name), evse: 1, connector: 1, token: presented,
                facts: order.map {
                    Fact($0, measuredAt: bench.now, receivedAt: bench.now, sequence: sequence)
                }, lack: lack))
    }

    @Test(
        "a name that is given again after a reset begins another session: nobody pays for a stranger's energy"
    )
    func usedAgain() async throws {
        let bench = try await ChargingBench()
        _ = try await bench.driver("SECOND", cents: 50_00)
        let second = try await bench.token("SECOND")
        try await event(
            "1", 0, [.started(register: nil)], 0, context: "Transaction.Begin", token: bench.card, bench)
        bench.desk.clock.advance(by: .minutes(10))
        try await event("1", 1, [.state(.charging)], 1000, bench)
        // The station loses power, and counts from 1 again; nobody told an end.
        bench.desk.clock.advance(by: .hours(1))
        try await event(
            "1", 0, [.started(register: nil)], 1000, context: "Transaction.Begin", token: "SECOND", bench)
        bench.desk.clock.advance(by: .minutes(10))
        try await event(
            "1", 1, [.ended(register: nil, reason: "Local")], 5000, context: "Transaction.End", bench)
        try await bench.pass(.minutes(16))

        let sessions = try await bench.sessions().sorted { $0.number < $1.number }
        try #require(sessions.count == 2)
        #expect(sessions.map(\.energy.wattHours) == [1000, 4000])
        #expect(sessions.map(\.account) == [try await bench.account().id, second.account])
        #expect(sessions.map(\.status) == [.final, .final])
        #expect(try await bench.bill(of: sessions[0])?.totalMinor == 49)
        #expect(try await bench.bill(of: sessions[1])?.totalMinor == 1_96)
        try await bench.checkInvariants()
    }

    @Test(
        "the same start again is the same session: a little later, and made anew because nobody answered it",
        arguments: [Elapsed.minutes(1), .minutes(10)])
    func sameStart(later: Elapsed) async throws {
        let bench = try await ChargingBench()
        for _ in 0..<2 {
            try await event("1", 0, [.started(register: nil)], 0, token: bench.card, bench)
            bench.desk.clock.advance(by: later)
        }
        #expect(try await bench.sessions().count == 1)
    }

    @Test("events without a name are nobody's: each start and each end is a question, none joins another")
    func noName() async throws {
        let bench = try await ChargingBench()
        for _ in 0..<2 {
            try await event("", 0, [.started(register: nil)], 0, token: bench.card, bench)
            bench.desk.clock.advance(by: .minutes(10))
            let answer = try await event(
                "", 1, [.ended(register: nil, reason: "Local")], 5000, context: "Transaction.End", bench)
            #expect(answer.number > 0)
            bench.desk.clock.advance(by: .minutes(10))
        }
        #expect(try await bench.sessions().isEmpty)
        #expect(try await bench.work("orphan_stop").count == 2)
    }

    @Test("an event that says neither start nor end is kept, answered, and a question")
    func noKind() async throws {
        let bench = try await ChargingBench()
        try await event("1", 0, [.started(register: nil)], 0, token: bench.card, bench)
        bench.desk.clock.advance(by: .minutes(10))
        let answer = try await event("1", 1, [], 4000, lack: "It says neither.", bench)

        #expect(answer.number > 0)
        #expect(try await bench.sessions().map(\.energy.wattHours) == [4000])
        let asked = try await bench.work("uninterpreted")
        #expect(asked.count == 1)
        #expect(asked.first?.decisions == [.readAgain, .close])
        try await bench.decide(try #require(asked.first), .readAgain)
        #expect(try await bench.work("uninterpreted").isEmpty)
    }

    @Test("C24 a card of the same account may stop what has reserved all of its wallet, and begin nothing")
    func reserved() async throws {
        let bench = try await ChargingBench()
        let account = try await bench.driver("FIRST", cents: 12_00)
        _ = try await Tokens(desk: bench.desk).create(
            .init(kind: .rfid, uid: "OTHER", account: account), by: bench.author)
        try await event("1", 0, [.started(register: nil)], 0, token: "FIRST", bench)

        #expect(try await bench.authorize("OTHER") == .accepted)
        let stop = try await event("1", 1, [.state(.charging)], 1000, token: "OTHER", bench)
        #expect(stop.token?.status == .accepted)
        #expect(try await bench.start("OTHER", station: bench.stations[1].id).token?.status == .noCredit)
    }

    @Test("C29 a start that cannot be understood gets a number of its own, and has it when it is read again")
    func ownNumber() async throws {
        let bench = try await ChargingBench()
        let first = try await bench.visit()
        try await bench.pass()
        let station = try await bench.find(StationRecord.self, bench.station)
        // Something nobody foresaw: the price cannot be read.
        let versions = try await bench.desk.store.read { tx in
            try tx.page(of: TariffVersionRecord.self, for: bench.organisation).rows
        }
        for version in versions {
            try await bench.change(TariffVersionRecord.self, version.id.text) { $0.body = [] }
        }
        let answer = try await bench.start()
        #expect(answer.number != first)
        for version in versions {
            try await bench.change(TariffVersionRecord.self, version.id.text) { $0.body = version.body }
        }
        let asked = try await bench.work("uninterpreted")
        try await bench.decide(try #require(asked.first), .readAgain)

        #expect(try await bench.session(answer.number).station == station.id)
        #expect(try await bench.session(answer.number).energy == .zero)
    }
}

extension Fact.Kind {
    fileprivate var isEnd: Bool { if case .ended = self { true } else { false } }
}
