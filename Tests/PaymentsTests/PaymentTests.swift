// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

@Suite("Payment")
struct PaymentTests {
    @Test("every state and event does what the table says")
    func table() throws {
        let check = MachineCheck(
            starts: [Payment()], state: { $0.state.rawValue }, approach: Self.events(amount: 10_00),
            probe: Self.events(amount: 9_00),
            apply: { payment, event in
                try payment.apply(event).contains { if case .askAPerson = $0 { true } else { false } }
            })

        let (differences, cells) = check.differences(from: try SpecTable(under: "Payment"))

        #expect(differences == [])
        #expect(cells == 17 * 17)
    }

    @Test("1: an approval keeps amount, end, reference and capabilities, full or partial")
    func approval() throws {
        let partial = Payment.Authorization(
            amount: .eur(15_00), captureBefore: Instant(seconds: 100), reference: "g1", capabilities: able)
        let payment = try payment(after: [.authorize, .approved(partial)])
        #expect(payment.authorization == partial)
    }

    @Test("2: a call may authorise and capture at once")
    func authoriseAndCapture() throws {
        let payment = try payment(after: [.authorize, .captured(.eur(4_30))])
        #expect(payment.state == .captured)
        #expect(payment.captured == .eur(4_30))
    }

    @Test("6: only a definite 'not found' ends a doubt")
    func notFound() throws {
        #expect(try payment(after: [.authorize, .notFound]).state == .authorizing)
        #expect(try payment(after: [.authorize, .unknown, .notFound]).state == .declined)
    }

    @Test("7: an approval nobody waits for is voided, and a person hears of it")
    func orphan() throws {
        for way: [Payment.Event] in [
            [.authorize, .declined], [.void], [.authorize, .approved(hold), .expired],
        ] {
            var payment = try payment(after: way)
            let before = payment.state
            #expect(try payment.apply(.approved(hold)) == [.askAPerson(.approved, in: before), .voidOrphan])
            #expect(payment.state == before)
        }
    }

    @Test("8: money that was taken after all is booked and given back")
    func undue() throws {
        for way: [Payment.Event] in [
            [.authorize, .declined], [.authorize, .void], [.authorize, .void, .unknown], [.void],
        ] {
            var payment = try payment(after: way)
            let before = payment.state
            #expect(
                try payment.apply(.captured(.eur(5_00))) == [
                    .askAPerson(.captured, in: before), .refundUndue,
                ])
            #expect(payment.captured == .eur(5_00))
        }
    }

    @Test("9 and 10: a declined or doubtful raise leaves the confirmed amount, and no more may be captured")
    func confirmedAmount() throws {
        for answer: Payment.Event in [.adjDeclined, .unknown] {
            var payment = try payment(after: [.authorize, .approved(hold), .adjust(.eur(60_00)), answer])
            #expect(payment.authorization?.amount == .eur(40_00))
            #expect(throws: Payment.Refusal.captureExceedsHold(hold: .eur(40_00), requested: .eur(40_01))) {
                try payment.apply(.capture(.eur(40_01)))
            }
            _ = try payment.apply(.capture(.eur(40_00)))
            #expect(payment.state == .capturing)
        }
    }

    @Test("11: a look-up that finds the hold still open sends the same operation again")
    func stillOpen() throws {
        let capturing: [Payment.Event] = [.authorize, .approved(hold), .capture(.eur(18_37)), .unknown]
        #expect(try payment(after: capturing + [.approved(hold)]).state == .capturing)
        let voiding: [Payment.Event] = [.authorize, .approved(hold), .void, .unknown]
        #expect(try payment(after: voiding + [.approved(hold)]).state == .voiding)
    }

    @Test("13: a failed capture is asked for again only where this authorisation allows it")
    func secondCapture() throws {
        let way: [Payment.Event] = [.capture(.eur(10_00)), .capFailed]
        var payment = try payment(after: [.authorize, .approved(hold)] + way)
        #expect(payment.canCapture)
        _ = try payment.apply(.capture(.eur(10_00)))
        #expect(payment.state == .capturing)

        var final = try self.payment(
            after: [.authorize, .approved(Payment.Authorization(amount: .eur(40_00)))] + way)
        #expect(!final.canCapture)
        #expect(throws: Payment.Refusal.captureIsFinal) { try final.apply(.capture(.eur(10_00))) }
    }

    @Test("14: a terminal may raise its limit")
    func terminalLimit() throws {
        let payment = try payment(after: [.external(hold), .adjusted(.eur(55_00))])
        #expect(payment.authorization?.amount == .eur(55_00))
    }

    @Test("a command repeated with the same parameters changes nothing, with others it is refused")
    func repeated() throws {
        let authorized: [Payment.Event] = [.authorize, .approved(hold)]
        for way: [Payment.Event] in [[], [.unknown], [.captured(.eur(18_37))]] {
            var payment = try payment(after: authorized + [.capture(.eur(18_37))] + way)
            let before = payment
            #expect(try payment.apply(.capture(.eur(18_37))) == [])
            #expect(payment == before)
            #expect(throws: Payment.Refusal.self) { try payment.apply(.capture(.eur(18_38))) }
            #expect(payment == before)
        }
        var raising = try payment(after: authorized + [.adjust(.eur(60_00))])
        #expect(try raising.apply(.adjust(.eur(60_00))) == [])
        #expect(throws: Payment.Refusal.self) { try raising.apply(.adjust(.eur(70_00))) }
    }

    @Test("F57 nothing is captured that is zero or negative", arguments: [0, -1])
    func captureOfNothing(cents: Int64) throws {
        var payment = try payment(after: [.authorize, .approved(hold)])
        #expect(throws: Payment.Refusal.captureOfNothing(.eur(cents))) {
            try payment.apply(.capture(.eur(cents)))
        }
    }

    private var able: Capabilities {
        var able = Capabilities()
        able.canCaptureAgain = true
        return able
    }

    private var hold: Payment.Authorization {
        Payment.Authorization(amount: .eur(40_00), reference: "g1", capabilities: able)
    }

    private func payment(after events: [Payment.Event]) throws -> Payment {
        var payment = Payment()
        for event in events { _ = try payment.apply(event) }
        return payment
    }

    private static func events(amount: Int64) -> [(String, (Payment) -> Payment.Event)] {
        var able = Capabilities()
        able.canCaptureAgain = true
        let hold = Payment.Authorization(amount: .eur(40_00), capabilities: able)
        let all: [Payment.Event] = [
            .authorize, .external(hold), .action, .approved(hold), .declined, .unknown, .notFound,
            .adjust(.eur(50_00 + amount)), .adjusted(.eur(60_00)), .adjDeclined, .capture(.eur(amount)),
            .captured(.eur(amount)), .capFailed, .void, .voidOk, .voidRefused, .expired,
        ]
        return all.map { event in (event.column.rawValue, { _ in event }) }
    }
}
