// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A bounded queue in front of plain threads; the only place where a thread of ours waits for work.
///
/// Callers of the cooperative pool only ever hold its lock for a moment; waiting is done by the threads
/// behind it.
final class Mailbox<Item: AnyObject & Sendable>: @unchecked Sendable {  // exception(T12): one lock
    /// What a waiting thread got.
    enum Taken {
        /// At least one item, oldest first.
        case items([Item])
        /// Nothing came in time.
        case idle
        /// Closed and empty: the thread ends.
        case closed
    }

    private let condition = NSCondition()
    private let limit: Int
    private var items: [Item] = []
    private var isClosed = false

    /// A queue that refuses the item after `limit` waiting ones.
    init(limit: Int) { self.limit = limit }

    /// Adds an item at the end. Throws `busy` when full and `unavailable` when closed.
    func put(_ item: Item) throws(StoreError) {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { throw .unavailable("it is closed") }
        if items.count >= limit { throw .busy }
        items.append(item)
        condition.signal()
    }

    /// Waits for items and takes up to `count` of them. What waits when it is closed is still handed out.
    ///
    /// - Parameter limit: how long to wait before `idle`; nil waits for ever.
    func take(upTo count: Int, idleAfter limit: Duration? = nil) -> Taken {
        condition.lock()
        defer { condition.unlock() }
        let deadline = limit.map { Date(timeIntervalSinceNow: $0 / .seconds(1)) }
        while items.isEmpty {
            if isClosed { return .closed }
            guard let deadline else {
                condition.wait()
                continue
            }
            if !condition.wait(until: deadline) && items.isEmpty && !isClosed { return .idle }
        }
        let taken = Array(items.prefix(count))
        items.removeFirst(taken.count)
        return .items(taken)
    }

    /// Takes an item out of the queue, if it still waits there.
    func remove(_ item: Item) {
        condition.lock()
        defer { condition.unlock() }
        items.removeAll { $0 === item }
    }

    /// Refuses new items from now on and wakes everybody.
    func close() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        condition.broadcast()
    }
}
