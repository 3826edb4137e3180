// SPDX-License-Identifier: Apache-2.0

import Foundation
import Payments
import Testing

/// docs/specs/machines.md is drawn from the tables; `make diagrams` draws it anew.
@Suite("Diagrams of the machines")
struct MachinePageTests {
    @Test("the page shows the machines as they are")
    func page() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/specs/machines.md")
        let drawn = MachinePage.text
        if ProcessInfo.processInfo.environment["AMPTILL_DRAW"] != nil {
            try drawn.write(to: page, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == drawn, "run make diagrams")
    }

    @Test("every state of every machine is drawn, and every transition of a table is an arrow")
    func complete() {
        for state in Payment.State.allCases { #expect(MachinePage.text.contains(" \(state.rawValue)")) }
        var arrows = 0
        for state in Refund.State.allCases {
            for event in Refund.Column.allCases {
                switch Refund.table[state, event] {
                case .move(let next), .moveAndAsk(let next):
                    arrows += 1
                    #expect(
                        MachinePage.diagram(of: Refund.table).contains(
                            "    \(state.rawValue) --> \(next.rawValue): "))
                default: continue
                }
            }
        }
        #expect(arrows > 10)
    }
}

/// Draws the tables as Mermaid diagrams.
enum MachinePage {
    static let text = """
        # The machines of the money path

        Drawn from the tables in `Sources/Payments` by `make diagrams`; a test fails when this page is older than they are.
        An arrow is an event that changes the state; `!` says that a person is asked as well. What changes nothing or is
        refused is in [payments.md](payments.md).

        \(section("Bill", Bill.table))
        \(section("Payment", Payment.table))
        \(section("Attempt", Attempt.table))
        \(section("Outbox", OutboxRow.table))
        \(section("Inbox", InboxRow.table))
        \(section("Refund", Refund.table))
        \(section("Dispute", Dispute.table))
        """

    private static func section<State, Event>(
        _ name: String, _ table: TransitionTable<State, Event>
    ) -> String { "## \(name)\n\n```mermaid\n\(diagram(of: table))\n```\n" }

    /// One arrow for each pair of states, with all events that lead along it.
    static func diagram<State, Event>(of table: TransitionTable<State, Event>) -> String {
        var lines = ["stateDiagram-v2"]
        for state in State.allCases {
            lines.append("    state \(state.rawValue)")
            for next in State.allCases {
                let events = Event.allCases.compactMap { event -> String? in
                    switch table[state, event] {
                    case .move(next) where next != state: event.rawValue
                    case .moveAndAsk(next): event.rawValue + "!"
                    default: nil
                    }
                }
                if !events.isEmpty {
                    lines.append(
                        "    \(state.rawValue) --> \(next.rawValue): \(events.joined(separator: ", "))")
                }
            }
        }
        return lines.joined(separator: "\n")
    }
}
