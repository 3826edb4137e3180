// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

@Suite("Attempt")
struct AttemptTests {
    @Test("every state and event does what the table says")
    func table() throws {
        let events = Attempt.Event.allCases.map { event in (event.rawValue, { (_: Attempt) in event }) }
        let check = MachineCheck(
            starts: [Attempt()], state: { $0.state.rawValue }, approach: events, probe: events,
            apply: { attempt, event in try !attempt.apply(event).isEmpty })

        let (differences, cells) = check.differences(from: try SpecTable(under: "Attempt"))

        #expect(differences == [])
        #expect(cells == 9 * 12)
    }

    @Test("the key is made of payment, operation and ordinal, and short enough for every gateway")
    func key() throws {
        let payment = PaymentID(at: Instant(seconds: 1_790_000_000), random: .max)

        let key = Attempt.key(of: payment, operation: "charge_off_session", ordinal: 10)

        #expect(key == "amp1-\(payment)-charge_off_session-10")
        #expect(key.utf8.count <= 64)
    }

    @Test("2: the same key leaves again until 23 h after it first left")
    func keyLifetime() {
        let sent = Instant(seconds: 1_790_000_000)
        #expect(Attempt.mayBeSentAgain(firstSentAt: sent, at: sent + .hours(23)))
        #expect(!Attempt.mayBeSentAgain(firstSentAt: sent, at: sent + .hours(23) + .milliseconds(1)))
    }

    @Test("what is over says so, and what may still change does not")
    func over() throws {
        var attempt = Attempt()
        #expect(!attempt.isOver)
        _ = try attempt.apply(.send)
        _ = try attempt.apply(.doubt)
        #expect(!attempt.isOver)
        _ = try attempt.apply(.foundOk)
        #expect(attempt.isOver)
    }
}
