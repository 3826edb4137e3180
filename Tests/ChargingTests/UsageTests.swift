// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// Registers and states as the timeline that is priced (charging.md §6, §12; tariffs.md D3).
@Suite("Usage of a session")
struct UsageTests {
    /// A 1.6 visit of 3 kWh over 15 min with states at the given minutes.
    func usage(_ states: [(minute: Int64, state: ChargingState)]) -> Usage {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin(0))
        for (minute, state) in states {
            var message = visit.message([.state(state)], at: 0)
            message[0].measuredAt = visit.at(0) + .minutes(minute)
            visit.say(message)
        }
        visit.say(visit.end(3000, at: 3))
        return visit.session.usage()
    }

    /// Minutes of each state in order, e.g. `C5 P10`.
    func table(_ usage: Usage) -> String {
        usage.intervals.map { "\($0.state.rawValue)\(($0.end - $0.start).seconds / 60)" }.joined(
            separator: " ")
    }

    @Test("energy between two registers flows evenly, also across a change of state")
    func spread() {
        let usage = usage([(0, .charging), (5, .suspendedByVehicle)])
        #expect(table(usage) == "C5 P10")
        #expect(usage.intervals.map(\.energy) == [Energy(wattHours: 1000), Energy(wattHours: 2000)])
    }

    @Test("a third of a watt-hour is not lost: the last piece takes the remainder")
    func remainder() {
        let usage = usage([
            (0, .charging), (1, .suspendedByVehicle), (3, .charging), (8, .suspendedByStation),
        ])
        #expect(usage.energy == Energy(wattHours: 3000))
        #expect(table(usage) == "C1 P2 C5 S7")
    }

    @Test("C65 the vehicle's pause is parking, the station's is not")
    func pauses() {
        #expect(table(usage([(0, .charging), (5, .suspendedByVehicle)])) == "C5 P10")
        #expect(table(usage([(0, .charging), (5, .suspendedByStation)])) == "C5 S10")
        #expect(table(usage([])) == "C15")
    }

    @Test("C67 plugged in is parking only after charging was seen")
    func connected() {
        #expect(table(usage([(0, .connected), (5, .charging), (10, .connected)])) == "S5 C5 P5")
        #expect(table(usage([(0, .charging), (5, .idle)])) == "C5 P10")
        #expect(table(usage([(0, .idle)])) == "S15")
    }

    @Test("C67 a vehicle that waits for its timer is not parking: idle is what follows a charge")
    func timer() {
        #expect(table(usage([(0, .suspendedByVehicle), (10, .charging)])) == "S10 C5")
        #expect(table(usage([(0, .connected), (1, .suspendedByVehicle), (10, .charging)])) == "S1 S9 C5")
        #expect(
            table(usage([(0, .suspendedByVehicle), (5, .charging), (10, .suspendedByVehicle)])) == "S5 C5 P5")
    }

    @Test("C67 a station that never says that it charges proves it by its register")
    func proven() {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin(0))
        visit.say(visit.message([.state(.suspendedByVehicle)], at: 0))
        visit.say(visit.sample(1000, at: 1))
        visit.say(visit.message([.state(.suspendedByStation)], at: 1))
        visit.say(visit.message([.state(.suspendedByVehicle)], at: 2))
        visit.say(visit.end(1000, at: 3))
        #expect(table(visit.session.usage()) == "S5 S5 P5")
    }

    @Test("C67 of two statuses at one time the one without a fee stands")
    func contradiction() {
        #expect(table(usage([(5, .suspendedByVehicle), (5, .charging)])) == "C5 C10")
        #expect(table(usage([(5, .charging), (5, .suspendedByVehicle)])) == "C5 C10")
        #expect(table(usage([(5, .suspendedByVehicle), (5, .suspendedByStation)])) == "C5 S10")
        #expect(table(usage([(0, .charging), (5, .idle), (5, .suspendedByStation)])) == "C5 S10")
    }

    @Test("a running session is used up to now, and never up to less than was measured")
    func running() {
        var visit = StationVisit(.ocpp16)
        visit.say(visit.begin(0))
        visit.say(visit.sample(1000, at: 2))
        #expect(table(visit.session.usage(asOf: visit.at(4))) == "C10 C10")
        #expect(table(visit.session.usage(asOf: visit.at(1))) == "C10")
        #expect(visit.session.usage(asOf: visit.at(1)).energy == Energy(wattHours: 1000))
    }
}
