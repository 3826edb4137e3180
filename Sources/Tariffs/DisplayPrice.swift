// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// One line of the price box that a driver sees before the start.
public struct DisplayPrice: Hashable, Sendable, Codable {
    /// What is charged for, in the words of the API.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// Energy.
        case energy
        /// Time charging.
        case time
        /// Time after the vehicle stopped asking for power.
        case idle
        /// Fee per session.
        case session
    }

    /// What the price is per.
    public enum Per: String, Hashable, Sendable, Codable {
        /// Kilowatt-hour.
        case kilowattHour = "kWh"
        /// Minute; tariffs keep prices per hour.
        case minute = "min"
        /// Charging session.
        case session
    }

    /// What is charged for.
    public let kind: Kind
    /// The price in the major unit as a decimal text; a price per minute that does not end has 12 decimals.
    public let price: String
    /// What the price is per.
    public let per: Per
    /// What the price is in.
    public let currency: Currency
    /// Whether the price contains tax.
    public let isTaxIncluded: Bool
    /// The rate of tax, if it is stated.
    public let taxRate: TaxRate?
    /// Idle only: seconds that are free after the vehicle stopped asking for power.
    public let graceSeconds: Int64?
    /// The most that this costs in one session, rounded half up.
    public let cap: Money?
    /// What must hold in the session for this price, e.g. a duration; nil if nothing must.
    public let condition: Restriction?
    /// Until when the price applies on a clock of the place, e.g. a window; nil if it always applies.
    public let window: Restriction?
}

extension Tariff {
    /// The price box for a session that starts now: what can apply at this instant, in legal order.
    ///
    /// Energy per kWh, then prices per minute, then the fee per session (AFIR, article 5). Prices whose
    /// condition depends on the course of the session are listed with it; what a clock rules out at this
    /// instant is left out.
    ///
    /// - Parameter context: values of indexes; prices that follow one are shown as they are at this instant.
    public func displayPrices(
        at instant: Instant, in zone: ZoneRules, given context: RatingContext = .unknown
    ) -> [DisplayPrice] {
        let clock = plan.readsLocalTime ? Clock(instant.nanoseconds, zone) : Clock.unread
        return [TariffDimension.energy, .time, .parking, .flat].flatMap { dimension in
            displayPrices(for: dimension, clock) { number in
                plan.terms[number].source?.price(at: instant, in: context) ?? plan.components[number].price
            }
        }
    }

    /// In the order of elements, up to the first that no course of the session can keep from applying.
    private func displayPrices(
        for dimension: TariffDimension, _ clock: Clock, price: (_ component: Int) -> Int64
    ) -> [DisplayPrice] {
        var prices: [DisplayPrice] = []
        for candidate in plan.sessionCandidates[dimension] {
            let component = plan.components[candidate]
            let conditions = plan.conditions[component.condition]
            if conditions.asks.contains(.clock),
                !conditions.holds(on: clock.day, second: clock.second, weekday: clock.weekday)
            {
                continue
            }
            let restriction = elements[component.element].restriction
            prices.append(
                displayPrice(component, plan.terms[candidate].cap, at: price(candidate), restriction))
            if restriction?.readsSession != true { break }
        }
        return prices
    }

    private func displayPrice(
        _ component: RatingPlan.Component, _ cap: Rate?, at price: Int64, _ restriction: Restriction?
    ) -> DisplayPrice {
        let dimension = component.dimension
        let rate = Exact(
            Int128(price), over: dimension.isPerMinute ? 60_000_000_000 : 1_000_000_000)
        let cap = cap.map {
            Money(minorUnits: Exact($0).minorUnits(of: currency), currency: currency)
        }
        return DisplayPrice(
            kind: dimension.displayKind, price: rate.decimal, per: dimension.displayUnit, currency: currency,
            isTaxIncluded: taxMode == .included, taxRate: plan.taxes[component.tax].rate,
            graceSeconds: component.grace > 0 ? component.grace / 1_000_000_000 : nil, cap: cap,
            condition: restriction.flatMap { $0.readsSession ? $0 : nil },
            window: restriction.flatMap { $0.readsLocalTime ? $0 : nil })
    }

    /// The first instant after another at which the price box changes, looked for over the next eight days.
    ///
    /// Eight days hold every time of day and every day of the week; dates beyond are announced when they come
    /// near.
    public func nextPriceChange(
        after instant: Instant, in zone: ZoneRules, given context: RatingContext = .unknown
    ) -> Instant? {
        let (end, overflow) = instant.nanoseconds.addingReportingOverflow(8 * 86_400 * 1_000_000_000)
        guard plan.readsLocalTime || !plan.sourced.isEmpty, !overflow else { return nil }
        let now = displayPrices(at: instant, in: zone, given: context)
        let clocks = zone.instants(of: plan.clockSeconds, from: instant.nanoseconds, to: end)
        let prices = plan.sourced.flatMap { plan.terms[$0].source?.instants(in: context) ?? [] }
            .filter { $0 > instant.nanoseconds && $0 < end }
        return (clocks + prices).sorted().map(Instant.init(nanoseconds:))
            .first { displayPrices(at: $0, in: zone, given: context) != now }
    }
}

extension TariffDimension {
    fileprivate var isPerMinute: Bool { self == .time || self == .parking }

    fileprivate var displayKind: DisplayPrice.Kind {
        switch self {
        case .energy: .energy
        case .time: .time
        case .parking: .idle
        case .flat: .session
        }
    }

    fileprivate var displayUnit: DisplayPrice.Per {
        switch self {
        case .energy: .kilowattHour
        case .time, .parking: .minute
        case .flat: .session
        }
    }
}
