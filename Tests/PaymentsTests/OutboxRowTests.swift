// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

@Suite("Outbox row")
struct OutboxRowTests {
    @Test("every state and event does what the table says")
    func table() throws {
        let events: [(String, (OutboxRow) -> OutboxRow.Event)] = [
            ("enqueue", { _ in .enqueue }), ("lease", { _ in .lease }), ("done", { .done(fence: $0.fence) }),
            ("retry", { .retry(fence: $0.fence) }), ("fail", { .fail(fence: $0.fence) }),
            ("leaseExpired", { _ in .leaseExpired }), ("withdraw", { _ in .withdraw }),
            ("replay", { _ in .replay }),
        ]
        let check = MachineCheck(
            starts: [OutboxRow()], state: { $0.state.rawValue }, approach: events, probe: events,
            apply: { row, event in
                try row.apply(event)
                return false
            })

        let (differences, cells) = check.differences(from: try SpecTable(under: "Outbox"))

        #expect(differences == [])
        #expect(cells == 5 * 8)
    }

    @Test("F54: an answer with an old lease cannot complete the row")
    func fencing() throws {
        var row = OutboxRow()
        try row.apply(.lease)
        try row.apply(.leaseExpired)
        try row.apply(.lease)
        for late: OutboxRow.Event in [.done(fence: 1), .retry(fence: 1), .fail(fence: 1)] {
            #expect(throws: OutboxRow.Refusal.staleFence(held: 2, given: 1)) { try row.apply(late) }
        }
        try row.apply(.done(fence: 2))
        #expect(row.state == .done)
    }

    @Test("it waits longer each time, and is given up after 20 tries or 3 days")
    func backoff() {
        let seconds = (1...9).map { OutboxRow.backoff(after: $0).seconds }
        #expect(seconds == [1, 5, 30, 120, 600, 3600, 14_400, 43_200, 43_200])
        #expect(OutboxRow.backoff(after: .max) == .hours(12))
        #expect(OutboxRow.isHopeless(tries: 20, age: .zero))
        #expect(OutboxRow.isHopeless(tries: 1, age: .hours(72)))
        #expect(!OutboxRow.isHopeless(tries: 19, age: .hours(71)))
    }
}
