// SPDX-License-Identifier: Apache-2.0

/// The table of arrows: which module may see which. An arrow that is not here does not exist.
/// ARCHITECTURE.md shows the same table, and a test compares them.
enum Arrows {
    /// One module of ours.
    struct Module: Sendable {
        let name: String
        /// The modules of ours that it may import.
        let ours: [String]
        /// Everything else that it may import: packages, system libraries, the platform.
        let others: Set<String>

        init(_ name: String, _ ours: [String] = [], others: Set<String> = []) {
            self.name = name
            self.ours = ours
            self.others = others
        }
    }

    private static let trades = ["Quantities", "Charging", "Tariffs", "Payments", "Accounting", "Receipts"]
    private static let platform: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Darwin", "Synchronization",
    ]
    private static let sockets: Set<String> = [
        "NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOHTTPTypesHTTP1", "NIOHTTPTypes",
        "HummingbirdCore",
    ]

    /// Lowest first: a module sees only what stands above it here.
    static let modules: [Module] = [
        Module("Quantities"),
        Module("JSONText"),
        Module("Digests", others: ["Crypto"]),
        Module("Charging", ["Quantities"]),
        Module("Tariffs", ["Quantities", "JSONText", "Digests"]),
        Module("Payments", ["Quantities", "JSONText", "Digests"]),
        Module("Accounting", ["Quantities", "Digests"]),
        Module(
            "Receipts", ["Quantities", "Tariffs", "Digests"], others: ["Mustache", "CCairo", "CQRencode"]),
        Module("OCPP", ["JSONText"]),
        Module(
            "Storage", trades + ["Digests"], others: platform.union(["Logging", "CSQLite", "CPostgreSQL"])),
        Module(
            "Billing", trades + ["Digests", "Storage"], others: platform.union(["Logging", "HTTPTypes"])),
        Module(
            "Chargers", ["Quantities", "Charging", "Tariffs", "OCPP", "JSONText", "Digests", "Billing"],
            others: platform.union(sockets).union(["Hummingbird", "Logging", "HTTPTypes", "CZlib"])),
        Module(
            "Web", trades + ["JSONText", "Digests", "Storage", "Billing"],
            others: platform.union([
                "Hummingbird", "Mustache", "Logging", "HTTPTypes", "NIOCore", "CQRencode",
            ])),
        Module(
            "Simulation", trades + ["JSONText", "Digests", "OCPP", "Storage", "Billing"],
            others: platform.union(["HTTPTypes", "Mustache"])),
        Module(
            "App",
            trades + ["JSONText", "Digests", "OCPP", "Storage", "Billing", "Chargers", "Web", "Simulation"],
            others: platform.union(sockets).union([
                "ArgumentParser", "ServiceLifecycle", "Hummingbird", "Logging", "HTTPTypes",
                "AsyncHTTPClient", "NIOSSL", "HummingbirdTLS", "CCurl",
            ])),
    ]

    /// Modules without clock, randomness, waiting, printing and input.
    static let pure: Set<String> = [
        "Quantities", "JSONText", "Digests", "Charging", "Tariffs", "Payments", "Accounting", "Receipts",
        "OCPP",
    ]

    /// Modules in which money, energy and time pass: no floating point in any place.
    static let exact: Set<String> = pure.union(["Storage", "Billing"])

    /// System libraries of ours: a module map each, and where they may be used.
    static let systemLibraries: [String: [String]] = [
        "CSQLite": ["Sources/Storage/SQLite/"],
        "CPostgreSQL": ["Sources/Storage/PostgreSQL/"],
        "CCairo": ["Sources/Receipts/Render/"],
        "CQRencode": ["Sources/Receipts/Render/", "Sources/Web/API/QRPicture.swift"],
        "CCurl": ["Sources/App/Couriers/MailPost.swift"],
        "CZlib": ["Sources/Chargers/Gate/Deflate.swift"],
    ]

    /// `NSCondition` takes the end of a wait as a `Date`; it is a wait there, and no time of the business.
    static let datedWaits: Set<String> = ["Sources/Storage/Threads/Mailbox.swift"]

    static func module(_ name: String) -> Module? { modules.first { $0.name == name } }
}
