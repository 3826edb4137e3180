// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The right to write to a database file: one process has it, by a lock on a file beside it.
///
/// SQLite's own exclusive mode would shut out our own readers, and `audit` and `export` beside a running server.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of `path`, which ends with this value (or with the process). Throws `databaseLocked`.
    init(_ path: String) throws(StoreError) {
        descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .unavailable("\(path).lock: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .databaseLocked(path: path)
        }
    }

    deinit { close(descriptor) }
}
