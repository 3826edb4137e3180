// SPDX-License-Identifier: Apache-2.0

/// A struct that is one row of a table. Its columns have the names of its properties in snake case.
///
/// What is a single value in its `Codable` form (numbers, texts, ids, instants, plain enums) is a plain
/// column, and `[UInt8]` is a column of bytes. Everything else is JSON in a text column.
package protocol Record: Codable, Sendable {
    /// The table.
    static var table: String { get }
    /// The columns that are sealed with the key of the installation: texts, and JSON kept as text.
    static var secretColumns: [String] { get }
    /// Which rows have something to seal, for those that were written before anything was; empty for all of them.
    static var secretRows: SQL { get }
    /// Whether this one has something to seal.
    var hasSecrets: Bool { get }
}

extension Record {
    package static var secretColumns: [String] { [] }
    package static var secretRows: SQL { "" }
    package var hasSecrets: Bool { !Self.secretColumns.isEmpty }
}

/// A row with an `id` that changes only by compare-and-set on its version.
package protocol VersionedRecord: Record {
    /// 1 when it is made, one more with each update.
    var version: Int64 { get set }
}
