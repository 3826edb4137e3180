// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// A fact as it lies in its column: what `Codable` would write, put down by hand, since each message of a station has some.
extension Fact: ColumnJSON {
    func write(to json: inout DirectJSON) throws {
        json.beginObject()
        json.name("kind")
        try kind.write(to: &json)
        json.member("measuredAt", measuredAt)
        json.member("receivedAt", receivedAt)
        json.member("sequence", sequence)
        json.member("order", order)
        json.member("offline", offline)
        json.endObject()
    }

    init(at mark: Int, of tape: ColumnTape) throws {
        self.init(
            try Kind(at: tape.required("kind", of: mark), of: tape),
            measuredAt: try tape.numberIfPresent("measuredAt", of: mark),
            receivedAt: try tape.number("receivedAt", of: mark),
            sequence: try tape.numberIfPresent("sequence", of: mark),
            order: try tape.number("order", of: mark), offline: try tape.truth("offline", of: mark))
    }
}

extension [Fact] {
    /// The list as it lies in a column.
    var column: String {
        get throws {
            var json = DirectJSON()
            json.beginArray()
            for fact in self { try fact.write(to: &json) }
            json.endArray()
            return json.text
        }
    }

    /// The facts of a column, which holds a list of them or one.
    init(column text: String) throws {
        let tape = try ColumnTape(text)
        let marks = tape.marks[0].kind == .array ? try tape.elements(of: 0) : [0]
        self = try marks.map { try Fact(at: $0, of: tape) }
    }
}

extension Fact.Kind: ColumnJSON {
    func write(to json: inout DirectJSON) throws {
        json.beginObject()
        switch self {
        case .started(let register):
            json.name("started")
            json.beginObject()
            json.member("register", register)
            json.endObject()
        case .ended(let register, let reason):
            json.name("ended")
            json.beginObject()
            json.member("register", register)
            json.member("reason", reason)
            json.endObject()
        case .reading(let reading):
            json.name("reading")
            json.beginObject()
            json.name("_0")
            reading.write(to: &json)
            json.endObject()
        case .state(let state):
            json.name("state")
            json.beginObject()
            json.member("_0", state.rawValue)
            json.endObject()
        case .token(let token):
            json.name("token")
            json.beginObject()
            json.name("_0")
            token.write(to: &json)
            json.endObject()
        case .limit(let limit):
            json.name("limit")
            json.beginObject()
            json.member("_0", limit)
            json.endObject()
        case .withheld(let record):
            json.name("withheld")
            json.beginObject()
            json.member("record", record)
            json.endObject()
        case .judged(let judgement):
            json.name("judged")
            json.beginObject()
            try json.member("_0", coded: judgement)
            json.endObject()
        }
        json.endObject()
    }

    init(at mark: Int, of tape: ColumnTape) throws {
        guard tape.marks[mark].kind == .object, Int(tape.marks[mark].next) > mark + 2 else {
            throw tape.mismatch(mark, "a kind of fact")
        }
        let value = mark + 2
        switch try tape.text(at: mark + 1) {
        case "reading": self = .reading(try Reading(at: tape.required("_0", of: value), of: tape))
        case "started":
            self = .started(
                register: try tape.numberIfPresent("register", of: value))
        case "ended":
            self = .ended(
                register: try tape.numberIfPresent("register", of: value),
                reason: try tape.textIfPresent("reason", of: value))
        case "state": self = .state(try tape.word("_0", of: value))
        case "token": self = .token(try PresentedToken(at: tape.required("_0", of: value), of: tape))
        case "limit": self = .limit(try tape.text("_0", of: value))
        case "withheld": self = .withheld(record: try tape.text("record", of: value))
        case "judged": self = .judged(try tape.coded(Judgement.self, at: tape.required("_0", of: value)))
        default: throw tape.mismatch(mark, "a kind of fact")
        }
    }
}

extension Reading {
    fileprivate func write(to json: inout DirectJSON) {
        json.beginObject()
        json.member("measurand", measurand.rawValue)
        json.member("value", value)
        json.member("context", context)
        json.member("location", location)
        json.member("phase", phase)
        json.endObject()
    }

    fileprivate init(at mark: Int, of tape: ColumnTape) throws {
        self.init(
            try tape.word("measurand", of: mark), value: try tape.number("value", of: mark),
            context: try tape.text("context", of: mark), location: try tape.text("location", of: mark),
            phase: try tape.textIfPresent("phase", of: mark))
    }
}

extension PresentedToken {
    func write(to json: inout DirectJSON) {
        json.beginObject()
        json.member("uid", uid)
        json.member("kind", kind)
        json.endObject()
    }

    init(at mark: Int, of tape: ColumnTape) throws {
        self.init(uid: try tape.text("uid", of: mark), kind: try tape.textIfPresent("kind", of: mark))
    }
}
