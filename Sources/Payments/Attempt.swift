// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One call to a gateway, written down before it is made (payments.md §3.3).
package struct Attempt: Hashable, Sendable, Codable {
    /// Where the call stands.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case planned, sent, accepted, unknown, succeeded, declined, rejected
        case notFound = "not_found"
        case withdrawn
    }

    /// What can happen to it.
    package enum Event: String, Hashable, Sendable, Codable, CaseIterable {
        case send
        case ok
        /// The gateway took it and will tell the outcome later.
        case accepted
        case decline
        /// Our fault (4xx).
        case reject
        /// No byte left: DNS, connect or TLS failed.
        case notSent
        /// Nobody knows: time-out, 5xx, connection lost, key in use, or found in `sent` after a crash.
        case doubt
        /// Definitely not executed (429).
        case busy
        case foundOk
        case foundDeclined
        case notFound
        case withdraw
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state = State.planned

    package init() {}

    /// Whether a person must be asked.
    package enum Effect: Hashable, Sendable {
        case askAPerson(Event, in: State)
    }

    /// The event is not possible in this state.
    package struct Refusal: Error, Hashable, Sendable {
        package let state: State
        package let event: Event
    }

    /// Whether the outcome is definite.
    package var isOver: Bool { ![.planned, .sent, .accepted, .unknown].contains(state) }

    /// Returns what the world must now be asked to do. A refusal changes nothing.
    package mutating func apply(_ event: Event) throws(Refusal) -> [Effect] {
        let before = state
        switch Self.table[before, event] {
        case .move(let next):
            state = next
            return []
        case .stay:
            return []
        case .ask:
            return [.askAPerson(event, in: before)]
        case .moveAndAsk(let next):
            state = next
            return [.askAPerson(event, in: before)]
        case .refuse:
            throw Refusal(state: before, event: event)
        }
    }

    /// The deterministic idempotency key, at most 64 characters. The ordinal rises only after the previous attempt of
    /// that operation is definitely finished.
    package static func key(of payment: PaymentID, operation: String, ordinal: Int64) -> String {
        "amp1-\(payment)-\(operation)-\(ordinal)"
    }

    /// Gateways prune keys after a day: until 23 h after the first send the same key may leave again with the same
    /// bytes, later only look-ups may (payments.md §5.3, rule 7).
    package static func mayBeSentAgain(firstSentAt: Instant, at now: Instant) -> Bool {
        now - firstSentAt <= .hours(23)
    }

    /// payments.md §3.3, column by column.
    package static let table = TransitionTable<State, Event>(
        """
        state     send ok        accepted decline  reject   notSent doubt   busy    foundOk    foundDeclined notFound  withdraw
        planned   sent -         -        -        -        -       -       -       succeeded! declined!     =         withdrawn
        sent      -    succeeded accepted declined rejected planned unknown planned succeeded  declined      =         -
        accepted  -    succeeded =        declined =        -       unknown -       succeeded  declined      unknown   -
        unknown   sent succeeded accepted declined rejected =       =       =       succeeded  declined      not_found -
        succeeded -    =         =        !        =        =       =       =       =          !             !         -
        declined  -    !         !        =        =        =       =       =       !          =             =         -
        rejected  -    !         !        =        =        =       =       =       !          =             =         -
        not_found -    !         !        =        =        =       =       =       !          =             =         -
        withdrawn -    !         !        =        =        =       =       =       !          =             =         =
        """)
}
