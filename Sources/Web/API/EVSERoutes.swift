// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import JSONText
import Quantities
import Storage
import Tariffs

/// EVSEs, and what a driver in front of one is told (api.md §3.1).
enum EVSERoutes {
    static let all: [Route] = [
        .get(
            "/v1/evses", .readers, "EVSEs, newest first.",
            query: Query.Parameter.page("evse").filter { !$0.name.hasPrefix("created") } + [
                Query.Parameter(
                    name: "station", shape: .id("sta"), note: "Of this station.", isRepeatable: true),
                Query.Parameter(
                    name: "status", shape: .word(statuses), note: "In this state.", isRepeatable: true),
            ],
            answers: [.page(of: .evse)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "evse", times: nil)
                page.narrow("station", by: "station")
                page.narrow("status", by: "status")
                return try await call.page(of: EVSERecord.self, page, id: { $0.id.text }) {
                    $0.json(call.desk)
                }
            }),
        .get(
            "/v1/evses/{id}", .readers, "An EVSE.", answers: [.ok(.evse)],
            { call in .ok(try await call.find(EVSERecord.self, "EVSE").json(call.desk)) }),
        .patch(
            "/v1/evses/{id}", .operators, "Change an EVSE.", request: .evseChange, answers: [.ok(.evse)],
            { call in
                var changes = EVSEs.Changes()
                changes.tariff = try call.body.id("tariff")
                changes.currentType = try call.body.word("current_type")
                changes.powerMax = call.body.integer("power_w_max").map { Power(watts: $0) }
                changes.connectors = try connectors(call.body)
                changes.evseId = call.body.text("evse_id")
                let evse = try await EVSEs(desk: call.desk).change(
                    try call.id(of: "EVSE"), changes, version: try call.expectedVersion, by: try call.author)
                return .ok(evse.json(call.desk))
            }),
        .get(
            "/v1/evses/{id}/qr", .readers, "The code for the EVSE: it opens the driver's page.",
            query: [Query.Parameter(name: "format", shape: .word(["svg"]), note: "Only `svg` so far.")],
            answers: [.bytes("image/svg+xml")],
            { call in
                let evse = try await call.find(EVSERecord.self, "EVSE")
                return .bytes(Array(try QRPicture.svg(of: evse.url(call.desk)).utf8), type: "image/svg+xml")
            }),
        .get(
            "/v1/public/evses/{evse_code}", .everybody, "What a driver in front of the EVSE sees.",
            answers: [.ok(.publicEVSE)], problems: [.unknownEVSE],
            { call in
                guard let offer = try await PreviewPrice(desk: call.desk)(code: call.parameter("evse_code"))
                else {
                    throw Problem(.unknownEVSE, "No EVSE has this code.")
                }
                return .ok(offer.json)
            }),
    ]

    static let statuses = [
        "available", "occupied", "charging", "reserved", "unavailable", "faulted", "unknown",
    ]

    /// The plugs of an EVSE.
    static func connectors(_ body: Body) throws(Problem) -> [ConnectorType]? {
        guard let list = body.objects("connectors") else { return nil }
        var connectors: [ConnectorType] = []
        for item in list {
            connectors.append(
                ConnectorType(
                    number: Int(try item.need("number", item.integer("number"))),
                    standard: try item.need("standard", item.text("standard"))))
        }
        return connectors
    }
}

extension ObjectShape {
    /// A plug.
    static let connector = ObjectShape(
        "Connector",
        [
            .must("number", .integer(1...100)),
            .must("standard", .text(.plain, max: 40), "OCPI's ConnectorType, e.g. `IEC_62196_T2_COMBO`."),
        ])

    private static let power = Shape.integer(1000...10_000_000)

    /// The unit that charges one car at a time.
    static let evse = ObjectShape(
        "Evse",
        [
            .must("id", .id("evse")), .must("station", .id("sta")), .must("number", .integer(1...1000)),
            .must("evse_id", .shortText),
            .must("evse_code", .shortText, "Printed on it; part of its QR code."),
            .must("current_type", .word(["ac", "dc"])), .must("power_w_max", power),
            .must("connectors", .list(.connector)), .may("tariff", .id("trf")),
            .must("status", .word(EVSERoutes.statuses)), .may("status_at", .instant),
            .must("url", .text(.url, max: 300), "What the QR code opens."), .must("version", .count),
        ])

