// SPDX-License-Identifier: Apache-2.0

/// What one session owes and how far collecting it has come (payments.md §3.1). Never opened again once it is over.
package struct Bill: Hashable, Sendable, Codable {
    /// Where collecting stands.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case quoted, funding, funded, starting, running, ended
        case inReview = "in_review"
        case rated, settling, settled
        case inDebt = "in_debt"
        case cancelled
        case zeroRated = "zero_rated"
        case writtenOff = "written_off"
    }

    /// What can happen to a bill; the columns of the table.
    package enum Event: String, Hashable, Sendable, Codable, CaseIterable {
        /// A source was chosen.
        case fund
        /// A hold of at least the minimum was approved.
        case funded
        /// Declined, abandoned, or the hold was lost.
        case unfunded
        /// The remote start is committed.
        case start
        /// The charger reports the transaction.
        case on
        /// The start was rejected, timed out or found the station offline.
        case nostart
        /// A stop was received, or the session was closed by policy.
        case end
        /// Priced above zero.
        case rate
        /// Priced at zero, or never charged.
        case zero
        /// A person must look.
        case review
        /// Capture, wallet debit or invoice was ordered.
        case collect
        /// Everything was collected.
        case paid
        /// The sources are exhausted.
        case short
        /// Captured money was taken back.
        case reverse
        /// Given up.
        case writeoff
        /// Nobody wants it any more.
        case cancel
        /// Readings came after it was rated.
        case late
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state = State.quoted

    /// A bill for what was just quoted.
    package init() {}

    /// What the world must do about it; the footnotes of the table.
    package enum Effect: Hashable, Sendable {
        /// The event does not fit: it is kept, and a person decides.
        case askAPerson(Event, in: State)
        /// The charger began by itself: the source is funded now, and the session stopped if that fails (1).
        case fundNow
        /// Every open hold is voided; two never stand beside each other (2, 3).
        case voidHolds
        /// The start is withdrawn, and stopped if it begins anyway (4).
        case withdrawStart
        /// The session is asked to stop: a running session is ended and never cancelled (7, 8, 11).
        case stop
        /// More energy is billed only if somebody can still pay it; less is always given back (9).
        case adjust
        /// Too much money, or undue: back to the same instrument (10).
        case refundUndue
        /// The energy is kept as `unbilled(started_after_cancel)` (11).
        case recordUnbilled
    }

    /// The event is not possible in this state.
    package struct Refusal: Error, Hashable, Sendable {
        package let state: State
        package let event: Event
    }

    /// Returns what the world must now be asked to do. A refusal changes nothing.
    package mutating func apply(_ event: Event) throws(Refusal) -> [Effect] {
        let before = state
        switch Self.table[before, event] {
        case .move(let next):
            state = next
            return Self.footnotes(on: event, in: before)
        case .stay:
            return Self.footnotes(on: event, in: before)
        case .ask:
            return [.askAPerson(event, in: before)] + Self.footnotes(on: event, in: before)
        case .moveAndAsk(let next):
            state = next
            return [.askAPerson(event, in: before)] + Self.footnotes(on: event, in: before)
        case .refuse:
            throw Refusal(state: before, event: event)
        }
    }

    /// The small numbers in the cells of payments.md §3.1, in their order.
    private static func footnotes(on event: Event, in state: State) -> [Effect] {
        switch (state, event) {
        case (.quoted, .on), (.funding, .on), (.quoted, .end), (.funding, .end): [.fundNow]
        case (.funding, .fund): [.voidHolds]
        case (.funding, .cancel), (.funded, .cancel), (.starting, .cancel): [.voidHolds]
        case (.ended, .zero), (.inReview, .zero): [.voidHolds]
        case (.starting, .unfunded): [.withdrawStart]
        case (.running, .unfunded), (.running, .cancel): [.stop]
        case (.rated, .late), (.settling, .late), (.settled, .late), (.inDebt, .late), (.zeroRated, .late),
            (.writtenOff, .late):
            [.adjust]
        case (.settled, .paid), (.cancelled, .paid), (.zeroRated, .paid): [.refundUndue]
        case (.cancelled, .on): [.stop, .recordUnbilled]
        case (.cancelled, .end), (.cancelled, .late): [.recordUnbilled]
        default: []
        }
    }

    /// payments.md §3.1, column by column.
    package static let table = TransitionTable<State, Event>(
        """
        state       fund    funded unfunded  start    on      nostart end   rate  zero       review    collect  paid    short   reverse writeoff    cancel    late
        quoted      funding -      -         -        running -       ended -     -          -         -        !       -       -       -           cancelled -
        funding     funding funded quoted    -        running -       ended -     -          -         -        !       -       -       -           cancelled -
        funded      -       =      quoted    starting running =       ended -     -          -         -        !       -       !       -           cancelled -
        starting    -       =      cancelled =        running funded  ended -     -          -         -        !       -       !       -           cancelled -
        running     =       =      =         =        =       =       ended -     -          -         -        !       -       !       -           =         -
        ended       =       =      =         -        =       =       =     rated zero_rated in_review -        !       -       !       -           -         =
        in_review   =       =      =         -        =       =       =     rated zero_rated =         -        !       -       !       -           -         =
        rated       =       =      =         -        =       =       =     =     -          -         settling settled in_debt !       -           -         !
        settling    =       =      =         -        =       =       =     =     -          -         =        settled in_debt in_debt -           -         !
        settled     -       =      =         -        =       =       =     =     -          -         =        !       -       in_debt -           -         !
        in_debt     =       =      =         -        =       =       =     =     -          -         settling settled =       =       written_off -         !
        cancelled   -       =      =         -        !       =       !     -     -          -         -        !       -       =       -           =         !
        zero_rated  -       =      =         -        =       =       =     -     =          -         -        !       -       =       -           -         !
        written_off -       =      =         -        =       =       =     =     -          -         settling settled =       =       =           -         !
        """)
}
