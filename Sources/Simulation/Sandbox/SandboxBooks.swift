// SPDX-License-Identifier: Apache-2.0

/// Where the Sandbox keeps its state: named texts by kind.
package protocol SandboxBooks {
    func object(_ kind: String, _ name: String) throws -> String?
    func save(_ kind: String, _ name: String, _ body: String) throws
    func remove(_ kind: String, _ name: String) throws
    /// Everything of a kind, by name.
    func objects(_ kind: String) throws -> [(name: String, body: String)]
    /// At most so many of a kind, by name: those after one name and before another.
    func objects(_ kind: String, after: String?, before: String?, limit: Int) throws
        -> [(name: String, body: String)]
}

/// Books in memory, for tests and programs that keep nothing.
package final class SandboxNotebook: SandboxBooks {
    private var pages: [String: [String: String]] = [:]

    package init() {}

    package func object(_ kind: String, _ name: String) -> String? { pages[kind]?[name] }
    package func save(_ kind: String, _ name: String, _ body: String) {
        pages[kind, default: [:]][name] = body
    }
    package func remove(_ kind: String, _ name: String) { pages[kind]?[name] = nil }
    package func objects(_ kind: String) -> [(name: String, body: String)] {
        (pages[kind] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
    package func objects(_ kind: String, after: String?, before: String?, limit: Int)
        -> [(name: String, body: String)]
    {
        let all = objects(kind).filter { object in
            after.map { object.name > $0 } ?? true && before.map { object.name < $0 } ?? true
        }
        return Array(all.prefix(limit))
    }
}
