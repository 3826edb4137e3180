// SPDX-License-Identifier: Apache-2.0

/// Which module may import which: the table of ARCHITECTURE.md (T1), and who may touch what lies outside (T2).
enum Arrows {
    private static let trades = ["Quantities", "Charging", "Tariffs", "Payments", "Accounting", "Receipts"]

    /// Imports of ours.
    static let ours: [String: [String]] = [
        "Quantities": [], "JSONText": [], "Digests": [], "Charging": ["Quantities"],
        "Tariffs": ["Quantities", "JSONText", "Digests"], "Payments": ["Quantities", "JSONText", "Digests"],
        "Accounting": ["Quantities", "Digests"], "Receipts": ["Quantities", "Tariffs", "Digests"],
        "OCPP": ["JSONText"],
        "Storage": trades + ["Digests"], "Billing": trades + ["Digests", "Storage"],
        "Chargers": ["Quantities", "Charging", "Tariffs", "OCPP", "JSONText", "Digests", "Billing"],
        "Web": trades + ["JSONText", "Digests", "Storage", "Billing"],
        "Simulation": trades + ["JSONText", "Digests", "OCPP", "Storage", "Billing"],
        "App": trades + [
            "JSONText", "Digests", "OCPP", "Storage", "Billing", "Chargers", "Web", "Simulation",
        ],
    ]

    /// Who alone may import these; a name stands for all that begin with it.
    static let outside: [String: [String]] = [
        "CSQLite": ["Storage"], "CPostgreSQL": ["Storage"], "CCairo": ["Receipts"],
        "CQRencode": ["Receipts", "Web"],
        "CZlib": ["Chargers"], "NIO": ["Chargers", "Web", "App"], "Hummingbird": ["Chargers", "Web", "App"],
        "ServiceLifecycle": ["App"], "ArgumentParser": ["App"],
        "Mustache": ["Web", "Receipts", "Simulation"],
        "Crypto": ["Digests"], "Logging": ["Storage", "Billing", "Chargers", "Web", "Simulation", "App"],
    ]

    /// Modules that decide: no clock, no waiting, no randomness, no output (T3).
    static let pure = [
        "Quantities", "JSONText", "Digests", "Charging", "Tariffs", "Payments", "Accounting", "Receipts",
        "OCPP",
    ]

    /// Modules in which no floating point and no `Date` may stand (T8).
    static let exact = pure + ["Storage", "Billing"]

    /// The breaches of one file.
    static func breaches(in file: SourceTree.File) -> [Breach] {
        guard let allowed = ours[file.module] else {
            return [
                Breach(
                    rule: "T1", path: file.path, line: 1, text: "no such module in the table: \(file.module)")
            ]
        }
        var breaches: [Breach] = []
        for (index, line) in file.code.enumerated() {
            guard let name = importedModule(line) else { continue }
            if ours.keys.contains(name), !allowed.contains(name) {
                breaches.append(Breach(rule: "T1", path: file.path, line: index + 1, text: line))
            }
            for (prefix, users) in outside
            where name == prefix || (name.hasPrefix(prefix) && ["NIO", "Hummingbird"].contains(prefix)) {
                if !users.contains(file.module) {
                    breaches.append(Breach(rule: "T2", path: file.path, line: index + 1, text: line))
                }
            }
        }
        return breaches
    }

    private static func importedModule(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 1, words.count == place + 2 else {
            return nil
        }
        return String(words[place + 1])
    }
}
