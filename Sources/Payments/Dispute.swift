// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Money claimed back by the payer's bank (payments.md §4). An inquiry moves no money; everything else does.
package struct Dispute: Hashable, Sendable, Codable {
    /// Where it stands.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case inquiry
        case needsResponse = "needs_response"
        case underReview = "under_review"
        /// We gave it up: nothing is submitted, and the gateway will tell the loss.
        case conceded
        case won, lost, expired, closed
    }

    /// What can happen to it.
    package enum Event: String, Hashable, Sendable, Codable, CaseIterable {
        case inquiry
        /// The money was withdrawn; also a second time.
        case opened
        /// Evidence was submitted, which cannot be taken back.
        case evidence
        /// A person gave it up.
        case conceded
        case won
        case lost
        /// The time to answer is over.
        case duePassed
        /// The bank gave it up, or nobody answered.
        case closed
    }

    /// What the world must do about it.
    package enum Effect: Hashable, Sendable {
        /// The state flipped: it is posted once, keyed by the event that told it.
        case post(State, after: State)
    }

    /// The event is not possible in this state.
    package struct Refusal: Error, Hashable, Sendable {
        package let state: State
        package let event: Event
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state: State
    /// How much is disputed.
    package let amount: Money

    /// A dispute as it is first heard of: an inquiry, or opened at once.
    package init(_ amount: Money, isInquiry: Bool) {
        self.amount = amount
        state = isInquiry ? .inquiry : .needsResponse
    }

    /// Whether money is withdrawn or may soon be: no refund is possible then.
    package var isOpen: Bool {
        [.inquiry, .needsResponse, .underReview, .conceded, .expired].contains(state)
    }
    /// Whether it counts against what may be given back.
    package var counts: Bool { [.needsResponse, .underReview, .conceded, .expired, .lost].contains(state) }

    /// Returns what the world must now be asked to do. A refusal changes nothing.
    package mutating func apply(_ event: Event) throws(Refusal) -> [Effect] {
        let before = state
        switch Self.table[before, event] {
        case .refuse: throw Refusal(state: before, event: event)
        case .stay, .ask: return []
        case .move(let next), .moveAndAsk(let next):
            state = next
            return [.needsResponse, .won, .lost].contains(next) ? [.post(next, after: before)] : []
        }
    }

    /// payments.md §4, column by column.
    package static let table = TransitionTable<State, Event>(
        """
        state          inquiry opened         evidence     conceded won lost duePassed closed
        inquiry        =       needs_response under_review -        won lost =         closed
        needs_response =       =              under_review conceded won lost expired   closed
        under_review   =       =              -            -        won lost =         closed
        conceded       =       =              -            =        won lost =         lost
        won            =       needs_response -            -        =   lost =         =
        lost           =       =              -            -        won =    =         =
        expired        =       =              -            -        won lost =         lost
        closed         =       needs_response -            -        won lost =         =
        """)
}
