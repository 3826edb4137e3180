// SPDX-License-Identifier: Apache-2.0

import Charging
import Foundation
import Payments
package import Quantities
package import Storage
package import Tariffs

// What the rows of the money path know of their machines: status columns follow the machines and are never set alone.

extension BillRecord {
    /// Applies an event; what does not fit but happened becomes a work item.
    mutating func apply(_ event: Bill.Event, with desk: Desk, in tx: Tx, at now: Instant) throws {
        let effects = try machine.apply(event)
        status = machine.state.rawValue
        for case .askAPerson(let event, let state) in effects {
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: now), organisation: organisation, reason: "bill_\(event.rawValue)",
                    object: id.text, detail: "\(event.rawValue) came while the bill was \(state.rawValue)",
                    currency: currency, amountMinor: totalMinor, state: "open", openedAt: now))
        }
    }

    /// The bill as it was rated, if it was.
    package var ratedBill: Rated? {
        get throws { try rated.map { try JSONDecoder().decode(Rated.self, from: Data($0)) } }
    }
}

extension Rated {
    /// As it is kept with its bill: sorted keys, integers and texts only.
    var stored: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return Array(try encoder.encode(self))
        }
    }
}

extension PaymentRecord {
    /// Applies an event and brings the columns up to date.
    ///
    /// - Parameter order: the gateway's own order of the fact; an older one changes no state (I19).
    @discardableResult
    mutating func apply(_ event: Payment.Event, order: FactOrder? = nil) throws -> [Payment.Effect] {
        let effects = try order.map { try machine.apply(event, order: $0) } ?? machine.apply(event)
        status = machine.state.rawValue
        if let authorization = machine.authorization {
            amountMinor = authorization.amount.minorUnits
            captureBefore = authorization.captureBefore
        }
        return effects
    }

    /// Keeps what a fact tells besides the event.
    mutating func learn(_ fact: GatewayFact, at now: Instant) {
        gatewayReference = fact.reference ?? gatewayReference
        instrument = fact.instrument ?? instrument
        fingerprint = fact.instrument?.fingerprint ?? fingerprint
        if case .action = fact.event { nextAction = fact.actionURL ?? nextAction } else { nextAction = nil }
        if case .approved = fact.event { authorizedAt = authorizedAt ?? now }
        if let decline = fact.decline { self.decline = DeclineShown(decline) }
    }

    /// Something was asked of the gateway and is not answered.
    package var isUnderWay: Bool {
        [
            .authorizing, .actionRequired, .authUnknown, .adjusting, .adjustUnknown, .capturing,
            .captureUnknown,
            .voiding, .voidUnknown,
        ].contains(machine.state)
    }
    /// Money of it is with us.
    package var isCollected: Bool { capturedAt != nil && machine.state == .captured }
    /// Nothing is held any more, and nothing will be.
    package var isOver: Bool { machine.isOver }
    /// The hold may be captured.
    package var canCapture: Bool { machine.canCapture }
    /// What is held, or was asked to be.
    package var hold: Money { Money(minorUnits: amountMinor, currency: currency) }
    /// What was taken.
    package var captured: Money { Money(minorUnits: capturedMinor, currency: currency) }
}

extension DeclineShown {
    /// With the sentence that belongs to it.
    init(_ decline: Decline) {
        self.init(code: decline.code, advice: decline.advice.rawValue, message: decline.sentence)
    }
}

extension AttemptRecord {
    /// Applies an event and brings the column up to date.
    @discardableResult
    mutating func apply(_ event: Attempt.Event) throws -> [Attempt.Effect] {
        let effects = try machine.apply(event)
        status = machine.state.rawValue
        return effects
    }
}

extension CommandRecord {
    /// Applies an event and brings the column up to date.
    mutating func apply(_ event: Command.Event) throws {
        try machine.apply(event)
        status = machine.state.rawValue
    }

    /// Whether nothing more can come of it.
    var isOver: Bool { machine.isOver }
    /// Whether it will not be done.
    var hasFailed: Bool { [.refused, .failed, .withdrawn].contains(machine.state) }
}

extension BillRecord {
    /// What its session costs; zero while it is not rated.
    package var total: Money { Money(minorUnits: totalMinor ?? 0, currency: currency) }
    /// What of it was given away.
    package var waived: Money { Money(minorUnits: waivedMinor, currency: currency) }
    /// Where its money comes from at the start.
    package var fundedBy: BillSource { source ?? (account == nil ? .card : .wallet) }
}

extension QuoteRecord {
    /// What may still be delivered between a decision to stop and the end of the energy.
    package var margin: Money { Money(minorUnits: marginMinor, currency: currency) }
    /// What is reserved for a session under this quote.
    package var hold: Money { Money(minorUnits: holdMinor, currency: currency) }
    /// The running cost at which a session is stopped.
    package var stopsAt: Money { Money(minorUnits: max(0, holdMinor - marginMinor), currency: currency) }
}

extension Payment.Effect {
    /// The work item's reason.
    var reason: String {
        switch self {
        case .askAPerson(let column, _): "payment_\(column.rawValue)"
        case .voidOrphan: "orphan_authorisation"
        case .refundUndue: "undue_capture"
        }
    }
}

extension Payments.Operation {
    /// The amount it is about, if any.
    var amount: Money? {
        switch self {
        case .authorize(let amount), .adjust(let amount), .capture(let amount), .refund(_, let amount),
            .chargeOffSession(let amount):
            amount
        case .continueAction, .void, .voidByReference, .setUp, .lookUp, .lookUpRefund, .expireCheckout,
            .submitEvidence:
            nil
        }
    }

    /// The refund it asks for or after, if any.
    var refundID: RefundID? {
        switch self {
        case .refund(let refund, _), .lookUpRefund(let refund): refund
        default: nil
        }
    }
}
