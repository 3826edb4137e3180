// SPDX-License-Identifier: Apache-2.0

package import Charging
import Payments
package import Quantities
package import Storage

/// A guest scanned an EVSE's code and wants to charge: quote, bill and a secret link.
package struct OpenCheckout: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What a guest may wish for.
    package struct Wish: Sendable, Hashable {
        /// The code on the EVSE.
        package var evseCode: String
        /// At most this much; it becomes the hold.
        package var limit: Money?
        /// What else it shall end at.
        package var limits = SessionLimits()
        package var language: String
        /// Where to send the receipt, if anywhere.
        package var email: String?
        /// What the guest agreed to be charged later without being there.
        package var consent: Consent?
        /// Where the gateway sends the guest back to; nil for our own page.
        package var returnURL: String?
        /// Words of the client's own.
        package var metadata: [String: String]?

        package init(
            evseCode: String, limit: Money? = nil, language: String = "en", email: String? = nil,
            returnURL: String? = nil
        ) {
            self.evseCode = evseCode
            self.limit = limit
            self.language = language
            self.email = email
            self.returnURL = returnURL
        }
    }

    /// The checkout, saved, with its quote.
    package func callAsFunction(_ wish: Wish) async throws -> (CheckoutRecord, QuoteRecord) {
        let now = desk.clock.now
        let secret = desk.ids.secret()
        return try await desk.store.transaction { tx in
            guard let evse = try tx.evse(code: wish.evseCode.uppercased()) else {
                throw CheckoutRefusal.unknownEVSE(wish.evseCode)
            }
            try refuseIfTaken(evse, in: tx)
            try desk.check(returnURL: wish.returnURL, of: evse.organisation, in: tx)
            let quote = try QuoteSession(desk: desk)(evse: evse, limit: wish.limit, at: now, in: tx)
            let bill = BillRecord(
                id: desk.ids.new(at: now), organisation: evse.organisation, quote: quote.id,
                currency: quote.currency, status: "quoted", machine: Bill(), createdAt: now)
            var checkout = CheckoutRecord(
                id: desk.ids.new(at: now), organisation: evse.organisation, evse: evse.id, quote: quote.id,
                bill: bill.id, secret: secret, limitMinor: wish.limit?.minorUnits, language: wish.language,
                email: wish.email, returnUrl: wish.returnURL, autoStart: true, failedStarts: 0, createdAt: now
            )
            checkout.metadata = wish.metadata
            checkout.limits = wish.limits.ifAny
            checkout.consent = wish.consent
            var tied = bill
            tied.checkout = checkout.id
            try tx.insert(tied)
            try tx.insert(checkout)
            return (checkout, quote)
        }
    }

    private func refuseIfTaken(_ evse: EVSERecord, in tx: Tx) throws {
        if let session = try tx.openSessions(of: evse.id).first {
            throw CheckoutRefusal.evseOccupied(since: session.startedAt)
        }
        if [.unavailable, .faulted].contains(evse.status) {
            throw CheckoutRefusal.evseUnavailable(evse.status)
        }
    }
}

/// Why a guest's wish was refused.
package enum CheckoutRefusal: Error, Hashable {
    /// No EVSE has this code.
    case unknownEVSE(String)
    /// Somebody charges there.
    case evseOccupied(since: Instant)
    /// It is switched off or broken.
    case evseUnavailable(EVSEStatus)
    /// No such checkout.
    case unknownCheckout
    /// The quote is too old: the price must be shown and accepted again.
    case quoteExpired(CheckoutID)
    /// What was accepted is not what was quoted.
    case priceChanged(hash: String)
    /// The bill is past the state in which this makes sense.
    case invalidState(String, allowed: [String])
    /// The hold of a failed start is on its way back since then.
    case retryWindowOver(Instant)
    /// The station has no connection.
    case stationOffline
    /// The organisation has no gateway.
    case noGateway
    /// The driver would be sent to an address that the organisation has not on its list.
    case returnURLNotAllowed
}
