// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// A fold as it lies in its column: what `Codable` would write, put down by hand, since it is written anew with every fold.
extension Session: ColumnJSON {
    func write(to json: inout DirectJSON) throws {
        json.beginObject()
        json.member("startedAt", startedAt)
        json.member("endedAt", endedAt)
        json.member("startRegister", startRegister)
        json.member("endRegister", endRegister)
        json.member("energy", energy)
        writePoints(to: &json)
        json.member("power", power)
        json.member("powerPeak", powerPeak)
        json.member("current", current)
        json.member("stateOfCharge", stateOfCharge)
        if let token {
            json.name("token")
            token.write(to: &json)
        }
        if let stoppedBy {
            json.name("stoppedBy")
            stoppedBy.write(to: &json)
        }
        json.member("stopReason", stopReason)
        json.member("isComplete", isComplete)
        json.name("flags")
        json.beginArray()
        // In order, so that the same fold is the same text.
        for flag in flags.sorted() { json.element(flag.rawValue) }
        json.endArray()
        json.member("latestAt", latestAt)
        json.member("rulesVersion", Int64(rulesVersion))
        if let judgement { try json.member("judgement", coded: judgement) }
        if let isStartTold { json.member("isStartTold", isStartTold) }
        json.endObject()
    }

    private func writePoints(to json: inout DirectJSON) {
        json.name("registers")
        json.beginArray()
        for point in registers {
            json.beginObject()
            json.member("at", point.at)
            json.member("register", point.register)
            json.member("power", point.power)
            json.member("current", point.current)
            json.endObject()
        }
        json.endArray()
        json.name("states")
        json.beginArray()
        for point in states {
            json.beginObject()
            json.member("at", point.at)
            json.member("state", point.state.rawValue)
            json.endObject()
        }
        json.endArray()
    }

    init(at mark: Int, of tape: ColumnTape) throws {
        func token(_ name: String) throws -> PresentedToken? {
            try tape.present(name, of: mark).map { try PresentedToken(at: $0, of: tape) }
        }
        self.init(
            keptSince: try tape.numberIfPresent("startedAt", of: mark),
            endedAt: try tape.numberIfPresent("endedAt", of: mark),
            startRegister: try tape.numberIfPresent("startRegister", of: mark),
            endRegister: try tape.numberIfPresent("endRegister", of: mark),
            energy: try tape.number("energy", of: mark),
            registers: try tape.elements(of: tape.required("registers", of: mark)).map {
                try RegisterPoint(at: $0, of: tape)
            },
            states: try tape.elements(of: tape.required("states", of: mark)).map {
                try StatePoint(at: $0, of: tape)
            },
            power: try tape.numberIfPresent("power", of: mark),
            powerPeak: try tape.numberIfPresent("powerPeak", of: mark),
            current: try tape.numberIfPresent("current", of: mark),
            stateOfCharge: try tape.numberIfPresent("stateOfCharge", of: mark),
            token: try token("token"), stoppedBy: try token("stoppedBy"),
            stopReason: try tape.textIfPresent("stopReason", of: mark),
            isComplete: try tape.truth("isComplete", of: mark),
            flags: Set(
                try tape.elements(of: tape.required("flags", of: mark)).map { flag in
                    guard let known = SessionFlag(rawValue: try tape.text(at: flag)) else {
                        throw tape.mismatch(flag, "a flag of a session")
                    }
                    return known
                }),
            latestAt: try tape.numberIfPresent("latestAt", of: mark),
            rulesVersion: try tape.integer(at: tape.required("rulesVersion", of: mark)),
            judgement: try tape.present("judgement", of: mark).map {
                try tape.coded(Judgement.self, at: $0)
            },
            isStartTold: try tape.present("isStartTold", of: mark).map { try tape.truth(at: $0) })
    }
}

extension Session.RegisterPoint {
    fileprivate init(at mark: Int, of tape: ColumnTape) throws {
        self.init(
            at: try tape.number("at", of: mark),
            register: try tape.number("register", of: mark),
            power: try tape.numberIfPresent("power", of: mark),
            current: try tape.numberIfPresent("current", of: mark))
    }
}

extension Session.StatePoint {
    fileprivate init(at mark: Int, of tape: ColumnTape) throws {
        self.init(
            at: try tape.number("at", of: mark),
            state: try tape.word("state", of: mark))
    }
}
