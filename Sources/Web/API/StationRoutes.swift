// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import HTTPTypes
import JSONText
import Quantities
import Storage

/// Stations, and those that wait to become one (api.md §3.1; decided.md, Stations and EVSEs).
enum StationRoutes {
    static let all: [Route] = [
        .get(
            "/v1/stations", .readers, "Stations with their EVSEs, newest first.",
            query: Query.Parameter.page("sta") + [
                Query.Parameter(name: "site", shape: .id("site"), note: "Of this site.", isRepeatable: true)
            ],
            answers: [.page(of: .station)], problems: [.invalidCursor], list),
        .post(
            "/v1/stations", .operators,
            "Make a station with its EVSEs. Its password is told in this answer only.",
            request: .stationWish, answers: [.created(.issuedStation)],
            { call in
                let issued = try await Stations(desk: call.desk).create(
                    try wish(call.body), by: try call.author)
                return .created(issued.json(call.desk), at: "/v1/stations/\(issued.station.id)")
            }
        ).tellingOnce("password"),
        .get(
            "/v1/stations/waiting", .operators, "Stations that knocked and that nobody knows.",
            answers: [.ok(.list(of: .waitingStation))],
            { call in
                let now = call.desk.clock.now
                let rows = try await call.read { tx in try tx.waitingStations(at: now, limit: 200) }
                return .ok(["data": .array(rows.map(\.json))])
            }),
        .post(
            "/v1/stations/waiting/{identity}/accept", .operators,
            "Let a waiting station in. It must connect with the password told here.",
            request: ObjectShape(
                "WaitingStationAcceptance",
                ObjectShape.stationWish.fields.filter { $0.name != "ocpp_identity" }),
            answers: [.created(.issuedStation)],
            { call in
                let identity = call.parameter("identity")
                let issued = try await Stations(desk: call.desk).accept(
                    identity, try wish(call.body, identity: identity), by: try call.author)
                return .created(issued.json(call.desk), at: "/v1/stations/\(issued.station.id)")
            }
        ).tellingOnce("password"),
        .post(
            "/v1/stations/waiting/{identity}/refuse", .operators, "Do not list it for 30 days.",
            answers: [Route.Answer(status: 204, content: .nothing)],
            { call in
                try await Stations(desk: call.desk).refuse(call.parameter("identity"), by: try call.author)
                return Reply(status: .noContent, content: .nothing)
            }),
        .get(
            "/v1/stations/{id}", .readers, "A station with its EVSEs.", answers: [.ok(.station)],
            { call in
                let station = try await call.find(StationRecord.self, "station")
                let evses = try await call.read { tx in try tx.evses(of: station.id) }
                return .ok(station.json(evses, call.desk))
            }),
        .patch(
            "/v1/stations/{id}", .operators, "Change a station.", request: .stationChange,
            answers: [.ok(.issuedStation)], change),
        .post(
            "/v1/stations/{id}/evses", .operators, "Add an EVSE.", request: .evseWish,
            answers: [.created(.evse)],
            { call in
                let evse = try await Stations(desk: call.desk).addEVSE(
                    try plan(call.body), to: try call.id(of: "station"), by: try call.author)
                return .created(evse.json(call.desk), at: "/v1/evses/\(evse.id)")
            }),
    ]

    private static func list(_ call: Call) async throws -> Reply {
        var page = try Page(call, prefix: "sta")
        page.narrow("site", by: "site")
        let organisation = try call.organisation
        let caller = call.caller
        let filter = page.filter
        let (rows, evses, hasMore) = try await call.read { tx in
            var narrowed = filter
            try caller.narrow(&narrowed, of: StationRecord.self, in: tx)
            let (rows, hasMore) = try tx.page(of: StationRecord.self, for: organisation, narrowed)
            return (rows, try rows.map { try tx.evses(of: $0.id) }, hasMore)
        }
        let shown = Dictionary(uniqueKeysWithValues: zip(rows.map(\.id), evses))
        return .ok(
            page.json(rows, hasMore: hasMore, id: { $0.id.text }) { $0.json(shown[$0.id] ?? [], call.desk) })
    }

    private static func change(_ call: Call) async throws -> Reply {
        var changes = Stations.Changes()
        changes.site = try call.body.id("site")
        changes.tariff = try call.body.id("tariff")
        changes.meterIntervalSeconds = call.body.integer("meter_interval_s")
        changes.meterLocation = try call.body.word("meter_location")
        changes.countsFromZero = call.body.flag("samples_from_zero")
        changes.makesNewPassword = call.body.flag("new_password") ?? false
        let issued = try await Stations(desk: call.desk).change(
            try call.id(of: "station"), changes, version: try call.expectedVersion, by: try call.author)
        return .ok(issued.json(call.desk))
    }

