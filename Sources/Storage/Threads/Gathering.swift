// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Takes what waits in a mailbox, and a moment later what came meanwhile, so that both share one flush.
///
/// Where so many came together last time, others are on their way now: a moment of waiting saves them a flush of their
/// own (PostgreSQL's `commit_siblings` and `commit_delay`).
struct Gathering<Item: AnyObject & Sendable> {
    private let mailbox: Mailbox<Item>
    /// How many it takes at most.
    private let limit: Int
    /// How many must have come together last time for it to wait.
    private let siblings: Int
    private var last = 0

    init(from mailbox: Mailbox<Item>, limit: Int, siblings: Int) {
        self.mailbox = mailbox
        self.limit = limit
        self.siblings = siblings
    }

    /// See `Mailbox.take`.
    mutating func take(idleAfter pause: Duration? = nil) -> Mailbox<Item>.Taken {
        let taken = mailbox.take(upTo: limit, idleAfter: pause)
        guard case .items(var items) = taken else { return taken }
        if last >= siblings { items += more(than: items.count) }
        last = items.count
        return .items(items)
    }

    /// What comes within a millisecond, or a few more where very many come, up to the limit.
    private func more(than count: Int) -> [Item] {
        guard count < limit else { return [] }
        usleep(count < 32 ? 1_000 : count < 64 ? 3_000 : 6_000)
        guard case .items(let items) = mailbox.take(upTo: limit - count, idleAfter: .zero) else { return [] }
        return items
    }
}
