// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Settings of every target of ours. `treatAllWarnings` reaches our code only, never a dependency's.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A dependency at exactly one version: what was tested is what is built.
func pinned(_ project: String, _ version: Version) -> Package.Dependency {
    .package(url: "https://github.com/\(project).git", exact: version)
}

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let crypto = product("Crypto", "swift-crypto")
let httpTypes = product("HTTPTypes", "swift-http-types")
let hummingbird = product("Hummingbird", "hummingbird")
let logging = product("Logging", "swift-log")
let mustache = product("Mustache", "swift-mustache")
let nio: [Target.Dependency] = [
    product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"), product("NIOHTTP1", "swift-nio"),
    product("NIOWebSocket", "swift-nio"), product("NIOHTTPTypesHTTP1", "swift-nio-extras"),
    product("NIOHTTPTypes", "swift-nio-extras"), product("HummingbirdCore", "hummingbird"),
]

/// One target of ours, with the arrows of ARCHITECTURE.md and nothing else.
func target(_ name: String, _ arrows: [String] = [], _ others: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: arrows.map { .byName(name: $0) } + others,
        exclude: exclusions[name] ?? [], resources: resources[name] ?? [],
        swiftSettings: house + (staysWithItsCaller.contains(name) ? [nonsending] : []))
}

/// What every message of a station passes: their asynchronous functions run where they are called from, and look for no
/// executor of their own.
let staysWithItsCaller: Set = ["Storage", "Billing", "Chargers"]
let nonsending = SwiftSetting.enableUpcomingFeature("NonisolatedNonsendingByDefault")

/// The tests of one target; they may see what it sees.
func tests(_ name: String, _ arrows: [String], _ others: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name, dependencies: arrows.map { .byName(name: $0) } + others,
        exclude: exclusions[name] ?? [], swiftSettings: house)
}

let exclusions: [String: [String]] = [
    "TariffsTests": ["Fixtures"], "ChargingTests": ["Fixtures"], "PaymentsTests": ["Fixtures"],
    "ReceiptsTests": ["Fixtures"], "OCPPTests": ["Fixtures"], "WebTests": ["Fixtures"],
    "ChargersTests": ["Fixtures"],
]

/// Small files that live inside the binary, so that one file is all there is to install.
let resources: [String: [Resource]] = [
    "Storage": [.embedInCode("Migrations")],
    "Web": [.embedInCode("Templates"), .embedInCode("Assets")],
    "Simulation": [.embedInCode("Templates")],
    "Receipts": [.embedInCode("Templates")],
]

let trades = ["Quantities", "Charging", "Tariffs", "Payments", "Accounting", "Receipts"]

