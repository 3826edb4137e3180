// SPDX-License-Identifier: Apache-2.0
import Payments
package import Quantities
package import Storage
package import Tariffs

/// What a driver is shown before anything is reserved: the EVSE, its price now, and the hold.
package struct PreviewPrice: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// An EVSE as a driver in front of it sees it.
    package struct Offer: Sendable {
        package let place: Place
        /// When the session that runs there began; nil if none runs.
        package let inUseSince: Instant?
        /// Whether the station has a connection.
        package let isOnline: Bool
        /// What it costs; nil if nobody published a price, and then it cannot be started (C74).
        package let price: Price?

        /// A published price.
        package struct Price: Sendable {
            package let name: String
            package let version: TariffVersionRecord
            /// With the site's taxes in it.
            package let tariff: Tariff
            /// In legal order.
            package let shown: [DisplayPrice]
            package let hold: Money
            package let zone: ZoneRules
        }
    }

    /// The offer at an EVSE, or nil if no EVSE has this code. Nothing is stored.
    package func callAsFunction(code: String) async throws -> Offer? {
        let now = desk.clock.now
        return try await desk.store.read { tx in
            try tx.evse(code: code.uppercased()).map { try offer(at: $0, limit: nil, at: now, in: tx) }
        }
    }

    /// A quote with what it shows and, for a session that somebody imagines, what it would cost.
    package struct Quoted: Sendable {
        package let quote: QuoteRecord
        package let offer: Offer
        package let example: Rated?
    }

    /// A stored quote at an EVSE.
    package func quote(
        code: String, limit: Money?, example: Example?, at moment: Instant? = nil
    ) async throws -> Quoted {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let evse = try tx.evse(code: code.uppercased()) else {
                throw CheckoutRefusal.unknownEVSE(code)
            }
            let offer = try offer(at: evse, limit: limit, at: now, in: tx)
            let quote = try QuoteSession(desk: desk)(evse: evse, limit: limit, at: now, in: tx)
            guard let example, let price = offer.price else {
                return Quoted(quote: quote, offer: offer, example: nil)
            }
            let usage = example.usage(from: moment ?? now)
            let last = usage.intervals.map(\.end).max() ?? now
            let zone = try desk.zones.rules(of: offer.place.site.timeZone, from: moment ?? now, to: last)
            let rated = try Rater(policy: .lineHalfUp1).rate(usage, under: price.tariff, in: zone)
            return Quoted(quote: quote, offer: offer, example: rated)
        }
    }

    /// A session that somebody imagines: so much energy while charging, then idle.
    package struct Example: Sendable, Hashable {
        package var energy: Energy
        package var charging: Elapsed
        package var idle: Elapsed

        package init(energy: Energy, charging: Elapsed, idle: Elapsed) {
            self.energy = energy
            self.charging = charging
            self.idle = idle
        }

        func usage(from start: Instant) -> Usage {
            let full = start + charging
            var intervals = [Usage.Interval(from: start, to: full, .charging, energy: energy)]
            if idle > .zero { intervals.append(Usage.Interval(from: full, to: full + idle, .parking)) }
            return Usage(intervals: intervals)
        }
    }

    private func offer(at evse: EVSERecord, limit: Money?, at now: Instant, in tx: Tx) throws -> Offer {
        let place = try Place(of: evse, in: tx)
        let session = try tx.openSessions(of: evse.id).first
        return Offer(
            place: place, inUseSince: session?.startedAt, isOnline: place.station.connectedAt != nil,
            price: try price(at: place, limit: limit, at: now, in: tx))
    }

    private func price(at place: Place, limit: Money?, at now: Instant, in tx: Tx) throws -> Offer.Price? {
        let version: TariffVersionRecord
        let name: String
        do {
            (version, name) = try place.tariffVersion(at: now, in: tx)
        } catch QuoteRefusal.noTariff {
            return nil
        }
        let tariff = try QuoteSession.snapshot(of: version, at: place.site)
        let zone = try desk.zones.rules(of: place.site.timeZone, from: now, to: now)
        return Offer.Price(
            name: name, version: version, tariff: tariff, shown: tariff.displayPrices(at: now, in: zone),
            hold: try place.hold(for: tariff, usual: version.holdMinor, limit: limit).amount, zone: zone)
    }
}
