// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

@Suite("Commands to stations")
struct CommandTests {
    /// Each state and each event (charging.md §9): a state's name, `=` for no change, `-` for a refusal.
    static let table = """
        state     sent accepted refused silence done expired
        queued    sent -        refused unknown done withdrawn
        sent      =    accepted refused unknown done failed
        accepted  -    =        -       -       done failed
        refused   -    -        =       -       done =
        unknown   -    accepted refused =       done failed
        done      =    =        =       =       =    =
        failed    -    -        -       -       done =
        withdrawn -    -        -       -       done =
        """

    static let events: [String: Command.Event] = [
        "sent": .sent, "accepted": .accepted, "refused": .refused(reason: "Rejected"), "silence": .silence,
        "done": .done, "expired": .expired,
    ]

    /// The shortest way to each state.
    static let ways: [Command.State: [Command.Event]] = [
        .queued: [], .sent: [.sent], .accepted: [.sent, .accepted],
        .refused: [.sent, .refused(reason: "Occupied")], .unknown: [.sent, .silence], .done: [.done],
        .failed: [.sent, .expired], .withdrawn: [.expired],
    ]

    @Test("every event in every state does what the table says", arguments: Command.State.allCases)
    func table(state: Command.State) throws {
        let lines = Self.table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let row = try #require(lines.first { $0[0] == state.rawValue })
        #expect(lines.count == Command.State.allCases.count + 1)
        #expect(row.count == lines[0].count)
        for (name, cell) in zip(lines[0], row).dropFirst() {
            let event = try #require(Self.events[name])
            var command = Command(deadline: StationVisit.beginning)
            for step in try #require(Self.ways[state]) { try command.apply(step) }
            #expect(command.state == state)
            let before = command
            if cell == "-" {
                let refusal = #expect(throws: Command.Refusal.self) { try command.apply(event) }
                #expect(refusal?.state == state && refusal?.event == event)
                #expect(command == before, "a refusal changes nothing: \(state) \(name)")
            } else {
                try command.apply(event)
                #expect(command.state.rawValue == (cell == "=" ? state.rawValue : cell), "\(state) \(name)")
            }
        }
    }

    @Test("the station's word for a refusal is kept, the first one")
    func reason() throws {
        var command = Command(deadline: StationVisit.beginning)
        try command.apply(.sent)
        try command.apply(.refused(reason: "Occupied"))
        try command.apply(.refused(reason: "Rejected"))
        #expect(command.reason == "Occupied")
        #expect(command.deadline == StationVisit.beginning)
    }

    @Test("over is what nothing but a fact can change", arguments: Command.State.allCases)
    func over(state: Command.State) throws {
        var command = Command(deadline: StationVisit.beginning)
        for step in try #require(Self.ways[state]) { try command.apply(step) }
        #expect(command.isOver == [.refused, .done, .failed, .withdrawn].contains(state))
    }
}
