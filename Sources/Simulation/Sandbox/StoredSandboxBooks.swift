// SPDX-License-Identifier: Apache-2.0

package import Storage

/// The Sandbox's own tables, never in one transaction with ours.
package struct StoredSandboxBooks: SandboxBooks {
    private let tx: Tx

    package init(_ tx: Tx) { self.tx = tx }

    package func object(_ kind: String, _ name: String) throws -> String? { try tx.sandboxObject(kind, name) }
    package func save(_ kind: String, _ name: String, _ body: String) throws {
        try tx.saveSandboxObject(kind, name, body)
    }
    package func remove(_ kind: String, _ name: String) throws { try tx.deleteSandboxObject(kind, name) }
    package func objects(_ kind: String) throws -> [(name: String, body: String)] {
        try tx.sandboxObjects(kind)
    }
    package func objects(_ kind: String, after: String?, before: String?, limit: Int) throws
        -> [(name: String, body: String)]
    {
        try tx.sandboxObjects(kind, after: after, before: before, limit: limit)
    }
}
