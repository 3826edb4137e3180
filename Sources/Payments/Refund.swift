// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Money given back for a payment, to the instrument that was charged (payments.md §4).
package struct Refund: Hashable, Sendable, Codable {
    /// Where it stands.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case requested, pending, unknown, succeeded, failed, reversed, cancelled
    }

    /// What can happen to it.
    package enum Event: Hashable, Sendable, Codable {
        case request
        /// The gateway took it and will tell the outcome later.
        case accepted
        case ok
        case decline
        /// The call in flight ended in doubt.
        case unknown
        case notFound
        /// The money came back days after it had succeeded.
        case reversed
        /// Nobody wants it any more; only before its call has left, `nil` if there is none.
        case cancel(Attempt.State?)
    }

    /// The columns of the table.
    package enum Column: String, Hashable, Sendable, CaseIterable {
        case request, accepted, ok, decline, unknown, notFound, reversed, cancel
    }

    /// What the world must do about it.
    package enum Effect: Hashable, Sendable {
        /// The fact does not fit: it is kept, and a person decides.
        case askAPerson(Column, in: State)
        /// A call with this ordinal leaves.
        case send(ordinal: Int64)
    }

    /// Why it cannot be.
    package enum Refusal: Error, Hashable, Sendable {
        case eventDoesNotFit(State, Column)
        /// Its call has left; only its outcome decides now.
        case alreadySent(Attempt.State)
        case amountIsNotPositive(Money)
        /// All refunds and disputes together would exceed what was captured (I9).
        case exceedsCaptured(available: Money, requested: Money)
        /// While a dispute is open the money may be taken twice.
        case disputeOpen
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state = State.requested
    /// Which attempt it is at: 1, 2, 3 …
    package private(set) var ordinal: Int64 = 1
    /// How much.
    package let amount: Money

    /// A refund, if the payment still has that much.
    ///
    /// - Parameter payment: read under the lock of its row, so that concurrent refunds see each other.
    package init(of amount: Money, from payment: Taken) throws(Refusal) {
        // First, since what is disputed leaves nothing to give back.
        guard !payment.hasOpenDispute else { throw .disputeOpen }
        guard amount.isPositive else { throw .amountIsNotPositive(amount) }
        guard amount <= payment.available else {
            throw .exceedsCaptured(available: payment.available, requested: amount)
        }
        self.amount = amount
    }

    /// What was taken by a payment and has gone back since.
    package struct Taken: Hashable, Sendable {
        package var captured: Money
        /// Refunds that have not failed.
        package var refunded: Money
        /// Disputes that are open or lost.
        package var disputed: Money
        package var hasOpenDispute: Bool

        package init(captured: Money, refunded: Money, disputed: Money, hasOpenDispute: Bool) {
            self.captured = captured
            self.refunded = refunded
            self.disputed = disputed
            self.hasOpenDispute = hasOpenDispute
        }

        /// What may still be given back.
        package var available: Money { captured - refunded - disputed }
    }

    /// Whether it counts against what may be given back.
    package var counts: Bool { ![.failed, .reversed, .cancelled].contains(state) }

    /// Returns what the world must now be asked to do. A refusal changes nothing.
    package mutating func apply(_ event: Event) throws(Refusal) -> [Effect] {
        let before = state
        if case .cancel(let attempt?) = event, before == .requested, attempt != .planned,
            attempt != .withdrawn
        {
            throw .alreadySent(attempt)
        }
        switch Self.table[before, event.column] {
        case .refuse: throw .eventDoesNotFit(before, event.column)
        case .stay: return []
        case .ask: return [.askAPerson(event.column, in: before)]
        case .move(let next):
            state = next
            return sendAgain(after: before)
        case .moveAndAsk(let next):
            state = next
            return [.askAPerson(event.column, in: before)]
        }
    }

    /// Footnotes 2 and 4: the same call while its key lives, a new one after a failure.
    private mutating func sendAgain(after before: State) -> [Effect] {
        guard state == .requested else { return [] }
        if before != .unknown { ordinal += 1 }
        return [.send(ordinal: ordinal)]
    }

    /// payments.md §4, column by column.
    package static let table = TransitionTable<State, Column>(
        """
        state     request   accepted ok         decline  unknown notFound  reversed cancel
        requested =         pending  succeeded  failed   unknown =         -        cancelled
        pending   =         =        succeeded  failed   =       unknown   -        -
        unknown   =         pending  succeeded  failed   =       requested -        -
        succeeded =         =        =          reversed =       !         reversed -
        failed    requested =        succeeded! =        =       =         -        cancelled
        reversed  requested =        succeeded! =        =       =         =        cancelled
        cancelled -         !        succeeded! =        =       =         =        =
        """)
}

extension Refund.Event {
    /// The column of the table this event stands in.
    package var column: Refund.Column {
        switch self {
        case .request: .request
        case .accepted: .accepted
        case .ok: .ok
        case .decline: .decline
        case .unknown: .unknown
        case .notFound: .notFound
        case .reversed: .reversed
        case .cancel: .cancel
        }
    }
}
