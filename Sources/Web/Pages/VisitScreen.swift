// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Screens 2 to 6: one address from the reservation to the receipt; what it shows follows from the state.
package struct VisitScreen: Sendable {
    /// Where.
    package var place: PointPlace
    /// What makes the address unguessable.
    package var secret: String
    /// Where the visit stands.
    package var state: State
    /// Makes a repeated form harmless.
    package var formToken: String
    /// When the page was made.
    package var now: Instant

    /// A page of a visit.
    package init(place: PointPlace, secret: String, state: State, formToken: String = "", now: Instant) {
        self.place = place
        self.secret = secret
        self.state = state
        self.formToken = formToken
        self.now = now
    }

    /// Where a visit stands, with what is shown then.
    package enum State: Hashable, Sendable {
        /// Screen 2: the price is fixed, nothing is reserved.
        case quoted(Quoted)
        /// The driver is at the gateway's page, if it is known.
        case funding(gateway: String?)
        /// Screen 3.
        case starting(Starting)
        /// Screen 3, after the charger did not start.
        case startFailed(hold: Money, retryUntil: Instant?)
        /// Screen 4.
        case charging(RunningSession)
        /// Screen 5: the car has finished.
        case idle(RunningSession, IdleFee)
        /// Screen 5: the charger gives no power; that costs nothing.
        case paused(RunningSession)
        /// Ended, and being priced or paid; never a second button to pay.
        case settling
        /// A person looks at it.
        case inReview(hold: Money, until: Instant?)
        /// Screen 6.
        case finished(Finished)
        /// Nothing to pay; what was reserved and when it was released.
        case nothingCharged(hold: Money, releasedAt: Instant?)
        /// The charger never started, and the time for another try is over; the hold if there was one.
        case neverStarted(hold: Money?, releasedAt: Instant?)
        /// The driver gave up; the hold if there was one.
        case cancelled(hold: Money?, releasedAt: Instant?)
        /// The payment did not go through.
        case inDebt(Money)
    }

    /// Screen 2.
    package struct Quoted: Hashable, Sendable {
        /// The fixed price.
        package var prices: PriceBox?
        /// What will be reserved.
        package var hold: Money
        /// The quote that the driver accepts.
        package var quoteHash: String
        /// What happened at the last try.
        package var problem: Problem?

        /// What happened at the last try to pay.
        package enum Problem: Hashable, Sendable {
            /// The reason in words, e.g. “Your bank declined.”
            case declined(String)
            /// The driver left the gateway's page.
            case abandoned
        }

        /// Screen 2.
        package init(
            prices: PriceBox?, hold: Money, quoteHash: String, problem: Problem? = nil
        ) {
            self.prices = prices
            self.hold = hold
            self.quoteHash = quoteHash
            self.problem = problem
        }
    }

    /// Screen 3.
    package struct Starting: Hashable, Sendable {
        /// What is reserved.
        package var hold: Money
        /// Whether the charger has been asked.
        package var isAsked: Bool
        /// Whether the cable is in.
        package var isPluggedIn: Bool
        /// When the try ends.
        package var deadline: Instant?

        /// Screen 3.
        package init(hold: Money, isAsked: Bool, isPluggedIn: Bool, deadline: Instant?) {
            self.hold = hold
            self.isAsked = isAsked
            self.isPluggedIn = isPluggedIn
            self.deadline = deadline
        }
    }

    /// Screen 5.
    package struct IdleFee: Hashable, Sendable {
        /// From when it costs something.
        package var startsAt: Instant
        /// Per minute.
        package var price: UnitPrice
        /// The most it costs.
        package var cap: Money?

        /// Screen 5.
        package init(startsAt: Instant, price: UnitPrice, cap: Money?) {
            self.startsAt = startsAt
            self.price = price
            self.cap = cap
        }
    }

    /// Screen 6.
    package struct Finished: Hashable, Sendable {
        /// What was owed, gross.
        package var total: Money
        /// What was charged.
        package var energy: Energy
        /// From when.
        package var startedAt: Instant
        /// Until when.
        package var endedAt: Instant
        /// What was reserved.
        package var reserved: Money
        /// What was taken.
        package var captured: Money
        /// When the rest was released; nil while that is being asked for.
        package var releasedAt: Instant?
        /// How the total came about.
        package var breakdown: Breakdown?
        /// Whether the receipt has been issued.
        package var hasReceipt: Bool
        /// Why we ended it, where the driver agreed to that before.
        package var stopNote: StopNote?

        /// Screen 6.
        package init(
            total: Money, energy: Energy, startedAt: Instant, endedAt: Instant, reserved: Money,
            captured: Money,
            releasedAt: Instant?, breakdown: Breakdown?, hasReceipt: Bool
        ) {
            self.total = total
            self.energy = energy
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.reserved = reserved
            self.captured = captured
            self.releasedAt = releasedAt
            self.breakdown = breakdown
            self.hasReceipt = hasReceipt
        }
    }
}

extension VisitScreen.State {
    /// Whether nothing will change any more.
    package var isOver: Bool {
        switch self {
        case .finished(let finished): finished.hasReceipt && finished.releasedAt != nil
        case .nothingCharged(_, let releasedAt): releasedAt != nil
        case .cancelled(let hold, let releasedAt), .neverStarted(let hold, let releasedAt):
            hold == nil || releasedAt != nil
        case .inDebt: true
        default: false
        }
    }

    /// The running session, if there is one.
    var charging: RunningSession? {
        switch self {
        case .charging(let charging), .idle(let charging, _), .paused(let charging): charging
        default: nil
        }
    }
}
