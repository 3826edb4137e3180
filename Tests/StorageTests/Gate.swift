// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Holds a thread of the store until it is opened; stays open.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    /// Waits for `open`. Only for closures inside a transaction, which run on a thread of their own.
    func wait() {
        semaphore.wait()
        semaphore.signal()
    }

    /// Lets everybody through.
    func open() { semaphore.signal() }
}
