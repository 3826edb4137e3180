// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import JSONText
import Quantities
import Storage

/// What an operator asks a station to do (charging.md §9). Every answer is a command: "accepted" means asked, never done.
enum StationCommandRoutes {
    static let all: [Route] = [
        .post(
            "/v1/stations/{id}/reset", .operators,
            "Restart a station. Sessions that are running there are asked to stop first.",
            request: ObjectShape(
                nil, [.may("immediately", .flag, "Without waiting for its own good order; default false.")]),
            answers: [.accepted(.command)],
            { call in try await ask(call, .reset(immediately: call.body.flag("immediately") ?? false)) }),
        .post(
            "/v1/stations/{id}/unlock", .operators, "Let go of a plug.", request: .place(needsEVSE: true),
            answers: [.accepted(.command)],
            { call in
                let evse = try call.body.need("evse", number("evse", call.body))
                let connector = number("connector", call.body) ?? 1
                return try await ask(call, .unlock(evse: evse, connector: connector), evse: evse)
            }),
        .post(
            "/v1/stations/{id}/trigger", .operators, "Have a station say something again.",
            request: ObjectShape(
                nil, [.must("message", .word(messages)), .may("evse", .integer(1...1000))]),
            answers: [.accepted(.command)],
            { call in
                let message = try call.body.need("message", call.body.text("message"))
                let evse = number("evse", call.body)
                return try await ask(call, .trigger(message: message, evse: evse), evse: evse)
            }),
        .post(
            "/v1/stations/{id}/availability", .operators,
            "Take a station, an EVSE or a connector out of service or back.",
            request: ObjectShape(
                nil, [.must("operative", .flag)] + ObjectShape.place(needsEVSE: false).fields),
            answers: [.accepted(.command)],
            { call in
                let isOperative = try call.body.need("operative", call.body.flag("operative"))
                let evse = number("evse", call.body)
                return try await ask(
                    call,
                    .availability(
                        evse: evse, connector: number("connector", call.body), isOperative: isOperative),
                    evse: evse)
            }),
        .post(
            "/v1/stations/{id}/clear_cache", .operators, "Have a station forget the tokens it remembers.",
            answers: [.accepted(.command)], { call in try await ask(call, .clearCache) }),
        .post(
            "/v1/stations/{id}/window", .operators,
            "Let this identity in without its password for 15 minutes; at its next boot it gets one of its own.",
            answers: [.ok(.stationWindow)],
            { call in
                let station = try await OperateStation(desk: call.desk).openWindow(
                    try call.id(of: "station"), by: try call.author)
                return .ok(["station": .id(station.id), "open_until": .time(station.windowUntil)])
            }),
        .get(
            "/v1/stations/{id}/configuration", .readers,
            "The settings that a station told at its last boot, and what is unwise about them.",
            answers: [.ok(.stationConfiguration)],
            { call in
                let station = try await call.find(StationRecord.self, "station")
                return .ok(station.configurationJSON)
            }),
        .post(
            "/v1/stations/{id}/configuration", .operators,
            "Change a setting: a key of 1.6, or `Component.Variable` of 2.x.",
            request: ObjectShape(
                nil,
                [.must("key", .text(.plain, max: 120)), .must("value", .text(.plain, max: 1000))]),
            answers: [.accepted(.command)], configure),
        .post(
            "/v1/stations/{id}/configuration/read", .operators,
            "Ask a station for settings: these, or those that billing needs to know.",
            request: ObjectShape(nil, [.may("keys", .list(.text(.plain, max: 120), max: 50))]),
            answers: [.accepted(.command)], read),
        .get(
            "/v1/stations/{id}/commands", .readers,
            "What a station was asked to do, newest first, at most 50.",
            answers: [.ok(.list(of: .command))],
            { call in
                let station = try await call.find(StationRecord.self, "station")
                let rows = try await call.read { tx in try tx.commands(at: station.id, limit: 50) }
                return .ok(["data": .array(rows.map(\.json))])
            }),
        .get(
            "/v1/stations/{id}/commands/{command}", .readers, "One command and what became of it.",
            answers: [.ok(.command)],
            { call in
                let station = try await call.find(StationRecord.self, "station")
                let id: CommandID = try call.id("command", of: "command")
                let row = try await call.read { tx in try tx.find(CommandRecord.self, id) }
                guard let row, row.station == station.id else { throw Problem.notFound("command") }
                return .ok(row.json)
            }),
    ]

