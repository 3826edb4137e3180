// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// The right to write to a database file: one process has it, by a lock on a file beside it.
///
/// SQLite's own exclusive mode would shut out our own readers, and `audit` and `export` beside a running
/// server.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the lock of `path`, which ends with `unlock` (or with the process). Throws `databaseLocked`.
    init(_ path: String) throws(StoreError) {
        let opened = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .unavailable("\(path).lock: \(String(cString: strerror(errno)))") }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw .databaseLocked(path: path)
        }
        descriptor = Mutex(opened)
    }

    /// Gives the right back. A thread's own memory of it may live on for a moment, so this is said and not
    /// left to `deinit`.
    func unlock() {
        descriptor.withLock { descriptor in
            if let descriptor { close(descriptor) }
            descriptor = nil
        }
    }

    deinit { unlock() }
}
