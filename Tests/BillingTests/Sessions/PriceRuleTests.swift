// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Receipts
import Storage
import Tariffs
import Testing

/// Rules of charging.md §13 about what a station and a driver are shown, and what is taken.
@Suite("Prices by the rules", .timeLimit(.minutes(2)))
struct PriceRuleTests {
    /// Energy costs 0.99 €/kWh from now on, instead of 0.49.
    private static func raisePrice(_ bench: ChargingBench) async throws {
        let site = try await bench.find(SiteRecord.self, bench.stations[0].site)
        let tariff = try #require(site.defaultTariff)
        let price = try Tariff.simple(
            id: tariff.text, currency: .eur, energyPerKWh: Rate(billionths: 990_000_000))
        _ = try await TariffBook(desk: bench.desk).add(
            TariffBook.Draft(document: price.canonicalJSON), to: tariff, publishes: true, by: bench.author)
    }

    @Test("C73, F46 one frozen version prices display, answer and receipt; a new price is the next session's")
    func frozen() async throws {
        let bench = try await ChargingBench()
        let number = try await bench.start().number
        let quote = try await bench.find(
            QuoteRecord.self,
            try #require(try await bench.bill(of: try await bench.session(number))).quote)
        bench.desk.clock.advance(by: .minutes(10))
        try await Self.raisePrice(bench)

        bench.desk.clock.advance(by: .minutes(20))
        try await bench.sample(number, ChargingBench.register + 2000)
        #expect(try await bench.session(number).live?.cost == .eur(98))
        bench.desk.clock.advance(by: .minutes(30))
        let answer = try await bench.stop(number, ChargingBench.register + 5000)
        #expect(answer.cost == .eur(245))
        try await bench.pass()

        let session = try await bench.session(number)
        #expect(try await bench.bill(of: session)?.totalMinor == 245)
        let receipts = try await bench.desk.store.read { tx in try tx.documents(of: session.id) }
        #expect(receipts.map(\.grossMinor) == [245])
        let proof = try #require(receipts.first).receipt.proof
        #expect(proof.hash == quote.tariffHash && proof.version == quote.tariffVersion)
        let next = try await bench.visit()
        try await bench.pass()
        #expect(try await bench.bill(of: try await bench.session(next))?.totalMinor == 495)
        try await bench.checkInvariants()
    }

    @Test("C77 while a hold limits a 2.x session its cost is told once a minute, to the end")
    func costUpdates() async throws {
        let bench = try await ChargingBench()
        try await bench.connect(bench.station, version: "2.0.1")
        let token = PresentedToken(uid: bench.card, kind: "ISO14443")
        func say(_ kinds: [Fact.Kind], _ place: Int64, token: PresentedToken? = nil) async throws {
            let facts = kinds.map {
                Fact($0, measuredAt: bench.now, receivedAt: bench.now, sequence: place)
            }
            let report = TransactionReport(reference: .named("T1"), evse: 1, token: token, facts: facts)
            try await bench.send(.transaction(report), version: "2.0.1")
        }
        func sample(_ wattHours: Int64) -> [Fact.Kind] {
            [.reading(Reading(.importRegister, value: (ChargingBench.register + wattHours) * 1000))]
        }
        /// The costs that the station was told since it was asked last.
        func told() async throws -> [String] {
            var costs: [String] = []
            while let claimed = try await bench.door.claimCommands(for: [bench.station]).first {
                if case .tell(let notice) = claimed.command { costs.append(notice.cost) }
                try await bench.door.recordReply(.accepted, to: claimed)
            }
            return costs
        }

        try await say([.started(register: nil), .token(token)] + sample(0), 0, token: token)
        #expect(try await told() == ["0.00"])
        // With the first energy another price begins, which is news at any time.
        bench.desk.clock.advance(by: .seconds(30))
        try await say(sample(1000), 1)
        #expect(try await told() == ["0.49"])
        for minute in 2...5 as ClosedRange<Int64> {
            bench.desk.clock.advance(by: .seconds(30))
            try await say(sample(minute * 1000 - 500), minute * 2 - 2)
            let early = try await told()
            #expect(early.isEmpty)
            bench.desk.clock.advance(by: .seconds(30))
            try await say(sample(minute * 1000), minute * 2 - 1)
            let due = try await told()
            #expect(due == [Money(minorUnits: 49 * minute, currency: .eur).decimal])
        }
    }
}