    private static func wish(_ body: Body, identity: String? = nil) throws(Problem) -> Stations.Wish {
        var evses: [StationPlan.EVSE] = []
        for evse in body.objects("evses") ?? [] { evses.append(try plan(evse)) }
        var wish = Stations.Wish(
            site: try body.need("site", try body.id("site")),
            identity: try body.need("ocpp_identity", identity ?? body.text("ocpp_identity")), evses: evses)
        wish.securityProfile = body.integer("security_profile")
        wish.password = body.text("password")
        wish.tariff = try body.id("tariff")
        wish.meterIntervalSeconds = body.integer("meter_interval_s")
        return wish
    }

    private static func plan(_ body: Body) throws(Problem) -> StationPlan.EVSE {
        StationPlan.EVSE(
            number: try body.need("number", body.integer("number")),
            current: try body.need("current_type", try body.word("current_type")),
            powerMax: Power(watts: try body.need("power_w_max", body.integer("power_w_max"))),
            connectors: try EVSERoutes.connectors(body) ?? [], tariff: try body.id("tariff"),
            code: body.text("evse_code")?.uppercased())
    }
}

extension ObjectShape {
    private static let meterInterval = Shape.integer(5...3600)
    private static let meterLocation = Shape.word(StationMeter.Location.allCases.map(\.rawValue))

    /// A charging station.
    static let station = ObjectShape(
        "Station",
        [
            .must("id", .id("sta")), .must("site", .id("site")), .must("ocpp_identity", .shortText),
            .may("protocol", .shortText, "What it speaks, e.g. `ocpp2.0.1`; null until it connects."),
            .must("security_profile", .integer(0...3)), .may("tariff", .id("trf")),
            .must("meter_interval_s", meterInterval),
            .must("meter_location", meterLocation, "Where the billed register is measured."),
            .must(
                "samples_from_zero", .flag,
                "Whether its samples count from zero in each transaction, while the start is told by the meter's own register."
            ),
            .must("online", .flag), .may("last_seen_at", .instant),
            .may("booted_at", .instant), .may("vendor", .shortText), .may("model", .shortText),
            .may("serial_number", .shortText), .may("firmware_version", .shortText),
            .must("evses", .list(.evse)),
            .must("created_at", .instant), .must("version", .count),
        ])

    /// A station that was just made.
    static let issuedStation = station.adding(
        "IssuedStation",
        [
            .may(
                "password", .shortText,
                "For Basic authentication; told once: a repeat of the request shows null.")
        ])

    /// What a new station is made of.
    static let stationWish = ObjectShape(
        "NewStation",
        [
            .must("site", .id("site")),
            .must("ocpp_identity", .text(.plain, max: 48), "Unique per installation."),
            .may("security_profile", .integer(0...2), "0 none, 1 Basic (default), 2 Basic over TLS."),
            .may("password", .text(.plain, max: 40), "One that the station has already; else one is made."),
            .may("tariff", .id("trf")), .may("meter_interval_s", meterInterval),
            .must("evses", .list(.object(.evseWish), max: 50)),
        ])

    /// What may be changed of a station.
    static let stationChange = ObjectShape(
        "StationChange",
        [
            .may("site", .id("site")), .may("tariff", .id("trf")), .may("meter_interval_s", meterInterval),
            .may("meter_location", meterLocation, "For sessions that begin from now on."),
            .may("samples_from_zero", .flag, "For sessions that begin from now on."),
            .may("new_password", .flag, "Makes a new password, told in the answer."),
        ])

    /// An unknown station that knocked.
    static let waitingStation = ObjectShape(
        "WaitingStation",
        [
            .must("identity", .shortText), .must("address", .shortText), .must("offered", .shortText),
            .must("has_password", .flag), .must("first_seen_at", .instant), .must("last_seen_at", .instant),
            .must("count", .count),
        ])
}

extension StationRecord {
    /// As the API shows it.
    func json(_ evses: [EVSERecord], _ desk: Desk) -> JSON {
        [
            "id": .id(id), "site": .id(site), "ocpp_identity": .string(ocppIdentity),
            "protocol": .text(ocppVersion), "security_profile": JSON(securityProfile), "tariff": .id(tariff),
            "meter_interval_s": JSON(meterIntervalSeconds),
            "meter_location": .word(meter?.location ?? .outlet),
            "samples_from_zero": .bool(meter?.countsFromZero ?? false), "online": .bool(connectedAt != nil),
            "last_seen_at": .time(lastSeenAt), "booted_at": .time(bootedAt), "vendor": .text(vendor),
            "model": .text(model), "serial_number": .text(serialNumber),
            "firmware_version": .text(firmwareVersion),
            "evses": .array(evses.map { $0.json(desk) }), "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }
}

extension Stations.Issued {
    func json(_ desk: Desk) -> JSON { station.json(evses, desk).adding(["password": .text(password)]) }
}

extension WaitingStationRecord {
    var json: JSON {
        [
            "identity": .string(identity), "address": .string(address), "offered": .string(offered),
            "has_password": .bool(hasPassword), "first_seen_at": .time(firstSeenAt),
            "last_seen_at": .time(lastSeenAt), "count": JSON(count),
        ]
    }
}
