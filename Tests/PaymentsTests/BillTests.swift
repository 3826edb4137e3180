// SPDX-License-Identifier: Apache-2.0

import Payments
import Testing

@Suite("Bill")
struct BillTests {
    @Test("every state and event does what the table says")
    func table() throws {
        let events = Bill.Event.allCases.map { event in (event.rawValue, { (_: Bill) in event }) }
        let check = MachineCheck(
            starts: [Bill()], state: { $0.state.rawValue }, approach: events, probe: events,
            apply: { bill, event in
                try bill.apply(event).contains { if case .askAPerson = $0 { true } else { false } }
            })

        let (differences, cells) = check.differences(from: try SpecTable(under: "Bill"))

        #expect(differences == [])
        #expect(cells == 14 * 17)
    }

    @Test("1: a charger that starts by itself is funded at once", arguments: [Bill.Event.on, .end])
    func ownAuthority(event: Bill.Event) throws {
        #expect(try bill(after: []).effects(event) == [.fundNow])
        #expect(try bill(after: [.fund]).effects(event) == [.fundNow])
        #expect(try bill(after: [.fund, .funded, .start]).effects(event) == [])
    }

    @Test("2: a second source voids the first hold")
    func secondSource() throws {
        #expect(try bill(after: [.fund]).effects(.fund) == [.voidHolds])
    }

    @Test("3: a cancelled or free bill gives every hold back")
    func holdsGoBack() throws {
        for way: [Bill.Event] in [[.fund], [.fund, .funded], [.fund, .funded, .start]] {
            #expect(try bill(after: way).effects(.cancel) == [.voidHolds])
        }
        #expect(try bill(after: Self.toEnded).effects(.zero) == [.voidHolds])
        #expect(try bill(after: Self.toEnded + [.review]).effects(.zero) == [.voidHolds])
    }

    @Test("4: a hold lost while starting withdraws the start")
    func lostHold() throws {
        #expect(try bill(after: [.fund, .funded, .start]).effects(.unfunded) == [.withdrawStart])
    }

    @Test("5: after a failed start the same hold serves a retry")
    func retry() throws {
        var bill = try bill(after: [.fund, .funded, .start, .nostart])
        #expect(bill.state == .funded)
        #expect(try bill.apply(.start) == [])
    }

    @Test("7 and 8: a running session is stopped and never cancelled")
    func running() throws {
        let running = try bill(after: [.fund, .funded, .start, .on])
        #expect(try running.effects(.unfunded) == [.stop])
        #expect(try running.effects(.cancel) == [.stop])
    }

    @Test("9: readings after rating make an adjustment, and a person hears of it")
    func late() throws {
        for way: [Bill.Event] in [[.rate], [.rate, .collect], [.rate, .collect, .paid], [.zero]] {
            let bill = try bill(after: Self.toEnded + way)
            #expect(try bill.effects(.late) == [.askAPerson(.late, in: bill.state), .adjust])
        }
    }

    @Test("10: money that nobody owes goes back")
    func undue() throws {
        for way: [Bill.Event] in [Self.toEnded + [.rate, .paid], Self.toEnded + [.zero], [.cancel]] {
            let bill = try bill(after: way)
            #expect(try bill.effects(.paid) == [.askAPerson(.paid, in: bill.state), .refundUndue])
        }
    }

    @Test("11: energy after a cancellation is stopped and billed to nobody")
    func afterCancel() throws {
        let cancelled = try bill(after: [.cancel])
        #expect(
            try cancelled.effects(.on) == [.askAPerson(.on, in: .cancelled), .stop, .recordUnbilled])
        #expect(try cancelled.effects(.late) == [.askAPerson(.late, in: .cancelled), .recordUnbilled])
    }

    @Test("a debt that is paid is settled, also after it was written off")
    func debt() throws {
        let inDebt = Self.toEnded + [Bill.Event.rate, .collect, .short]
        #expect(try bill(after: inDebt + [.collect, .paid]).state == .settled)
        #expect(try bill(after: inDebt + [.writeoff, .paid]).state == .settled)
    }

    private static let toEnded: [Bill.Event] = [.fund, .funded, .start, .on, .end]

    private func bill(after events: [Bill.Event]) throws -> Bill {
        var bill = Bill()
        for event in events { _ = try bill.apply(event) }
        return bill
    }
}

extension Bill {
    fileprivate func effects(_ event: Event) throws -> [Effect] {
        var bill = self
        return try bill.apply(event)
    }
}
