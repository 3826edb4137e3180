// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage
import Tariffs

/// Tariffs, their versions, and quotes (api.md §3.2).
enum TariffRoutes {
    static let all: [Route] = [
        .get(
            "/v1/tariffs", .readers, "Tariffs, newest first; archived ones are left out.",
            query: Query.Parameter.page("trf") + [
                Query.Parameter(name: "archived", shape: .flag, note: "Shows archived tariffs too.")
            ],
            answers: [.page(of: .tariff)], problems: [.invalidCursor], list),
        .post(
            "/v1/tariffs", .operators,
            "Make a tariff, perhaps with its first version, perhaps published at once.",
            request: .tariffWish, answers: [.created(.tariff)],
            problems: [.tariffHasErrors, .currencyMismatch],
            create),
        .get(
            "/v1/tariffs/{id}", .readers, "A tariff with its versions.", answers: [.ok(.tariff)],
            { call in
                let tariff = try await call.find(TariffRecord.self, "tariff")
                let versions = try await call.read { tx in try tx.versions(of: tariff.id) }
                return .ok(try tariff.json(versions, call))
            }),
        .post(
            "/v1/tariffs/{id}/archive", .operators, "Offer the tariff no more.", answers: [.ok(.tariff)],
            { call in
                let tariff = try await TariffBook(desk: call.desk).archive(
                    try call.id(of: "tariff"), by: try call.author)
                let versions = try await call.read { tx in try tx.versions(of: tariff.id) }
                return .ok(try tariff.json(versions, call))
            }),
        .get(
            "/v1/tariffs/{id}/versions", .readers, "The versions of a tariff, the newest first.",
            answers: [.ok(.list(of: .tariffVersion))],
            { call in
                let tariff = try await call.find(TariffRecord.self, "tariff")
                let versions = try await call.read { tx in try tx.versions(of: tariff.id) }
                return .ok(["data": .array(try versions.map { try $0.json(tariff, call) })])
            }),
        .post(
            "/v1/tariffs/{id}/versions", .operators, "Add a version. It never changes.",
            request: .tariffVersionWish, answers: [.created(.tariffVersion)],
            problems: [.tariffHasErrors, .currencyMismatch, .invalidState],
            { call in
                let tariff = try await call.find(TariffRecord.self, "tariff")
                let version = try await TariffBook(desk: call.desk).add(
                    try draft(call.body, name: tariff.name, currency: tariff.currency), to: tariff.id,
                    publishes: call.body.flag("publish") ?? false, by: try call.author)
                return .created(
                    try version.json(tariff, call), at: "/v1/tariffs/\(tariff.id)/versions/\(version.id)")
            }),
        .get(
            "/v1/tariffs/{id}/versions/{version}", .readers, "A version.", answers: [.ok(.tariffVersion)],
            { call in
                let tariff = try await call.find(TariffRecord.self, "tariff")
                let version = try await call.find(
                    TariffVersionRecord.self, "tariff version", parameter: "version")
                guard version.tariff == tariff.id else { throw Problem.notFound("tariff version") }
                return .ok(try version.json(tariff, call))
            }),
        .post(
            "/v1/tariffs/{id}/versions/{version}/publish", .operators, "Let drivers be quoted under it.",
            answers: [.ok(.tariffVersion)], problems: [.tariffHasErrors],
            { call in
                let tariff = try await call.find(TariffRecord.self, "tariff")
                let version = try await TariffBook(desk: call.desk).publish(
                    try call.id("version", of: "tariff version"), of: tariff.id, by: try call.author)
                return .ok(try version.json(tariff, call))
            }),
        .post(
            "/v1/tariffs/lint", .programs, "What is wrong with a version, before it is made.",
            request: .tariffVersionWish.adding(
                "TariffVersionToLint", [.may("currency", .text(.currency, max: 3))]),
            answers: [.ok(.findings)],
            { call in
                let currency = try call.body.currency("currency") ?? call.currency
                let draft = try draft(call.body, name: "lint", currency: currency)
                let findings = TariffBook.findings(in: draft.document, .init(at: call.desk.clock.now))
                return .ok(["findings": .array(findings.map(\.json))])
            }),
        .post(
            "/v1/tariffs/compare", .auditors,
            "What past sessions would have cost under a draft. Nothing is stored and nobody is charged.",
            request: .tariffComparisonWish, answers: [.ok(.tariffComparison)],
            problems: [.tariffHasErrors],
            compare),
        .post(
            "/v1/quotes", .everybody, "What a session would cost here, and the hold.", request: .quoteWish,
            answers: [.created(.quote)],
            problems: [.unknownEVSE, .evseUnavailable, .currencyMismatch, .amountTooSmall],
            quote),
    ]

