// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// The organisation itself and its keys (api.md §2).
enum OrganisationRoutes {
    static let all: [Route] = [
        .get(
            "/v1/organisation", .readers, "Your organisation.", answers: [.ok(.organisation)],
            { call in
                let id = try call.organisation
                guard let row = try await call.read({ tx in try tx.find(OrganisationRecord.self, id) }) else {
                    throw Problem.notFound("organisation")
                }
                return .ok(row.json)
            }),
        .patch(
            "/v1/organisation", .operators, "Change your organisation.", request: .organisationChange,
            answers: [.ok(.organisation)], problems: [.currencyMismatch], change),
        .get(
            "/v1/api_keys", .operators, "Keys, without their secrets.", query: Query.Parameter.page("key"),
            answers: [.page(of: .apiKey)], problems: [.invalidCursor],
            { call in
                try await call.page(
                    of: APIKeyRecord.self, try Page(call, prefix: "key"), id: { $0.id.text },
                    shown: { $0.json })
            }),
        .post(
            "/v1/api_keys", .operators, "Make a key. Its secret is told in this answer only.",
            request: .apiKeyWish,
            answers: [.created(.issuedKey)],
            { call in
                let issued = try await Keys(desk: call.desk).create(
                    try call.body.need("scope", try call.body.word("scope")),
                    name: try call.body.need("name", call.body.text("name")),
                    expiresAt: try call.body.instant("expires_at"), limits: try limits(call.body),
                    by: try call.author)
                return .created(issued.json, at: "/v1/api_keys/\(issued.key.id)")
            }
        ).tellingOnce("secret"),
        .post(
            "/v1/api_keys/{id}/roll", .operators, "Replace a key. The old one works for 24 more hours.",
            answers: [.created(.issuedKey)], problems: [.invalidState],
            { call in
                let issued = try await Keys(desk: call.desk).roll(try call.id(of: "key"), by: try call.author)
                return .created(issued.json, at: "/v1/api_keys/\(issued.key.id)")
            }
        ).tellingOnce("secret"),
        .post(
            "/v1/api_keys/{id}/revoke", .operators, "End a key now.", answers: [.ok(.apiKey)],
            { call in
                .ok(try await Keys(desk: call.desk).revoke(try call.id(of: "key"), by: try call.author).json)
            }),
        .post(
            "/v1/driver_tokens", .programs, "A credential for a driver's own things, for a short time.",
            request: .driverTokenWish, answers: [.created(.driverToken)],
            { call in
                let seconds = call.body.integer("expires_in_s") ?? 900
                let (token, record) = try await Keys(desk: call.desk).mintDriverToken(
                    for: try call.body.need("account", call.body.id("account")), lasting: .seconds(seconds),
                    by: try call.author)
                return .created(
                    [
                        "token": .string(token), "account": .id(record.account),
                        "expires_at": .time(record.expiresAt),
                    ], at: "/v1/accounts/\(record.account)")
            }
        ).tellingOnce("token"),
    ]

    private static func limits(_ body: Body) throws(Problem) -> Keys.Limits {
        var limits = Keys.Limits()
        if let sites = body["sites"]?.array {
            limits.sites = sites.compactMap { $0.string.flatMap { SiteID($0) } }
            guard limits.sites?.count == sites.count else {
                throw .invalidField(body.place(of: "sites"), "Each of them is an id of a site.")
            }
        }
        limits.refundLimit = try body.money("refund_limit")
        limits.allowedIPs = body["allowed_ips"]?.array?.compactMap(\.string)
        return limits
    }

    private static func change(_ call: Call) async throws -> Reply {
        let version = try call.expectedVersion
        let id = try call.organisation
        guard let row = try await call.read({ tx in try tx.find(OrganisationRecord.self, id) }) else {
            throw Problem.notFound("organisation")
        }
        var changes = Organisations.Changes()
        changes.name = call.body.text("name")
        changes.legalName = call.body.text("legal_name")
        changes.vatId = call.body.text("vat_id")
        changes.address = try call.body.object("address").map { try PostalAddress($0) }
        changes.currency = try call.body.currency("currency")
        changes.timeZone = call.body.text("time_zone")
        changes.country = call.body.text("country")
        changes.supportPhone = call.body.text("support_phone")
        changes.email = call.body.text("email")
        changes.returnURLs = call.body["return_urls"]?.array?.compactMap(\.string)
        if let policy = call.body.object("policy") {
            changes.policy = try row.policy.changed(by: policy, currency: changes.currency ?? row.currency)
        }
        return .ok(
            try await Organisations(desk: call.desk).change(changes, version: version, by: try call.author)
                .json)
    }
}

