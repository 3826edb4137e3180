// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

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

/// Lets the first `count` arrivals through together; later ones do not wait.
final class Barrier: Sendable {
    private let arrived: Atomic<Int>
    private let gate = Gate()

    init(_ count: Int) { arrived = Atomic(count) }

    /// Waits for the others. Only for closures inside a transaction, which run on a thread of their own.
    func arrive() {
        if arrived.subtract(1, ordering: .relaxed).newValue <= 0 { gate.open() }
        gate.wait()
    }
}
