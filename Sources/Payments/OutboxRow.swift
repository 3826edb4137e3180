// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Something that must leave, written in the transaction that decided it (payments.md §3.4). At least once.
package struct OutboxRow: Hashable, Sendable, Codable {
    /// Where it stands.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case queued, leased, done, parked, withdrawn
    }

    /// What can happen to it.
    package enum Event: Hashable, Sendable, Codable {
        /// The same id again.
        case enqueue
        case lease
        /// The holder of the lease says it is delivered.
        case done(fence: Int64)
        /// The holder of the lease says: not delivered, later.
        case retry(fence: Int64)
        /// The holder of the lease gives up.
        case fail(fence: Int64)
        case leaseExpired
        case withdraw
        case replay
    }

    /// The columns of the table.
    package enum Column: String, Hashable, Sendable, CaseIterable {
        case enqueue, lease, done, retry, fail, leaseExpired, withdraw, replay
    }

    /// Why an event changes nothing.
    package enum Refusal: Error, Hashable, Sendable {
        case eventDoesNotFit(State, Column)
        /// The lease has passed to somebody else: what this one says is a fact, but it cannot complete the row.
        case staleFence(held: Int64, given: Int64)
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state = State.queued
    /// The number of the newest lease; each lease has its own.
    package private(set) var fence: Int64 = 0
    /// How often it was tried.
    package private(set) var tries: Int64 = 0

    package init() {}

    /// How long a lease lasts.
    package static let lease = Elapsed.seconds(60)

    /// A refusal changes nothing.
    package mutating func apply(_ event: Event) throws(Refusal) {
        if state == .leased, let given = event.fence, given != fence {
            throw .staleFence(held: fence, given: given)
        }
        switch Self.table[state, event.column] {
        case .refuse: throw .eventDoesNotFit(state, event.column)
        case .stay, .ask: return
        case .move(let next), .moveAndAsk(let next):
            if next == .leased {
                fence += 1
                tries += 1
            }
            if event == .replay { tries = 0 }
            state = next
        }
    }

    /// How long to wait after so many tries: 1 s, 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, then every 12 h.
    package static func backoff(after tries: Int64) -> Elapsed {
        let steps: [Elapsed] = [
            .seconds(1), .seconds(5), .seconds(30), .minutes(2), .minutes(10), .hours(1), .hours(4),
            .hours(12),
        ]
        return steps[Int(min(max(tries, 1), Int64(steps.count))) - 1]
    }

    /// Whether it is given up: after 20 tries or 3 days.
    package static func isHopeless(tries: Int64, age: Elapsed) -> Bool { tries >= 20 || age >= .hours(72) }

    /// payments.md §3.4, column by column.
    package static let table = TransitionTable<State, Column>(
        """
        state     enqueue lease  done retry  fail   leaseExpired withdraw  replay
        queued    =       leased -    -      -      -            withdrawn =
        leased    =       -      done queued parked queued       =         -
        done      =       -      =    =      =      =            -         -
        parked    =       -      -    -      =      =            withdrawn queued
        withdrawn =       -      =    =      =      =            =         -
        """)
}

extension OutboxRow.Event {
    /// The column of the table this event stands in.
    package var column: OutboxRow.Column {
        switch self {
        case .enqueue: .enqueue
        case .lease: .lease
        case .done: .done
        case .retry: .retry
        case .fail: .fail
        case .leaseExpired: .leaseExpired
        case .withdraw: .withdraw
        case .replay: .replay
        }
    }

    /// The lease it speaks for.
    fileprivate var fence: Int64? {
        switch self {
        case .done(let fence), .retry(let fence), .fail(let fence): fence
        default: nil
        }
    }
}