let package = Package(
    name: "amptill",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "amptill", targets: ["App"]),
        .library(name: "Quantities", targets: ["Quantities"]),
        .library(name: "Tariffs", targets: ["Tariffs"]),
        .library(name: "OCPP", targets: ["OCPP"]),
    ],
    dependencies: [
        pinned("hummingbird-project/hummingbird", "2.28.1"),
        pinned("hummingbird-project/swift-mustache", "2.1.1"),
        pinned("apple/swift-nio", "2.101.2"),
        pinned("apple/swift-nio-extras", "1.35.2"),
        pinned("apple/swift-http-types", "1.8.0"),
        pinned("apple/swift-crypto", "4.5.2"),
        pinned("swift-server/swift-service-lifecycle", "2.13.0"),
        pinned("apple/swift-argument-parser", "1.8.2"),
        pinned("apple/swift-log", "1.16.2"),
        pinned("swift-server/async-http-client", "1.37.0"),
        pinned("apple/swift-nio-ssl", "2.37.6"),
    ],
    targets: [
        // Money, Currency, Energy, Instant, rates, tax, rounding, ids, Usage: the words all share.
        target("Quantities"),
        // JSON with digits as text, paths and limits; for the modules that read foreign JSON exactly.
        target("JSONText"),
        // SHA-256, HMAC and signatures for whoever hashes or signs.
        target("Digests", [], [crypto]),
        // Stations, tokens, the session as a fold over facts, commands; readings become Usage.
        target("Charging", ["Quantities"]),
        // Tariff model and the Rater: Usage + tariff + policy become an explained Rated.
        target("Tariffs", ["Quantities", "JSONText", "Digests"]),
        // Bill, Payment, Attempt, Refund, Dispute, outbox and inbox machines; gateways as pure codecs.
        target("Payments", ["Quantities", "JSONText", "Digests"]),
        // Accounts, transactions balanced by construction, one posting template per business event.
        target("Accounting", ["Quantities", "Digests"]),
        // Receipts, invoices, credit notes, numbering; rendered to HTML and PDF bytes in memory.
        target("Receipts", ["Quantities", "Tariffs", "Digests", "CCairo", "CQRencode"], [mustache]),
        // Frames and messages of OCPP 1.6, 2.0.1 and 2.1, limits, the call-result conversation.
        target("OCPP", ["JSONText"]),
        // Schema, migrations, records, queries, claims, change feed; SQLite and PostgreSQL behind one Store.
        target("Storage", trades + ["Digests", "CSQLite", "CPostgreSQL"], [logging]),
        // The workflows, one file per verb; outbox, inbox, workers, audit.
        target("Billing", trades + ["Digests", "Storage"], [logging, httpTypes]),
        // Door 1: WebSockets, OCPP to Charging and back, live connections.
        target(
            "Chargers",
            ["Quantities", "Charging", "Tariffs", "OCPP", "JSONText", "Digests", "Billing", "CZlib"],
            [hummingbird, logging, httpTypes] + nio),
        // Door 3: REST API, driver and operator pages, live streams, gateway webhooks.
        target(
            "Web", trades + ["JSONText", "Digests", "Storage", "Billing", "CQRencode"],
            [hummingbird, mustache, logging, httpTypes, product("NIOCore", "swift-nio")]),
        // Simulated stations and drivers, the Sandbox gateway, fake clock, seeded randomness, snapshots.
        target(
            "Simulation", trades + ["JSONText", "Digests", "OCPP", "Storage", "Billing"],
            [httpTypes, mustache]),
        // Configuration, composition root, command line.
        .executableTarget(
            name: "App",
            dependencies: (trades + [
                "JSONText", "Digests", "OCPP", "Storage", "Billing", "Chargers", "Web", "Simulation", "CCurl",
            ]).map { .byName(name: $0) } + [
                product("ArgumentParser", "swift-argument-parser"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
                product("HummingbirdTLS", "hummingbird"), hummingbird, logging, httpTypes,
                product("AsyncHTTPClient", "async-http-client"), product("NIOSSL", "swift-nio-ssl"),
            ] + nio,
            swiftSettings: house),
        // What an integrator does, in Swift: an example that the tests run. It knows nothing of ours.
        .executableTarget(
            name: "pay-swift", dependencies: [crypto], path: "Examples/pay-swift", swiftSettings: house),
        // libpq, for Storage only.
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // libsqlite3 with a shim for its macros, for Storage only.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // cairo and pango, for Receipts/Render/PDF.swift only.
        .systemLibrary(
            name: "CCairo", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev", "libcairo2-dev"])]),
        // zlib, for Chargers/Gate/Deflate.swift only.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // libcurl with a shim for its variadic calls, for App/Couriers/MailPost.swift only.
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // libqrencode, for the codes on chargers and receipts.
        .systemLibrary(name: "CQRencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),

        tests("QuantitiesTests", ["Quantities"]),
        tests("JSONTextTests", ["JSONText"]),
        tests("DigestsTests", ["Digests"]),
        tests("ChargingTests", ["Charging", "Quantities"]),
        tests("TariffsTests", ["Tariffs", "Quantities", "JSONText"]),
        tests("PaymentsTests", ["Payments", "Quantities", "JSONText", "Digests"]),
        tests("AccountingTests", ["Accounting", "Quantities", "Digests"]),
        tests("ReceiptsTests", ["Receipts", "Tariffs", "Quantities", "Digests"]),
        tests("OCPPTests", ["OCPP", "JSONText"]),
        tests("StorageTests", ["Storage", "Digests"] + trades),
        tests("BillingTests", ["Billing", "Storage", "Simulation", "Digests"] + trades, [logging]),
        tests(
            "ChargersTests",
            [
                "Chargers", "Digests", "Billing", "Storage", "OCPP", "JSONText", "Charging", "Quantities",
                "Tariffs",
            ],
            nio + [hummingbird, httpTypes, logging]),
        tests(
            "WebTests", ["Web", "Billing", "Storage", "Simulation", "JSONText", "Digests"] + trades,
            nio + [hummingbird, httpTypes, logging]),
        tests(
            "SimulationTests", ["Simulation", "Billing", "Storage", "OCPP", "JSONText", "Digests"] + trades,
            [httpTypes, logging]),
        tests("EndToEndTests", ["JSONText", "Quantities", "Digests"]),
        tests("TidyTests", []),
    ]
)
