// SPDX-License-Identifier: Apache-2.0

/// What happens to each event in each state, written as the tables of payments.md are: one row a state, one column an
/// event. A cell is a state's name (transition), `=` (accepted, nothing changes), `-` (refused), `!` (a person is asked,
/// nothing changes) or a state's name with `!` (transition, and a person is asked).
package struct TransitionTable<State, Event>: Sendable
where
    State: RawRepresentable<String> & CaseIterable & Hashable & Sendable,
    Event: RawRepresentable<String> & CaseIterable & Hashable & Sendable
{
    /// One cell.
    package enum Cell: Hashable, Sendable {
        case move(State)
        case stay
        case refuse
        case ask
        case moveAndAsk(State)
    }

    private let cells: [State: [Event: Cell]]

    /// Reads a table. A row that is missing, too short or names an unknown state is a programmer's mistake.
    package init(_ text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        guard let head = lines.first else { preconditionFailure("a table has a head") }
        let events = head.dropFirst().map { name -> Event in
            guard let event = Event(rawValue: name) else { preconditionFailure("no event is called \(name)") }
            return event
        }
        var cells: [State: [Event: Cell]] = [:]
        for line in lines.dropFirst() {
            guard let state = State(rawValue: line[0]), line.count == events.count + 1 else {
                preconditionFailure("a row of the table does not fit: \(line)")
            }
            cells[state] = Dictionary(uniqueKeysWithValues: zip(events, line.dropFirst().map(Self.cell)))
        }
        precondition(cells.count == State.allCases.count, "every state has a row")
        self.cells = cells
    }

    /// What an event means in a state.
    package subscript(state: State, event: Event) -> Cell { cells[state]?[event] ?? .refuse }

    private static func cell(_ text: String) -> Cell {
        switch text {
        case "=": return .stay
        case "-": return .refuse
        case "!": return .ask
        default:
            let asks = text.hasSuffix("!")
            guard let state = State(rawValue: asks ? String(text.dropLast()) : text) else {
                preconditionFailure("no state is called \(text)")
            }
            return asks ? .moveAndAsk(state) : .move(state)
        }
    }
}
