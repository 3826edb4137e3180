// SPDX-License-Identifier: Apache-2.0

/// Where the Sandbox keeps its state: named texts by kind.
package protocol SandboxBooks {
    func object(_ kind: String, _ name: String) throws -> String?
    func save(_ kind: String, _ name: String, _ body: String) throws
    func objects(_ kind: String) throws -> [(name: String, body: String)]
}

/// Books in memory, for tests and programs that keep nothing.
package final class SandboxNotebook: SandboxBooks {
    private var pages: [String: [String: String]] = [:]

    package init() {}

    package func object(_ kind: String, _ name: String) -> String? { pages[kind]?[name] }
    package func save(_ kind: String, _ name: String, _ body: String) {
        pages[kind, default: [:]][name] = body
    }
    package func objects(_ kind: String) -> [(name: String, body: String)] {
        (pages[kind] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
