// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Storage

/// The people who charge on an account: what is known of them is theirs (api.md §3.3).
enum DriverRoutes {
    static let all: [Route] = [
        .get(
            "/v1/accounts/{id}/drivers", .readers, "The people of an account, oldest first.",
            answers: [.ok(.list(of: .driver))],
            { call in
                let account = try await call.find(AccountRecord.self, "account")
                let drivers = try await call.read { tx in try tx.drivers(of: account.id) }
                return .ok(["data": .array(drivers.map(\.json))])
            }),
        .post(
            "/v1/accounts/{id}/drivers", .programs,
            "Make a person of an account known; everything is optional.",
            request: .driverWish, answers: [.created(.driver)],
            { call in
                let driver = try await Drivers(desk: call.desk).create(
                    wish(call.body), of: try call.id(of: "account"), by: try call.author)
                return .created(driver.json, at: "/v1/drivers/\(driver.id)")
            }),
        .get(
            "/v1/drivers/{id}", .readers, "A person of an account.", answers: [.ok(.driver)],
            { call in .ok(try await call.find(DriverRecord.self, "driver").json) }),
        .patch(
            "/v1/drivers/{id}", .programs, "Change what is known of a person.",
            request: ObjectShape.driverWish.patch("DriverChange"), answers: [.ok(.driver)],
            problems: [.invalidState],
            { call in
                .ok(
                    try await Drivers(desk: call.desk).change(
                        try call.id(of: "driver"), wish(call.body), version: try call.expectedVersion,
                        by: try call.author
                    ).json)
            }),
        .get(
            "/v1/drivers/{id}/export", .operators,
            "Everything that is known of a person and their account, in one file.",
            answers: [.ok(.driverExport)],
            { call in
                let export = try await Drivers(desk: call.desk).export(
                    try call.id(of: "driver"), by: try call.author)
                return .ok(try export.json(try call.currency))
            }),
        .post(
            "/v1/drivers/{id}/erase", .operators,
            "Forget a person. Books, documents and sessions never named them, and stay.",
            answers: [.ok(.driver)],
            { call in
                .ok(
                    try await Drivers(desk: call.desk).erase(
                        try call.id(of: "driver"), by: try call.author
                    ).json)
            }),
    ]

    private static func wish(_ body: Body) -> Drivers.Wish {
        var wish = Drivers.Wish()
        wish.name = body.text("name")
        wish.email = body.text("email")
        wish.language = body.text("language")
        wish.metadata = body.texts("metadata")
        return wish
    }
}

extension DriverRecord {
    /// As the API shows it.
    fileprivate var json: JSON {
        [
            "id": .id(id), "account": .id(account), "name": .text(name), "email": .text(email),
            "language": .text(language), "metadata": .metadata(metadata), "erased_at": .time(erasedAt),
            "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }
}

extension Drivers.Export {
    /// One file, in the words of the API.
    fileprivate func json(_ currency: Currency) throws -> JSON {
        [
            "driver": driver.json, "account": account.json(currency),
            "tokens": .array(tokens.map { $0.json(currency) }),
            "payment_methods": .array(methods.map(\.json)), "wallets": .array(wallets.map(\.json)),
            "sessions": .array(
                sessions.map {
                    [
                        "id": .id($0.id), "status": .word($0.status), "started_at": .time($0.startedAt),
                        "ended_at": .time($0.endedAt), "energy_wh": JSON($0.energy.wattHours),
                        "token_masked": .text($0.tokenMasked),
                    ]
                }),
            "documents": .array(
                documents.map {
                    [
                        "id": .string($0.id), "kind": .string($0.kind), "number": .string($0.label),
                        "gross": Money(minorUnits: $0.grossMinor, currency: $0.currency).json,
                        "issued_at": .time($0.issuedAt),
                    ]
                }),
        ]
    }
}

extension ObjectShape {
    /// What is told of a person.
    static let driverWish = ObjectShape(
        "NewDriver",
        [
            .may("name", .shortText), .may("email", .text(.email, max: 200)),
            .may("language", .text(.plain, max: 10)), .may("metadata", .texts, "Words of your own."),
        ])

    /// A person who charges on an account.
    static let driver = ObjectShape(
        "Driver",
        [
            .must("id", .id("drv")), .must("account", .id("acc")), .may("name", .shortText),
            .may("email", .text(.email, max: 200)), .may("language", .text(.plain, max: 10)),
            .must("metadata", .texts), .may("erased_at", .instant), .must("created_at", .instant),
            .must("version", .count),
        ])

    /// What is known of a person and their account.
    static let driverExport = ObjectShape(
        "DriverExport",
        [
            .must("driver", .object(.driver)), .must("account", .object(.account)),
            .must("tokens", .list(.object(.token), max: 100_000)),
            .must("payment_methods", .list(.object(.paymentMethod), max: 100_000)),
            .must("wallets", .list(.object(.wallet), max: 100_000)),
            .must(
                "sessions",
                .list(
                    .object(
                        ObjectShape(
                            "ExportedSession",
                            [
                                .must("id", .id("ses")), .must("status", .shortText),
                                .must("started_at", .instant), .may("ended_at", .instant),
                                .must("energy_wh", .integer(Int64.min...Int64.max)),
                                .may("token_masked", .shortText),
                            ])), max: 1_000_000)),
            .must(
                "documents",
                .list(
                    .object(
                        ObjectShape(
                            "ExportedDocument",
                            [
                                .must("id", .shortText), .must("kind", .shortText),
                                .must("number", .shortText), .must("gross", .money),
                                .must("issued_at", .instant),
                            ])), max: 1_000_000)),
        ])
}