    private static func compare(_ call: Call) async throws -> Reply {
        let currency = try call.body.currency("currency") ?? call.currency
        let from = try call.body.need("from", try call.body.instant("from"))
        let to = try call.body.need("to", try call.body.instant("to"))
        guard from < to else {
            throw Problem.invalidField(call.body.place(of: "to"), "It lies after `from`.")
        }
        let window = CompareTariff.Window(from: from, to: to, site: try call.body.id("site"))
        let comparison = try await CompareTariff(desk: call.desk)(
            try draft(call.body, name: "draft", currency: currency), in: window, by: try call.author)
        return .ok(comparison.json)
    }

    private static func list(_ call: Call) async throws -> Reply {
        var page = try Page(call, prefix: "trf")
        if !call.query.flag("archived") { page.filter.empty = ["archived_at"] }
        let organisation = try call.organisation
        let filter = page.filter
        let (rows, versions, hasMore) = try await call.read { tx in
            let (rows, hasMore) = try tx.page(of: TariffRecord.self, for: organisation, filter)
            return (rows, try rows.map { try tx.versions(of: $0.id) }, hasMore)
        }
        let shown = Dictionary(uniqueKeysWithValues: zip(rows.map(\.id), versions))
        return .ok(
            try page.json(rows, hasMore: hasMore, id: { $0.id.text }) {
                try $0.json(shown[$0.id] ?? [], call)
            })
    }

    private static func create(_ call: Call) async throws -> Reply {
        let name = try call.body.need("name", call.body.text("name"))
        let currency = try call.body.currency("currency") ?? call.currency
        let first = try call.body.object("version").map { try draft($0, name: name, currency: currency) }
        let publishes = call.body.flag("publish") ?? call.body.object("version")?.flag("publish") ?? false
        if publishes, first == nil {
            throw Problem(.missingField, "Only a version can be published.", at: "/version")
        }
        let (tariff, version) = try await TariffBook(desk: call.desk).create(
            name: name, currency: currency, first: first, publishes: publishes, by: try call.author)
        return .created(try tariff.json(version.map { [$0] } ?? [], call), at: "/v1/tariffs/\(tariff.id)")
    }

    /// A version in OCPI's shape: what is shared by all versions of the tariff is filled in.
    private static func draft(_ body: Body, name: String, currency: Currency) throws(Problem)
        -> TariffBook.Draft
    {
        let hold = try body.money("hold")
        if let hold, hold.currency != currency {
            throw Problem(.currencyMismatch, "The tariff is in \(currency).", at: body.place(of: "hold"))
        }
        let document = JSON.present([
            "id": .string(name), "currency": .string(currency.code), "elements": body["elements"],
            "min_price": body["min_price"], "max_price": body["max_price"],
            "tax_included": body["tax_included"], "rules": body["rules"],
            "tariff_alt_text": body["tariff_alt_text"],
        ])
        return TariffBook.Draft(
            document: document.serialized(), startsAt: try body.instant("starts_at"),
            holdMinor: hold?.minorUnits)
    }

    private static func quote(_ call: Call) async throws -> Reply {
        let code = try call.body.need("evse", call.body.text("evse"))
        let example = call.body.object("usage").map { usage in
            PreviewPrice.Example(
                energy: Energy(wattHours: usage.integer("energy_wh") ?? 0),
                charging: .seconds(usage.integer("duration_s") ?? 0),
                idle: .seconds(usage.integer("idle_s") ?? 0))
        }
        let quoted = try await PreviewPrice(desk: call.desk).quote(
            code: code, limit: try call.body.money("limit"), example: example, at: try call.body.instant("at")
        )
        return .created(quoted.json, at: "/v1/quotes/\(quoted.quote.id)")
    }
}

