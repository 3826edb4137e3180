// SPDX-License-Identifier: Apache-2.0

/// What can go wrong between us and the database; the same words for both engines.
package enum StoreError: Error, Hashable, Sendable {
    /// A row with this key exists. `constraint` reads `table(column, column)`; for an index over expressions
    /// it is the index's name.
    case uniqueViolation(constraint: String)
    /// A value breaks a rule of its column, or is missing where one is needed.
    case checkViolation(constraint: String)
    /// A row names another one that does not exist, or is still named by others.
    case foreignKeyViolation
    /// Two transactions met five times in a row; nothing was changed.
    case conflict
    /// Somebody else changed the row since it was read; nothing was changed.
    case staleVersion(table: String, id: String)
    /// The queue is full, or a lock did not come free in time. Worth trying again soon.
    case busy
    /// The database cannot be reached or cannot store (down, disk full, closed); nothing was changed.
    case unavailable(String)
    /// The connection was lost after COMMIT was sent: it may have happened or not. Look before you repeat.
    case outcomeUnknown
    /// Another process writes to this file.
    case databaseLocked(path: String)
    /// The database was made by a newer release.
    case newerSchema(found: Int, known: Int)
    /// The database's secrets are sealed with a key that was not given: its name, and the names of those that were.
    case wrongKey(sealedWith: String, given: [String])
    /// A secret was to be read or written by a process that was given no key.
    case noKey
    /// A secret was changed by others, or moved from another row.
    case damagedSecret(_ table: String, _ column: String, of: String)
    /// Everything else, with the engine's own code (SQLSTATE, or SQLite's extended result code) and words.
    case failed(state: String, message: String)

    /// PostgreSQL refuses a text with U+0000, so both engines do: what works in a test works in production.
    static let zeroInText = StoreError.failed(
        state: "22021", message: "a text holds U+0000; store such input as bytes")
}

extension StoreError: CustomStringConvertible {
    /// A sentence for the log and the command line.
    package var description: String {
        switch self {
        case .uniqueViolation(let constraint): "a row with this \(constraint) exists already"
        case .checkViolation(let constraint): "a value breaks the rule \(constraint)"
        case .foreignKeyViolation: "a row names another row that is not there"
        case .conflict: "the transaction met others too often and was given up"
        case .staleVersion(let table, let id): "\(table) \(id) was changed by somebody else meanwhile"
        case .busy: "the database has too much to do"
        case .unavailable(let reason): "the database is not available: \(reason)"
        case .outcomeUnknown: "the connection was lost while committing; the outcome is unknown"
        case .databaseLocked(let path): "the database file \(path) is in use by another amptill"
        case .newerSchema(let found, let known):
            "the database has schema \(found), this release knows \(known): use a newer release"
        case .wrongKey(let sealer, let given):
            "the secrets of the database are sealed with key \(sealer); given: \(given.joined(separator: ", "))"
        case .noKey: "the secrets of the database are sealed, and no key was given"
        case .damagedSecret(let table, let column, let row):
            "\(column) of \(table) \(row) was not sealed for this place by this installation"
        case .failed(let state, let message): "\(message) (\(state))"
        }
    }
}
