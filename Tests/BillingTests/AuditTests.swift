// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage
import Testing

/// The audit folds what was stored again (charging.md §2, I18).
@Suite("The audit of sessions", .timeLimit(.minutes(2)))
struct AuditTests {
    /// A settled visit of 5 kWh.
    private static func settled(_ bench: ChargingBench) async throws -> SessionRecord {
        let number = try await bench.visit()
        try await bench.pass()
        let session = try await bench.session(number)
        #expect(session.status == .final)
        return session
    }

    private static func offenders(
        _ bench: ChargingBench, _ span: Invariants.Span = Invariants.Span(), of id: String = "I18"
    ) async throws -> [String] {
        let findings = try await Invariants(desk: bench.desk)(folding: span)
        return try #require(findings.first { $0.id == id }).offenders
    }

    @Test("sessions as they were billed hold, and late facts do not disturb it")
    func untouched() async throws {
        let bench = try await ChargingBench()
        let session = try await Self.settled(bench)
        try await bench.stop(session.number, ChargingBench.register + 9000)
        #expect(try await Self.offenders(bench).isEmpty)
        try await bench.checkInvariants()
    }

    @Test("energy that was changed afterwards is found")
    func energy() async throws {
        let bench = try await ChargingBench()
        let session = try await Self.settled(bench)
        try await bench.change(SessionRecord.self, session.id.text) {
            $0.energy = Energy(milliwattHours: $0.energy.milliwattHours + 1)
        }
        #expect(try await Self.offenders(bench) == [session.id.text])
    }

    @Test("a fact that was slipped in afterwards is found, though the price still fits the stored readings")
    func fact() async throws {
        let bench = try await ChargingBench()
        let session = try await Self.settled(bench)
        let slipped = Fact(
            .ended(register: Energy(wattHours: ChargingBench.register + 9000), reason: "Local"),
            measuredAt: ChargingBench.beginning + .minutes(60), receivedAt: ChargingBench.beginning)
        try await bench.desk.store.transaction { tx in
            _ = try tx.insert(slipped, key: slipped.contentKey, of: session.id, frame: nil)
        }
        #expect(try await Self.offenders(bench) == [session.id.text])
        #expect(try await Self.offenders(bench, of: "I23").isEmpty)
    }

    @Test("a total that was changed afterwards is found by both")
    func total() async throws {
        let bench = try await ChargingBench()
        let session = try await Self.settled(bench)
        let bill = try #require(try await bench.bill(of: session))
        try await bench.change(BillRecord.self, bill.id.text) { $0.totalMinor = 244 }
        #expect(try await Self.offenders(bench) == [session.id.text])
        #expect(try await Self.offenders(bench, of: "I23") == [bill.id.text])
    }

    @Test("what an EVSE can deliver may be changed later; that is no finding")
    func power() async throws {
        let bench = try await ChargingBench()
        let session = try await Self.settled(bench)
        try await bench.change(EVSERecord.self, try #require(session.evse).text) {
            $0.powerMax = Power(watts: 1)
        }
        #expect(try await Self.offenders(bench).isEmpty)
    }

    @Test("only sessions of the span are folded; many are read in parts, and all of them")
    func span() async throws {
        let bench = try await ChargingBench()
        var sessions: [SessionRecord] = []
        for _ in 0..<3 { sessions.append(try await Self.settled(bench)) }
        for session in sessions {
            try await bench.change(SessionRecord.self, session.id.text) { $0.energy = .zero }
        }
        let ids = sessions.map(\.id.text)
        let times = try sessions.map { try #require($0.finalAt) }
        #expect(try await Self.offenders(bench) == ids)
        #expect(
            try await Self.offenders(bench, Invariants.Span(from: times[1], to: times[2])) == [ids[1]])
        #expect(try await Self.offenders(bench, Invariants.Span(from: times[2] + .seconds(1))).isEmpty)
        let parts = try await bench.desk.store.read { tx in
            let first = try tx.finalSessions(from: nil, to: nil, after: nil, limit: 2)
            return [first, try tx.finalSessions(from: nil, to: nil, after: first.last?.id, limit: 2)]
        }
        #expect(parts.map { $0.map(\.id.text) } == [Array(ids[..<2]), [ids[2]]])
    }
}
