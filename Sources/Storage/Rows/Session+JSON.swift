// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// A fold as it lies in its column: what `Codable` would write, put down by hand, since it is written anew with every fold.
extension Session: ColumnJSON {
    func write(to json: inout DirectJSON) throws {
        json.beginObject()
        json.member("startedAt", startedAt?.nanoseconds)
        json.member("endedAt", endedAt?.nanoseconds)
        json.member("startRegister", startRegister?.milliwattHours)
        json.member("endRegister", endRegister?.milliwattHours)
        json.member("energy", energy.milliwattHours)
        writePoints(to: &json)
        json.member("power", power?.milliwatts)
        json.member("powerPeak", powerPeak?.milliwatts)
        json.member("current", current?.microamperes)
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
        json.member("latestAt", latestAt?.nanoseconds)
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
            json.member("at", point.at.nanoseconds)
            json.member("register", point.register.milliwattHours)
            json.member("power", point.power?.milliwatts)
            json.member("current", point.current?.microamperes)
            json.endObject()
        }
        json.endArray()
        json.name("states")
        json.beginArray()
        for point in states {
            json.beginObject()
            json.member("at", point.at.nanoseconds)
            json.member("state", point.state.rawValue)
            json.endObject()
        }
        json.endArray()
    }

    init(at mark: Int, of tape: ColumnTape) throws {
        func instant(_ name: String) throws -> Instant? {
            try tape.integerIfPresent(name, of: mark).map { Instant(nanoseconds: $0) }
        }
        func energy(_ name: String) throws -> Energy? {
            try tape.integerIfPresent(name, of: mark).map { Energy(milliwattHours: $0) }
        }
        func power(_ name: String) throws -> Power? {
            try tape.integerIfPresent(name, of: mark).map { Power(milliwatts: $0) }
        }
        func token(_ name: String) throws -> PresentedToken? {
            try tape.present(name, of: mark).map { try PresentedToken(at: $0, of: tape) }
        }
        self.init(
            keptSince: try instant("startedAt"), endedAt: try instant("endedAt"),
            startRegister: try energy("startRegister"), endRegister: try energy("endRegister"),
            energy: Energy(milliwattHours: try tape.integer("energy", of: mark)),
            registers: try tape.elements(of: tape.required("registers", of: mark)).map {
                try RegisterPoint(at: $0, of: tape)
            },
            states: try tape.elements(of: tape.required("states", of: mark)).map {
                try StatePoint(at: $0, of: tape)
            },
            power: try power("power"), powerPeak: try power("powerPeak"),
            current: try tape.integerIfPresent("current", of: mark).map { Current(microamperes: $0) },
            stateOfCharge: try tape.integerIfPresent("stateOfCharge", of: mark),
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
            latestAt: try instant("latestAt"),
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
            at: Instant(nanoseconds: try tape.integer("at", of: mark)),
            register: Energy(milliwattHours: try tape.integer("register", of: mark)),
            power: try tape.integerIfPresent("power", of: mark).map { Power(milliwatts: $0) },
            current: try tape.integerIfPresent("current", of: mark).map { Current(microamperes: $0) })
    }
}

extension Session.StatePoint {
    fileprivate init(at mark: Int, of tape: ColumnTape) throws {
        self.init(
            at: Instant(nanoseconds: try tape.integer("at", of: mark)),
            state: try tape.word("state", of: mark))
    }
}