extension ObjectShape {
    /// Holds, waiting times and trivial sessions.
    static let policy = ObjectShape(
        "Policy",
        [
            .must("hold_ac", .money), .must("hold_dc", .money), .must("hold_ultra", .money, "Above 150 kW."),
            .must("hold_minimum", .money), .must("hold_maximum", .money), .must("hold_step", .money),
            .must("trivial_energy_wh", .count, "Sessions below this are never charged."),
            .must("quiet_s", .count, "How long a complete session waits before it is billed."),
            .must("quiet_incomplete_s", .count), .must("quiet_offline_s", .count),
            .must("start_deadline_s", .count), .must("retry_window_s", .count),
            .must("stop_latency_s", .count),
            .must("quote_validity_s", .count), .must("without_energy_s", .count),
        ])

    private static let organisationFields: [Field] = [
        .must("name", .shortText), .must("legal_name", .shortText), .may("vat_id", .text(.plain, max: 30)),
        .must("address", .object(.address)),
        .must("currency", .text(.currency, max: 3), "The default of new tariffs and wallets."),
        .must("time_zone", .text(.timeZone, max: 60)), .must("country", .text(.country, max: 2)),
        .may("support_phone", .text(.phone, max: 40)), .may("email", .text(.email, max: 200)),
        .must(
            "return_urls", .list(.text(.url, max: 500), max: 50),
            "Where gateways' pages may send drivers back to, with everything beneath; our own pages always."),
    ]

    /// A tenant.
    static let organisation = ObjectShape(
        "Organisation",
        [.must("id", .id("org")), .must("kind", .word(["test", "live"]), "Never changes.")]
            + organisationFields + [
                .must("policy", .object(.policy)), .must("created_at", .instant), .must("version", .count),
            ])

    /// What may be changed of it.
    static let organisationChange = ObjectShape(
        "OrganisationChange",
        ObjectShape(nil, organisationFields).patch().fields + [.may("policy", .object(policy.patch()))])

    /// A credential.
    static let apiKey = ObjectShape(
        "ApiKey",
        [
            .must("id", .id("key")),
            .must("scope", .word(["operator", "service", "site_host", "read_only"])),
            .must("name", .shortText), .must("hint", .shortText, "What the key looks like."),
            .may("sites", .list(.id("site"), max: 1000), "The only sites it may see."),
            .may("refund_limit", .money), .may("allowed_ips", .list(.shortText, max: 100)),
            .must("api_version", .shortText, "What requests that name no version are answered by."),
            .must("created_at", .instant), .may("expires_at", .instant), .may("revoked_at", .instant),
            .must("version", .count),
        ])

    /// A credential that was just made.
    static let issuedKey = apiKey.adding(
        "IssuedApiKey", [.may("secret", .shortText, "Told once: a repeat of the request shows null.")])

    /// What a new key may do.
    static let apiKeyWish = ObjectShape(
        "NewApiKey",
        [
            .must("scope", .word(["operator", "service", "site_host", "read_only"])),
            .must("name", .shortText),
            .may("expires_at", .instant), .may("sites", .list(.id("site"), max: 1000), "Only these."),
            .may("refund_limit", .money, "The most that one refund may give back."),
            .may("allowed_ips", .list(.shortText, max: 100), "Networks like `192.0.2.0/24`."),
        ])

    /// A wish for a driver's token.
    static let driverTokenWish = ObjectShape(
        "NewDriverToken",
        [
            .must("account", .id("acc")),
            .may("expires_in_s", .integer(60...86_400), "Default 900."),
        ])

    /// A driver's token.
    static let driverToken = ObjectShape(
        "DriverToken",
        [
            .may("token", .shortText, "Told once: a repeat of the request shows null."),
            .must("account", .id("acc")), .must("expires_at", .instant),
        ])
}

