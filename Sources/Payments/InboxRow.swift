// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Something that came from outside: stored first, answered, then interpreted (payments.md §3.4). Once.
package struct InboxRow: Hashable, Sendable, Codable {
    /// Where it stands.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case received, processing, deferred, applied, ignored, parked
    }

    /// What can happen to it.
    package enum Event: String, Hashable, Sendable, Codable, CaseIterable {
        /// The same one again.
        case receive
        case pick
        case apply
        /// Our reference, but no such row is visible yet.
        case noMatch
        /// Somebody else's.
        case foreign
        case error
        case replay
    }

    /// What the world must do about it.
    package enum Effect: Hashable, Sendable {
        /// Look again after this time.
        case tryAgain(after: Elapsed)
        /// A fact whose payment never appeared, or one nobody can interpret: a person decides.
        case askAPerson(Event)
    }

    /// The event is not possible in this state.
    package struct Refusal: Error, Hashable, Sendable {
        package let state: State
        package let event: Event
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state = State.received
    /// How often its payment was not there.
    package private(set) var deferrals: Int64 = 0
    /// How often it could not be interpreted.
    package private(set) var errors: Int64 = 0

    package init() {}

    /// Returns what the world must now be asked to do. A refusal changes nothing.
    package mutating func apply(_ event: Event) throws(Refusal) -> [Effect] {
        switch Self.table[state, event] {
        case .refuse: throw Refusal(state: state, event: event)
        case .stay, .ask: return []
        case .move(let next), .moveAndAsk(let next):
            state = next
            switch event {
            case .noMatch: return postpone()
            case .error: return fail()
            case .replay:
                deferrals = 0
                errors = 0
                return []
            default: return []
            }
        }
    }

    /// Footnote 1: 2 s, 10 s, 1 min, 10 min, then it is an orphan.
    private mutating func postpone() -> [Effect] {
        deferrals += 1
        let pauses: [Elapsed] = [.seconds(2), .seconds(10), .minutes(1), .minutes(10)]
        guard deferrals <= pauses.count else { return [.askAPerson(.noMatch)] }
        return [.tryAgain(after: pauses[Int(deferrals) - 1])]
    }

    /// Footnote 2: after ten errors it is parked.
    private mutating func fail() -> [Effect] {
        errors += 1
        guard errors >= 10 else { return [.tryAgain(after: OutboxRow.backoff(after: errors))] }
        state = .parked
        return [.askAPerson(.error)]
    }

    /// payments.md §3.4, column by column.
    package static let table = TransitionTable<State, Event>(
        """
        state      receive pick       apply   noMatch  foreign error    replay
        received   =       processing -       -        -       -        =
        processing =       -          applied deferred ignored received =
        deferred   =       processing -       -        -       -        received
        applied    =       -          =       =        =       =        received
        ignored    =       -          =       =        =       =        received
        parked     =       -          =       =        =       =        received
        """)
}
