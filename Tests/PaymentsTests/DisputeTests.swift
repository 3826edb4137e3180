// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

@Suite("Dispute")
struct DisputeTests {
    @Test("every state and event does what the table says")
    func table() throws {
        let events = Dispute.Event.allCases.map { event in (event.rawValue, { (_: Dispute) in event }) }
        let check = MachineCheck(
            starts: [Dispute(.eur(18_37), isInquiry: true)], state: { $0.state.rawValue },
            approach: events, probe: events,
            apply: { dispute, event in
                _ = try dispute.apply(event)
                return false
            })

        let (differences, cells) = check.differences(from: try SpecTable(under: "Dispute"))

        #expect(differences == [])
        #expect(cells == 8 * 8)
    }

    @Test("F64: each flip is posted once, a repeat not at all")
    func flips() throws {
        var dispute = Dispute(.eur(18_37), isInquiry: false)
        #expect(try dispute.apply(.opened) == [])
        #expect(try dispute.apply(.lost) == [.post(.lost, after: .needsResponse)])
        #expect(try dispute.apply(.lost) == [])
        #expect(try dispute.apply(.won) == [.post(.won, after: .lost)])
        #expect(try dispute.apply(.won) == [])
        #expect(try dispute.apply(.opened) == [.post(.needsResponse, after: .won)])
    }

    @Test("an inquiry that is closed moves no money")
    func inquiry() throws {
        var dispute = Dispute(.eur(18_37), isInquiry: true)
        #expect(try dispute.apply(.closed) == [])
        #expect(!dispute.isOpen)
        #expect(!dispute.counts)
    }

    @Test("what was conceded is open until the gateway tells the loss, and can be lost or won, not answered")
    func conceded() throws {
        var dispute = Dispute(.eur(18_37), isInquiry: false)
        #expect(try dispute.apply(.conceded) == [])
        #expect(dispute.isOpen && dispute.counts)
        #expect(throws: Dispute.Refusal.self) { try dispute.apply(.evidence) }
        #expect(try dispute.apply(.duePassed) == [])
        #expect(try dispute.apply(.closed) == [.post(.lost, after: .conceded)])
        var reviewed = Dispute(.eur(18_37), isInquiry: false)
        _ = try reviewed.apply(.evidence)
        #expect(throws: Dispute.Refusal.self) { try reviewed.apply(.conceded) }
    }

    @Test("nobody answered: it is lost")
    func unanswered() throws {
        var dispute = Dispute(.eur(18_37), isInquiry: false)
        _ = try dispute.apply(.duePassed)
        #expect(dispute.isOpen)
        #expect(try dispute.apply(.closed) == [.post(.lost, after: .expired)])
        #expect(dispute.counts)
    }
}