extension OrganisationRecord {
    /// As the API shows it.
    var json: JSON {
        [
            "id": .id(id), "kind": .word(kind), "name": .string(name), "legal_name": .string(legalName),
            "vat_id": .text(vatId), "address": address.json, "currency": .string(currency.code),
            "time_zone": .string(timeZone), "country": .string(country), "support_phone": .text(supportPhone),
            "email": .text(email), "return_urls": .array((policy.returnURLs ?? []).map { .string($0) }),
            "policy": policy.json(in: currency), "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }
}

extension OrganisationPolicy {
    func json(in currency: Currency) -> JSON {
        func money(_ minor: Int64) -> JSON { Money(minorUnits: minor, currency: currency).json }
        return [
            "hold_ac": money(holdAC), "hold_dc": money(holdDC), "hold_ultra": money(holdUltra),
            "hold_minimum": money(holdMinimum), "hold_maximum": money(holdMaximum),
            "hold_step": money(holdStep),
            "trivial_energy_wh": JSON(trivialEnergy.wattHours), "quiet_s": JSON(quiet.seconds),
            "quiet_incomplete_s": JSON(quietIncomplete.seconds),
            "quiet_offline_s": JSON(quietOffline.seconds),
            "start_deadline_s": JSON(startDeadline.seconds), "retry_window_s": JSON(retryWindow.seconds),
            "stop_latency_s": JSON(stopLatency.seconds), "quote_validity_s": JSON(quoteValidity.seconds),
            "without_energy_s": JSON(withoutEnergy.seconds),
        ]
    }

    /// The same with what a PATCH names.
    func changed(by body: Body, currency: Currency) throws(Problem) -> OrganisationPolicy {
        var policy = self
        func minor(_ name: String, _ present: Int64) throws(Problem) -> Int64 {
            guard let money = try body.money(name) else { return present }
            guard money.currency == currency else {
                throw Problem(
                    .currencyMismatch, "The organisation's currency is \(currency).", at: body.place(of: name)
                )
            }
            return money.minorUnits
        }
        func time(_ name: String, _ present: Elapsed) throws(Problem) -> Elapsed {
            guard let seconds = body.integer(name) else { return present }
            guard seconds <= 30 * 86_400 else {
                throw .invalidField(body.place(of: name), "At most 30 days.")
            }
            return .seconds(seconds)
        }
        policy.holdAC = try minor("hold_ac", holdAC)
        policy.holdDC = try minor("hold_dc", holdDC)
        policy.holdUltra = try minor("hold_ultra", holdUltra)
        policy.holdMinimum = try minor("hold_minimum", holdMinimum)
        policy.holdMaximum = try minor("hold_maximum", holdMaximum)
        policy.holdStep = try minor("hold_step", holdStep)
        if let energy = body.integer("trivial_energy_wh") {
            guard energy <= 10_000 else {
                throw .invalidField(body.place(of: "trivial_energy_wh"), "At most 10 kWh is called trivial.")
            }
            policy.trivialEnergy = Energy(wattHours: energy)
        }
        policy.quiet = try time("quiet_s", quiet)
        policy.quietIncomplete = try time("quiet_incomplete_s", quietIncomplete)
        policy.quietOffline = try time("quiet_offline_s", quietOffline)
        policy.startDeadline = try time("start_deadline_s", startDeadline)
        policy.retryWindow = try time("retry_window_s", retryWindow)
        policy.stopLatency = try time("stop_latency_s", stopLatency)
        policy.quoteValidity = try time("quote_validity_s", quoteValidity)
        policy.withoutEnergy = try time("without_energy_s", withoutEnergy)
        return policy
    }
}

extension APIKeyRecord {
    /// As the API shows it; never its secret.
    var json: JSON {
        [
            "id": .id(id), "scope": .word(scope), "name": .string(name), "hint": .string(hint),
            "sites": sites.map { .array($0.map { .string($0.text) }) } ?? .null,
            "refund_limit": .money(refundLimit),
            "allowed_ips": allowedIps.map { .array($0.map(JSON.string)) } ?? .null,
            "api_version": .string(apiVersion ?? APIVersion.current),
            "created_at": .time(createdAt), "expires_at": .time(expiresAt), "revoked_at": .time(revokedAt),
            "version": JSON(version),
        ]
    }
}

extension Keys.Issued {
    var json: JSON { key.json.adding(["secret": .string(secret)]) }
}