extension Call {
    /// The organisation's currency.
    var currency: Currency {
        get throws(Problem) {
            guard case .key(_, let organisation) = caller else {
                throw Problem(.unauthenticated, "A key is needed for this.")
            }
            return organisation.currency
        }
    }
}

extension CompareTariff.Comparison {
    /// As the API shows it.
    var json: JSON {
        [
            "sessions": JSON(Int64(sessions)), "other_currency": JSON(Int64(otherCurrency)),
            "cheaper": JSON(Int64(cheaper)), "dearer": JSON(Int64(dearer)), "before": before.json,
            "after": after.json, "difference": (after - before).json, "is_cut": .bool(isCut),
            "largest": .array(
                largest.map {
                    [
                        "session": .id($0.session), "before": $0.before.json, "after": $0.after.json,
                        "difference": $0.difference.json,
                    ]
                }),
        ]
    }
}

extension ObjectShape {
    private static let elements = Shape.anything(
        note:
            "OCPI 2.3.0 TariffElement objects with the operator's extensions, e.g. `grace_s`, `cap`, `discounts`."
    )
    private static let rules = Shape.anything(
        note: "Rules of the whole session beyond OCPI: `percentage_fee`, `counters`, `waive_below`.")
    private static let limit = Shape.anything(note: "OCPI 2.3.0 PriceLimit.")

    private static let versionFields: [Field] = [
        .may("min_price", limit), .may("max_price", limit),
        .may("tax_included", .word(["YES", "NO", "N/A"]), "The site's tax profile wins where there is one."),
        .may("tariff_alt_text", .anything(note: "OCPI DisplayText objects.")), .may("rules", rules),
        .may("starts_at", .instant, "From when sessions may start under it; now, if absent."),
        .may("hold", .money, "A hold of its own instead of the organisation's."),
    ]

    /// What a new version is made of.
    static let tariffVersionWish = ObjectShape(
        "NewTariffVersion",
        [.must("elements", elements)] + versionFields + [
            .may("publish", .flag, "Lets drivers be quoted under it at once.")
        ])

    /// A draft, and the sessions to rate under it.
    static let tariffComparisonWish = ObjectShape(
        "TariffComparisonWish",
        [
            .must("elements", elements), .must("from", .instant, "Sessions that ended then or later."),
            .must("to", .instant, "Sessions that ended before then."),
            .may("site", .id("site"), "Only sessions at this site."),
            .may("currency", .text(.currency, max: 3), "The organisation's, if absent."),
        ] + versionFields)

    /// Past sessions under two prices.
    static let tariffComparison = ObjectShape(
        "TariffComparison",
        [
            .must("sessions", .count), .must("other_currency", .count, "Left out."),
            .must("cheaper", .count), .must("dearer", .count),
            .must("before", .money), .must("after", .money), .must("difference", .money),
            .must("is_cut", .flag, "There were more sessions than are rated at once: choose a shorter time."),
            .must(
                "largest",
                .list(
                    ObjectShape(
                        "ComparedSession",
                        [
                            .must("session", .id("ses")), .must("before", .money), .must("after", .money),
                            .must("difference", .money),
                        ])), "The sessions whose price changes most."),
        ])

    /// What a new tariff is made of.
    static let tariffWish = ObjectShape(
        "NewTariff",
        [
            .must("name", .shortText),
            .may("currency", .text(.currency, max: 3), "The organisation's, if absent."),
            .may("version", .object(.tariffVersionWish)), .may("publish", .flag),
        ])

    /// An immutable version.
    static let tariffVersion = ObjectShape(
        "TariffVersion",
        [
            .must("id", .id("trv")), .must("tariff", .id("trf")), .must("number", .count),
            .must("elements", elements), .may("min_price", limit), .may("max_price", limit),
            .must("tax_included", .word(["YES", "NO", "N/A"])),
            .may("tariff_alt_text", .anything(note: "OCPI DisplayText objects.")), .may("rules", rules),
            .must("starts_at", .instant), .may("hold", .money), .must("hash", .shortText),
            .must(
                "prices", .list(.price),
                "The price box of a session that starts now, without the site's taxes."),
            .may("published_at", .instant), .must("created_at", .instant),
        ])

