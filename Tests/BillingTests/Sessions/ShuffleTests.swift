// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Tariffs
import Testing

/// One generated session as the messages of a station: what it tells, and what it costs.
struct ShuffledVisit {
    /// Whether the server numbers it (1.6) or the station (2.x).
    let isNumbered: Bool
    let begin: Instant
    private(set) var messages: [[Fact]] = []

    init(_ random: inout SeededGenerator, begin: Instant) {
        isNumbered = Bool.random(using: &random)
        self.begin = begin
        var register = Int64.random(in: 0...900_000_000, using: &random)
        tell(
            [
                .started(register: isNumbered ? Energy(wattHours: register) : nil),
                .token(PresentedToken(uid: "CARD")),
            ]
                + (isNumbered ? [] : [Self.reading(register, "Transaction.Begin")]), minute: 0)
        let steps = Int64.random(in: 0...10, using: &random)
        for step in 0..<steps {
            register += Int64.random(in: 0...5000, using: &random)
            var kinds = [Self.reading(register, "Sample.Periodic")]
            if Int.random(in: 0..<3, using: &random) == 0,
                let state = ChargingState.allCases.randomElement(using: &random)
            {
                kinds.append(.state(state))
            }
            tell(kinds, minute: 5 * (step + 1))
        }
        register += Int64.random(in: 0...3000, using: &random)
        let end = 5 * (steps + 1)
        tell(
            isNumbered
                ? [.ended(register: Energy(wattHours: register), reason: "Local")]
                : [Self.reading(register, "Transaction.End"), .ended(register: nil, reason: "Local")],
            minute: end)
    }

    private mutating func tell(_ kinds: [Fact.Kind], minute: Int64) {
        let at = begin + .minutes(minute)
        let sequence = isNumbered ? nil : Int64(messages.count)
        messages.append(kinds.map { Fact($0, measuredAt: at, receivedAt: at, sequence: sequence) })
    }

    private static func reading(_ register: Int64, _ context: String) -> Fact.Kind {
        .reading(Reading(.importRegister, value: register * 1000, context: context))
    }

    /// The order in which they come: permuted, some twice or three times. In 1.6 the start comes first, since the others
    /// carry the number that its answer gives.
    func arrival(_ random: inout SeededGenerator) -> [Int] {
        var order = Array(messages.indices.dropFirst(isNumbered ? 1 : 0))
        for index in messages.indices {
            for _ in 0..<[0, 0, 1, 2][Int.random(in: 0..<4, using: &random)] { order.append(index) }
        }
        order.shuffle(using: &random)
        return isNumbered ? [0] + order : order
    }
}

/// I18, I19: any permutation, repetition and delay of a session's messages gives the same bill.
@Suite("Shuffled sessions", .timeLimit(.minutes(3)))
struct ShuffleTests {
    /// By day and by night, with time and idle time: every part of the timeline has a price of its own.
    private static let tariff = """
        {"country_code": "DE", "party_id": "AMP", "id": "1", "currency": "EUR", "last_updated": "2026-01-01T00:00:00Z",
         "elements": [
          {"price_components": [{"type": "ENERGY", "price": 0.39, "step_size": 1}, {"type": "TIME", "price": 1.2, "step_size": 1}],
           "restrictions": {"start_time": "08:20", "end_time": "08:40"}},
          {"price_components": [{"type": "ENERGY", "price": 0.49, "step_size": 1}, {"type": "PARKING_TIME", "price": 6, "step_size": 60}]}]}
        """

    @Test("by fold and rater: 1,000 seeds, three arrivals each")
    func pure() throws {
        let (tariff, _) = try Tariff.decode(ocpi: Array(Self.tariff.utf8))
        let rules = SessionRules(powerMax: Power(watts: 150_000))
        func price(_ facts: [Fact]) throws -> (Session, Rated) {
            let session = Session(folding: facts, under: rules)
            return (session, try Rater(policy: .lineHalfUp1).rate(session.usage(), under: tariff, in: .utc))
        }
        var gross: Set<Int64> = []
        for seed in UInt64(1)...1000 {
            var random = SeededGenerator(seed: seed)
            let visit = ShuffledVisit(&random, begin: ChargingBench.beginning)
            let (once, bill) = try price(visit.messages.flatMap(\.self))
            gross.insert(bill.gross.minorUnits)
            for _ in 0..<3 {
                var facts: [Fact] = []
                for index in visit.arrival(&random) {
                    for fact in visit.messages[index] {
                        var told = fact
                        told.order = Int64(facts.count)
                        told.receivedAt =
                            told.receivedAt + .seconds(Int64.random(in: 0...90_000, using: &random))
                        told.offline = Bool.random(using: &random)
                        facts.append(told)
                    }
                }
                let (session, again) = try price(facts)
                #expect(session == once, "seed \(seed)")
                #expect(again == bill, "seed \(seed)")
            }
        }
        #expect(gross.count > 100, "sessions that all cost the same prove little")
    }

    @Test(
        "through the verbs on a database: permuted, re-sent under new numbers, delayed",
        arguments: [1, 2, 3, 4])
    func verbs(part: Int) async throws {
        for seed in UInt64(part * 100)..<UInt64(part * 100 + 10) {
            var random = SeededGenerator(seed: seed)
            let visit = ShuffledVisit(&random, begin: ChargingBench.beginning)
            let straight = try await Self.play(visit, Array(visit.messages.indices), &random)
            let shuffled = try await Self.play(visit, visit.arrival(&random), &random)
            #expect(straight.total != nil, "seed \(seed)")
            #expect(shuffled == straight, "seed \(seed)")
        }
    }

    private struct Outcome: Hashable {
        var status: SessionStatus
        var energy: Energy
        var total: Int64?
        var billStatus: String?
        var walletCents: Int64
        var work: [String]
    }

    private static func play(
        _ visit: ShuffledVisit, _ order: [Int], _ random: inout SeededGenerator
    ) async throws -> Outcome {
        let bench = try await ChargingBench(seed: random.next())
        _ = try await bench.driver("CARD", cents: 500_00)
        try await bench.connect(bench.station, version: visit.isNumbered ? "1.6" : "2.0.1")
        bench.desk.clock.advance(by: .hours(2))
        var number: Int64?
        for (place, index) in order.enumerated() {
            let isStart = index == 0
            let token = isStart ? PresentedToken(uid: "CARD") : nil
            let reference: TransactionReference =
                visit.isNumbered ? (isStart ? .new : .number(number ?? 0)) : .named("TX")
            let facts = visit.messages[index].map { fact in
                var told = fact
                told.receivedAt = bench.now
                return told
            }
            let answer = try await bench.say(
                TransactionReport(
                    reference: reference, evse: isStart || visit.isNumbered ? 1 : nil, token: token,
                    facts: facts,
                    offline: false), id: "\(place)")
            if isStart { number = answer.number }
            bench.desk.clock.advance(by: .seconds(Int64.random(in: 0...1800, using: &random)))
        }
        try await bench.pass()
        try await bench.pass(.minutes(16))
        let sessions = try await bench.sessions()
        #expect(sessions.count == 1)
        let session = try #require(sessions.first)
        let bill = try await bench.bill(of: session)
        try await bench.checkInvariants()
        let wallet = try await bench.desk.store.read { tx in
            try session.account.flatMap { try tx.wallets(of: $0).first }
        }
        return Outcome(
            status: session.status, energy: session.energy, total: bill?.totalMinor, billStatus: bill?.status,
            walletCents: wallet?.posted ?? 0, work: try await bench.work(state: nil).map(\.reason).sorted())
    }
}