    /// What can be asked for again; a version that lacks one refuses it.
    private static let messages = [
        "BootNotification", "DiagnosticsStatusNotification", "FirmwareStatusNotification", "Heartbeat",
        "LogStatusNotification", "MeterValues", "StatusNotification", "TransactionEvent",
    ]
    /// Settings that hold a station's password: they go through the window or through a new password.
    private static let secrets = ["authorizationkey", "securityctrlr.basicauthpassword"]

    private static func number(_ name: String, _ body: Body) -> Int? { body.integer(name).map { Int($0) } }

    private static func ask(_ call: Call, _ command: StationCommand, evse: Int? = nil) async throws -> Reply {
        let station: StationID = try call.id(of: "station")
        let row = try await OperateStation(desk: call.desk)(
            station, command, evse: evse, by: try call.author)
        return .accepted(row.json, at: "/v1/stations/\(station)/commands/\(row.id)")
    }

    private static func configure(_ call: Call) async throws -> Reply {
        let key = try call.body.need("key", call.body.text("key"))
        guard !secrets.contains(key.lowercased()) else {
            throw Problem.invalidField(
                call.body.place(of: "key"), "A password is set by /window or by a new password, never here.")
        }
        let value = try call.body.need("value", call.body.text("value"))
        return try await ask(call, .configure(key: key, value: value))
    }

    private static func read(_ call: Call) async throws -> Reply {
        let station = try await call.find(StationRecord.self, "station")
        let keys = (call.body["keys"]?.array ?? []).compactMap(\.string)
        let asked = keys.isEmpty ? StationSettings.asked(version: station.ocppVersion ?? "1.6") : keys
        return try await ask(call, .readConfiguration(keys: asked))
    }
}

extension ObjectShape {
    /// Where at a station.
    fileprivate static func place(needsEVSE: Bool) -> ObjectShape {
        let evse = Shape.integer(1...1000)
        return ObjectShape(
            nil,
            [
                needsEVSE ? .must("evse", evse) : .may("evse", evse, "None for the whole station."),
                .may("connector", .integer(1...100), "Of the EVSE; 2.x only."),
            ])
    }

    /// Something a station was asked to do.
    static let command = ObjectShape(
        "Command",
        [
            .must("id", .id("cmd")), .must("station", .id("sta")), .may("evse", .id("evse")),
            .may("session", .id("ses")), .must("kind", .shortText),
            .must(
                "status",
                .word(Command.State.allCases.map(\.rawValue)),
                "`accepted` means that the station will try; `unknown` that nobody knows."),
            .may("reason", .shortText, "The station's word for a refusal."), .must("deadline", .instant),
            .must("created_at", .instant),
        ])

    /// The settings of a station.
    static let stationConfiguration = ObjectShape(
        "StationConfiguration",
        [
            .must("station", .id("sta")), .must("values", .texts, "By key; empty until it told them."),
            .must(
                "advice",
                .list(
                    ObjectShape(
                        "StationAdvice",
                        [.must("key", .shortText), .may("value", .longText), .must("text", .longText)])),
                "What costs money sooner or later; shown, never forced."),
        ])

    /// A window that is open.
    static let stationWindow = ObjectShape(
        "StationWindow", [.must("station", .id("sta")), .must("open_until", .instant)])
}

extension CommandRecord {
    /// As the API shows it: never what it carries.
    fileprivate var json: JSON {
        [
            "id": .id(id), "station": .id(station), "evse": .id(evse), "session": .id(session),
            "kind": .string(kind), "status": .string(machine.state.rawValue), "reason": .text(machine.reason),
            "deadline": .time(deadline), "created_at": .time(createdAt),
        ]
    }
}

extension StationRecord {
    fileprivate var configurationJSON: JSON {
        let values = (configuration ?? [:]).sorted { $0.key < $1.key }
        let advice = StationSettings.advice(on: configuration ?? [:])
        return [
            "station": .id(id),
            "values": .object(values.map { JSON.Member($0.key, .string($0.value)) }),
            "advice": .array(
                advice.map {
                    ["key": .string($0.key), "value": .text($0.value), "text": .string($0.text)]
                }),
        ]
    }
}