    /// A named list of versions.
    static let tariff = ObjectShape(
        "Tariff",
        [
            .must("id", .id("trf")), .must("name", .shortText), .must("currency", .text(.currency, max: 3)),
            .must("versions", .list(.tariffVersion)), .must("created_at", .instant),
            .may("archived_at", .instant),
            .must("version", .count),
        ])

    /// What is wrong with a tariff.
    static let findings = ObjectShape(
        "Findings",
        [
            .must(
                "findings",
                .list(
                    ObjectShape(
                        "Finding",
                        [
                            .must("code", .shortText),
                            .must("severity", .word(["error", "warning", "info"])),
                            .must("path", .longText), .must("message", .longText),
                        ])))
        ])

    /// What a quote is asked for.
    static let quoteWish = ObjectShape(
        "NewQuote",
        [
            .must("evse", .text(.plain, max: 12), "The code printed on the EVSE."),
            .may("limit", .money, "At most this; it becomes the hold."),
            .may("at", .instant, "When the imagined session starts."),
            .may(
                "usage",
                .object(
                    ObjectShape(
                        "ExampleUsage",
                        [
                            .must("energy_wh", .integer(0...10_000_000)),
                            .must("duration_s", .integer(1...2_592_000)),
                            .may("idle_s", .integer(0...2_592_000)),
                        ]))),
        ])

    /// A frozen price.
    static let quote = ObjectShape(
        "Quote",
        [
            .must("id", .id("quo")), .must("hash", .shortText), .must("evse", .id("evse")),
            .must("prices", .list(.price)), .must("hold", .money), .must("stops_at", .money),
            .must("tariff_version", .id("trv")), .must("tariff_hash", .shortText),
            .must("expires_at", .instant),
            .may("total", .money, "Of the imagined session."), .must("lines", .list(.line)),
            .must("taxes", .list(.tax)),
        ])
}

extension TariffRecord {
    /// As the API shows it.
    func json(_ versions: [TariffVersionRecord], _ call: Call) throws -> JSON {
        [
            "id": .id(id), "name": .string(name), "currency": .string(currency.code),
            "versions": .array(try versions.map { try $0.json(self, call) }), "created_at": .time(createdAt),
            "archived_at": .time(archivedAt), "version": JSON(version),
        ]
    }
}

extension TariffVersionRecord {
    /// As the API shows it.
    func json(_ record: TariffRecord, _ call: Call) throws -> JSON {
        let document = try JSON.parse(body)
        let (tariff, _) = try Tariff.decode(ocpi: body)
        let now = call.desk.clock.now
        var zone = "UTC"
        if case .key(_, let organisation) = call.caller { zone = organisation.timeZone }
        let prices = tariff.displayPrices(
            at: now, in: try call.desk.zones.rules(of: zone, from: now, to: now))
        return [
            "id": .id(id), "tariff": .id(self.tariff), "number": JSON(number),
            "elements": document["elements"] ?? [], "min_price": document["min_price"] ?? .null,
            "max_price": document["max_price"] ?? .null, "tax_included": document["tax_included"] ?? "NO",
            "tariff_alt_text": document["tariff_alt_text"] ?? .null, "rules": document["rules"] ?? .null,
            "starts_at": .time(startsAt),
            "hold": .money(holdMinor.map { Money(minorUnits: $0, currency: record.currency) }),
            "hash": .string(hash), "prices": .array(prices.map(\.json)), "published_at": .time(publishedAt),
            "created_at": .time(createdAt),
        ]
    }
}

extension PreviewPrice.Quoted {
    /// As the API shows it.
    var json: JSON {
        [
            "id": .id(quote.id), "hash": .string(quote.hash), "evse": .id(quote.evse),
            "prices": .array((offer.price?.shown ?? []).map(\.json)), "hold": quote.hold.json,
            "stops_at": quote.stopsAt.json, "tariff_version": .id(quote.tariffVersion),
            "tariff_hash": .string(quote.tariffHash), "expires_at": .time(quote.expiresAt),
            "total": .money(example?.gross),
            "lines": .array((example?.lines ?? []).map { $0.json(example?.lineBasis) }),
            "taxes": .array((example?.taxes ?? []).map(\.json)),
        ]
    }
}
