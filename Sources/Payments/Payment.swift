// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One use of one way to pay, from the hold to the money (payments.md §3.2). Nothing here talks to a gateway.
package struct Payment: Hashable, Sendable, Codable {
    /// Where it stands. What was asked and is not confirmed is a state of its own, and so is each doubt.
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case created, authorizing
        case actionRequired = "action_required"
        case authUnknown = "auth_unknown"
        case declined, authorized, adjusting
        case adjustUnknown = "adjust_unknown"
        case capturing
        case captureUnknown = "capture_unknown"
        case captured
        case captureFailed = "capture_failed"
        case voiding
        case voidUnknown = "void_unknown"
        case voided, expired, external
    }

    /// What can happen to it.
    package enum Event: Hashable, Sendable, Codable {
        case authorize
        case external(Authorization)
        /// The driver must do something until a deadline, e.g. on the gateway's page.
        case action
        case approved(Authorization)
        case declined
        /// The call in flight ended in doubt.
        case unknown
        /// Definite by payments.md §5.3.
        case notFound
        case adjust(Money)
        case adjusted(Money)
        case adjDeclined
        case capture(Money)
        case captured(Money)
        case capFailed
        case void
        case voidOk
        case voidRefused
        case expired
    }

    /// The columns of the table.
    package enum Column: String, Hashable, Sendable, CaseIterable {
        case authorize, external, action, approved, declined, unknown, notFound, adjust, adjusted, adjDeclined
        case capture, captured, capFailed, void, voidOk, voidRefused, expired
    }

    /// What was approved.
    package struct Authorization: Hashable, Sendable, Codable {
        /// How much may be captured.
        package var amount: Money
        /// Until when; nil for a wallet.
        package var captureBefore: Instant?
        /// The gateway's name for it.
        package var reference: String?
        /// What may be done with it; nil where the gateway says nothing, which is the conservative value of each.
        package var capabilities: Capabilities?

        package init(
            amount: Money, captureBefore: Instant? = nil, reference: String? = nil,
            capabilities: Capabilities? = nil
        ) {
            self.amount = amount
            self.captureBefore = captureBefore
            self.reference = reference
            self.capabilities = capabilities
        }
    }

    /// What the world must do about it.
    package enum Effect: Hashable, Sendable {
        /// The fact does not fit: it is kept, and a person decides.
        case askAPerson(Column, in: State)
        /// Money is held without a use: void it (orphan authorisation).
        case voidOrphan
        /// Money was taken that is not owed: book it and give it back.
        case refundUndue
    }

    /// The command is not possible in this state.
    package enum Refusal: Error, Hashable, Sendable {
        case eventDoesNotFit(State, Column)
        /// A capture never exceeds what was approved.
        case captureExceedsHold(hold: Money, requested: Money)
        /// Nothing, or less, is released and never captured.
        case captureOfNothing(Money)
        /// The capture failed, and this authorisation allows no second one (footnote 13).
        case captureIsFinal
    }

    /// Changed by `apply` and by nothing else.
    package private(set) var state = State.created
    /// What may be captured, as last confirmed.
    package private(set) var authorization: Authorization?
    /// The new total that was asked for.
    package private(set) var adjusting: Money?
    /// What was asked for.
    package private(set) var capturing: Money?
    /// What was taken.
    package private(set) var captured: Money?
    /// The newest fact that was applied with its order.
    package private(set) var lastFact: FactOrder?

    package init() {}

    /// Whether nothing is held and nothing will be.
    package var isOver: Bool { [.declined, .voided, .expired, .captured].contains(state) }
    /// Whether the hold may be captured now.
    package var canCapture: Bool {
        switch state {
        case .authorized, .adjusting, .adjustUnknown, .external: true
        case .captureFailed: authorization?.capabilities?.canCaptureAgain ?? false
        default: false
        }
    }

    /// Returns what the world must now be asked to do. A refusal changes nothing.
    package mutating func apply(_ event: Event) throws(Refusal) -> [Effect] {
        if case .capture(let amount) = event { try check(amount) }
        let before = state
        switch Self.table[before, event.column] {
        case .refuse where repeats(event):
            return []
        case .refuse:
            throw .eventDoesNotFit(before, event.column)
        case .stay:
            fill(event)
            return []
        case .ask:
            return effects(of: event, in: before)
        case .move(let next):
            take(event, to: next)
            return []
        case .moveAndAsk(let next):
            take(event, to: next)
            return effects(of: event, in: before)
        }
    }

    /// A fact with the gateway's own order. An older one never moves a state backwards (I19), it only completes what is
    /// known; money that was taken is never overlooked.
    package mutating func apply(_ fact: Event, order: FactOrder) throws(Refusal) -> [Effect] {
        if let lastFact, order < lastFact, !isUnknownCapture(fact) {
            fill(fact)
            return []
        }
        let effects = try apply(fact)
        lastFact = max(lastFact ?? order, order)
        return effects
    }

    private func check(_ amount: Money) throws(Refusal) {
        guard amount.isPositive else { throw .captureOfNothing(amount) }
        if state == .captureFailed, !canCapture { throw .captureIsFinal }
        guard let hold = authorization?.amount, canCapture, amount > hold else { return }
        throw .captureExceedsHold(hold: hold, requested: amount)
    }

    /// A command with the same parameters is the same command.
    private func repeats(_ command: Event) -> Bool {
        switch command {
        case .capture(let amount): amount == capturing
        case .adjust(let total): total == adjusting
        default: false
        }
    }

    private func isUnknownCapture(_ fact: Event) -> Bool {
        guard case .captured = fact else { return false }
        return ![.captured, .captureFailed].contains(state)
    }

    private mutating func take(_ event: Event, to next: State) {
        state = next
        fill(event)
        switch event {
        case .approved(let authorization), .external(let authorization):
            if next == .authorized || next == .external { self.authorization = authorization }
        case .adjust(let total): adjusting = total
        case .adjusted(let amount): authorization?.amount = amount
        case .capture(let amount): capturing = amount
        case .captured(let amount): captured = amount
        default: break
        }
    }

    /// What an approval or a capture tells is kept also when it comes late, if nothing is known yet.
    private mutating func fill(_ event: Event) {
        switch event {
        case .approved(let authorization): self.authorization = self.authorization ?? authorization
        case .captured(let amount): captured = captured ?? amount
        case .adjusted(let amount) where state == .external: authorization?.amount = amount
        default: break
        }
    }

    /// Footnotes 7 and 8: an approval nobody waits for is voided, money nobody is owed is given back.
    private func effects(of event: Event, in before: State) -> [Effect] {
        let ask = Effect.askAPerson(event.column, in: before)
        let isOver = [.declined, .voided, .expired, .voiding, .voidUnknown].contains(before)
        if case .approved = event, isOver { return [ask, .voidOrphan] }
        if case .captured = event, isOver { return [ask, .refundUndue] }
        return [ask]
    }

    /// payments.md §3.2, column by column.
    package static let table = TransitionTable<State, Column>(
        """
        state           authorize   external action          approved    declined unknown         notFound        adjust    adjusted   adjDeclined capture   captured  capFailed      void    voidOk          voidRefused  expired
        created         authorizing external -               authorized! =        =               =               -         -          -           -         captured! -              voided  -               -            -
        authorizing     =           -        action_required authorized  declined auth_unknown    =               -         -          -           -         captured  declined       voiding voided          -            voided
        action_required authorizing -        =               authorized  declined auth_unknown    =               -         -          -           -         captured  declined       voiding voided          -            voided
        auth_unknown    =           -        action_required authorized  declined =               declined        -         -          -           -         captured  declined       voiding voided          -            voided
        declined        -           -        =               !           =        =               =               -         =          =           -         captured! =              =       =               =            =
        authorized      =           -        =               =           !        =               !               adjusting =          =           capturing captured! =              voiding voided!         =            expired
        adjusting       =           -        =               =           !        adjust_unknown  =               -         authorized authorized  capturing captured! =              voiding voided!         =            expired
        adjust_unknown  =           -        =               =           !        =               authorized      -         authorized authorized  capturing captured! =              voiding voided!         =            expired
        capturing       -           -        =               =           =        capture_unknown =               -         =          =           -         captured  capture_failed -       capture_failed! =            expired
        capture_unknown -           -        =               capturing   =        =               capture_failed! -         =          =           -         captured  capture_failed -       capture_failed! =            expired
        captured        -           -        =               =           =        =               !               -         =          =           -         =         capture_failed -       !               =            =
        capture_failed  -           -        =               =           =        =               =               -         =          =           capturing captured  =              voiding voided          =            expired
        voiding         -           -        =               =           voided   void_unknown    void_unknown    -         =          =           -         captured! =              =       voided          void_unknown voided
        void_unknown    -           -        =               voiding     voided   =               voided          -         =          =           -         captured! =              =       voided          =            voided
        voided          -           -        =               !           =        =               =               -         =          =           -         captured! =              =       =               =            =
        expired         -           -        =               !           =        =               =               -         =          =           -         captured! =              =       =               =            =
        external        -           =        =               =           voided   !               =               -         =          =           =         captured  capture_failed =       voided          =            expired
        """)
}

extension Payment.Event {
    /// The column of the table this event stands in.
    package var column: Payment.Column {
        switch self {
        case .authorize: .authorize
        case .external: .external
        case .action: .action
        case .approved: .approved
        case .declined: .declined
        case .unknown: .unknown
        case .notFound: .notFound
        case .adjust: .adjust
        case .adjusted: .adjusted
        case .adjDeclined: .adjDeclined
        case .capture: .capture
        case .captured: .captured
        case .capFailed: .capFailed
        case .void: .void
        case .voidOk: .voidOk
        case .voidRefused: .voidRefused
        case .expired: .expired
        }
    }
}
