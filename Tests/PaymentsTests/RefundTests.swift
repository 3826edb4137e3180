// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

@Suite("Refund")
struct RefundTests {
    @Test("every state and event does what the table says")
    func table() throws {
        let all: [Refund.Event] = [
            .request, .accepted, .ok, .decline, .unknown, .notFound, .reversed, .cancel(nil),
        ]
        let events = all.map { event in (event.column.rawValue, { (_: Refund) in event }) }
        let check = MachineCheck(
            starts: [try refund()], state: { $0.state.rawValue }, approach: events, probe: events,
            apply: { refund, event in
                try refund.apply(event).contains { if case .askAPerson = $0 { true } else { false } }
            })

        let (differences, cells) = check.differences(from: try SpecTable(under: "Refund"))

        #expect(differences == [])
        #expect(cells == 7 * 8)
    }

    @Test("1: it is cancelled only before its call has left", arguments: Attempt.State.allCases)
    func cancel(attempt: Attempt.State) throws {
        var refund = try refund()
        if [.planned, .withdrawn].contains(attempt) {
            _ = try refund.apply(.cancel(attempt))
            #expect(refund.state == .cancelled)
        } else {
            #expect(throws: Refund.Refusal.alreadySent(attempt)) { try refund.apply(.cancel(attempt)) }
            #expect(refund.state == .requested)
        }
    }

    @Test("2 and 4: the same call after a doubt, a new one after a failure")
    func ordinals() throws {
        var refund = try refund()
        _ = try refund.apply(.unknown)
        #expect(try refund.apply(.notFound) == [.send(ordinal: 1)])
        _ = try refund.apply(.decline)
        #expect(try refund.apply(.request) == [.send(ordinal: 2)])
        _ = try refund.apply(.ok)
        _ = try refund.apply(.reversed)
        #expect(try refund.apply(.request) == [.send(ordinal: 3)])
    }

    @Test("F59: refunds and disputes together never exceed what was captured")
    func guarded() throws {
        let taken = Refund.Taken(
            captured: .eur(18_37), refunded: .eur(5_00), disputed: .eur(3_00), hasOpenDispute: false)
        #expect(try Refund(of: .eur(10_37), from: taken).amount == .eur(10_37))
        #expect(throws: Refund.Refusal.exceedsCaptured(available: .eur(10_37), requested: .eur(10_38))) {
            try Refund(of: .eur(10_38), from: taken)
        }
        #expect(throws: Refund.Refusal.amountIsNotPositive(.eur(0))) { try Refund(of: .eur(0), from: taken) }
    }

    @Test("nothing is given back while the bank may take it as well")
    func disputed() {
        let taken = Refund.Taken(
            captured: .eur(18_37), refunded: .eur(0), disputed: .eur(0), hasOpenDispute: true)
        #expect(throws: Refund.Refusal.disputeOpen) { try Refund(of: .eur(1), from: taken) }
    }

    private func refund() throws -> Refund {
        try Refund(
            of: .eur(5_00),
            from: Refund.Taken(
                captured: .eur(18_37), refunded: .eur(0), disputed: .eur(0), hasOpenDispute: false))
    }
}
