// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

@Suite("Inbox row")
struct InboxRowTests {
    @Test("every state and event does what the table says")
    func table() throws {
        let events = InboxRow.Event.allCases.map { event in (event.rawValue, { (_: InboxRow) in event }) }
        var parked = InboxRow()
        for _ in 0..<10 {
            _ = try parked.apply(.pick)
            _ = try parked.apply(.error)
        }
        let check = MachineCheck(
            starts: [InboxRow(), parked], state: { $0.state.rawValue }, approach: events, probe: events,
            apply: { row, event in
                _ = try row.apply(event)
                return false
            })

        let (differences, cells) = check.differences(from: try SpecTable(under: "Inbox"))

        #expect(differences == [])
        #expect(cells == 6 * 7)
    }

    @Test("1: a fact without its payment is looked at again four times, then it is an orphan")
    func orphan() throws {
        var row = InboxRow()
        var effects: [InboxRow.Effect] = []
        for _ in 0..<5 {
            _ = try row.apply(.pick)
            effects += try row.apply(.noMatch)
        }
        let pauses: [Elapsed] = [.seconds(2), .seconds(10), .minutes(1), .minutes(10)]
        #expect(effects == pauses.map { .tryAgain(after: $0) } + [.askAPerson(.noMatch)])
    }

    @Test("2: after ten errors it is parked and a person is asked")
    func parked() throws {
        var row = InboxRow()
        for _ in 0..<9 {
            _ = try row.apply(.pick)
            _ = try row.apply(.error)
            #expect(row.state == .received)
        }
        _ = try row.apply(.pick)
        #expect(try row.apply(.error) == [.askAPerson(.error)])
        #expect(row.state == .parked)
        _ = try row.apply(.replay)
        #expect(row.state == .received)
        #expect(row.errors == 0)
    }
}
