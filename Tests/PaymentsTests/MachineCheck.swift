// SPDX-License-Identifier: Apache-2.0

/// Drives a machine into each of its states, and there compares what each event does with the table of the page.
struct MachineCheck<Machine: Hashable, Event> {
    /// The machines to begin with.
    let starts: [Machine]
    /// The state's name in the table.
    let state: (Machine) -> String
    /// The events by column, as they are made on the way to a state.
    let approach: [(column: String, event: (Machine) -> Event)]
    /// The events by column, as they are tried in a state.
    let probe: [(column: String, event: (Machine) -> Event)]
    /// Applies one, and says whether a person is asked.
    let apply: (inout Machine, Event) throws -> Bool

    /// What differs, one line a cell, and how many cells were compared.
    func differences(from table: SpecTable) -> (lines: [String], cells: Int) {
        var lines: [String] = []
        var cells = 0
        let reached = reachedStates()
        for name in table.names where reached[name] == nil { lines.append("\(name): cannot be reached") }
        for (name, machine) in reached {
            guard let row = table.rows[name] else {
                lines.append("\(name): is no row of the table")
                continue
            }
            for (column, expected) in zip(table.columns, row) {
                let column = String(column.prefix { $0 != " " })
                guard let probe = probe.first(where: { $0.column == column }) else {
                    lines.append("\(column): no such event")
                    continue
                }
                cells += 1
                let seen = outcome(of: probe.event(machine), on: machine, named: name)
                // A transition into the state itself (funding × fund) changes nothing that a state can show.
                let plain = SpecTable.plain(expected)
                let wanted = plain == name ? "=" : plain
                if seen != wanted { lines.append("\(name) × \(column): \(seen), not \(wanted)") }
            }
        }
        return (lines.sorted(), cells)
    }

    private func outcome(of event: Event, on machine: Machine, named name: String) -> String {
        var changed = machine
        do {
            let asks = try apply(&changed, event)
            let after = state(changed)
            if after == name { return asks ? "!" : "=" }
            return asks ? after + "!" : after
        } catch {
            return changed == machine ? "-" : "refused, and changed"
        }
    }

    /// One machine for each state, by the shortest way.
    private func reachedStates() -> [String: Machine] {
        var reached: [String: Machine] = [:]
        var queue = starts
        for start in starts { reached[state(start)] = reached[state(start)] ?? start }
        while !queue.isEmpty {
            let machine = queue.removeFirst()
            for (_, event) in approach {
                var next = machine
                guard (try? apply(&next, event(machine))) != nil else { continue }  // refused: no way
                guard reached[state(next)] == nil else { continue }
                reached[state(next)] = next
                queue.append(next)
            }
        }
        return reached
    }
}