    /// What a new EVSE is made of.
    static let evseWish = ObjectShape(
        "NewEvse",
        [
            .must("number", .integer(1...1000)), .must("current_type", .word(["ac", "dc"])),
            .must("power_w_max", power), .may("connectors", .list(.object(.connector), max: 20)),
            .may("tariff", .id("trf")),
            .may("evse_code", .text(.plain, max: 12), "One that is printed already; else one is made."),
        ])

    /// What may be changed of an EVSE.
    static let evseChange = ObjectShape(
        "EvseChange",
        [
            .may("tariff", .id("trf")), .may("current_type", .word(["ac", "dc"])), .may("power_w_max", power),
            .may("connectors", .list(.object(.connector), max: 20)), .may("evse_id", .text(.plain, max: 48)),
        ])

    /// One line of the price box.
    static let price = ObjectShape(
        "Price",
        [
            .must("kind", .word(["energy", "time", "idle", "session"])), .must("price", .decimal),
            .must("per", .word(["kWh", "min", "session"])), .must("currency", .text(.currency, max: 3)),
            .must("tax", .word(["included", "excluded"])), .may("tax_rate", .decimal, "Percent."),
            .may("grace_s", .count), .may("cap", .money),
            .may("condition", .longText, "What must hold for this price, in words."),
        ])

    /// An EVSE as a driver in front of it sees it.
    static let publicEVSE = ObjectShape(
        "PublicEvse",
        [
            .must("id", .id("evse")), .must("evse_id", .shortText), .must("evse_code", .shortText),
            .must("current_type", .word(["ac", "dc"])), .must("power_w_max", power),
            .must("status", .word(EVSERoutes.statuses)), .may("in_use_since", .instant),
            .must("online", .flag),
            .must(
                "site",
                .object(
                    ObjectShape(
                        nil,
                        [
                            .must("name", .shortText), .must("address", .object(.address)),
                            .must("time_zone", .text(.timeZone, max: 60)),
                        ]))),
            .must("prices", .list(.price), "In legal order; empty if no price is published."),
            .may("hold", .money), .may("tariff_version", .id("trv")), .may("tariff_hash", .shortText),
            .must("languages", .list(.shortText, max: 50)), .may("support_phone", .text(.phone, max: 40)),
        ])
}

extension EVSERecord {
    /// The driver's page.
    func url(_ desk: Desk) -> String { desk.settings.publicURL + "/e/" + evseCode }

    /// As the API shows it.
    func json(_ desk: Desk) -> JSON {
        [
            "id": .id(id), "station": .id(station), "number": JSON(number), "evse_id": .string(evseId),
            "evse_code": .string(evseCode), "current_type": .word(currentType),
            "power_w_max": JSON(powerMax.watts),
            "connectors": .array(
                connectors.map { ["number": JSON($0.number), "standard": .string($0.standard)] }),
            "tariff": .id(tariff), "status": .word(status), "status_at": .time(statusAt),
            "url": .string(url(desk)), "version": JSON(version),
        ]
    }
}

extension DisplayPrice {
    /// As the API shows it.
    var json: JSON {
        [
            "kind": .word(kind), "price": .string(price), "per": .word(per),
            "currency": .string(currency.code),
            "tax": isTaxIncluded ? "included" : "excluded", "tax_rate": .text(taxRate?.percentText),
            "grace_s": .integer(graceSeconds), "cap": .money(cap),
            "condition": .text((condition ?? window)?.words),
        ]
    }
}

extension PreviewPrice.Offer {
    /// What the driver is told of the state of the EVSE.
    var shownStatus: String {
        inUseSince != nil && place.evse.status == .available ? "occupied" : place.evse.status.rawValue
    }

    /// As the API shows it.
    var json: JSON {
        [
            "id": .id(place.evse.id), "evse_id": .string(place.evse.evseId),
            "evse_code": .string(place.evse.evseCode), "current_type": .word(place.evse.currentType),
            "power_w_max": JSON(place.evse.powerMax.watts), "status": .string(shownStatus),
            "in_use_since": .time(inUseSince), "online": .bool(isOnline),
            "site": [
                "name": .string(place.site.name), "address": place.site.address.json,
                "time_zone": .string(place.site.timeZone),
            ],
            "prices": .array((price?.shown ?? []).map(\.json)), "hold": .money(price?.hold),
            "tariff_version": .id(price?.version.id), "tariff_hash": .text(price?.tariff.contentHash),
            "languages": ["en"],
            "support_phone": .text(place.site.supportPhone ?? place.organisation.supportPhone),
        ]
    }
}
