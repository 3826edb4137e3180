// SPDX-License-Identifier: Apache-2.0

package import JSONText
public import Quantities

/// What was promised: prices, their conditions and their limits, immutable.
///
/// A superset of the OCPI 2.2.1 and 2.3.0 Tariff objects (tariffs.md §3). Made by `decode(ocpi:)` or in code;
/// either way nothing that cannot be priced exactly becomes a `Tariff`.
public struct Tariff: Hashable, Sendable {
    /// Whether prices contain tax (OCPI 2.3.0 `tax_included`).
    public enum TaxMode: String, Hashable, Sendable, Codable, CaseIterable {
        /// Prices are net; OCPI 2.2.1 knows nothing else.
        case excluded = "NO"
        /// Prices are gross.
        case included = "YES"
        /// Tax is not applicable.
        case none = "N/A"
    }

    /// What a tariff is for (OCPI TariffType).
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Payment at the station.
        case adHoc = "AD_HOC_PAYMENT"
        /// The driver's cheap profile.
        case cheap = "PROFILE_CHEAP"
        /// The driver's fast profile.
        case fast = "PROFILE_FAST"
        /// The driver's green profile.
        case green = "PROFILE_GREEN"
        /// No profile.
        case regular = "REGULAR"
    }

    /// A bound of the price of a whole session.
    public struct Limit: Hashable, Sendable, Codable {
        /// Bound before tax, in the major unit.
        public var net: Rate
        /// Bound after tax; absent: the tax follows the net price in proportion (D20).
        public var gross: Rate?

        /// A bound before tax and perhaps one after tax.
        public init(net: Rate, gross: Rate? = nil) {
            self.net = net
            self.gross = gross
        }
    }

    /// A text for drivers in one language.
    public struct Text: Hashable, Sendable, Codable {
        /// ISO 639-1 code.
        public let language: String
        /// The text.
        public let text: String

        /// A text in a language.
        public init(language: String, text: String) {
            self.language = language
            self.text = text
        }
    }

    /// Who a tariff belongs to and what it says besides prices. Empty texts stand for absent ones.
    public struct Particulars: Hashable, Sendable {
        /// ISO 3166 alpha-2 code of the owner's country.
        public var countryCode: String?
        /// The owner's three characters.
        public var partyID: String?
        /// What the tariff is for.
        public var kind: Kind?
        /// Texts for drivers.
        public var texts: [Text] = []
        /// A page for drivers.
        public var url: String?
        /// Where the energy comes from, as the owner wrote it; nothing here prices by it.
        package var energyMix: JSON?
        /// What a payment terminal reserves (OCPI 2.3.0 `preauthorize_amount`); holds are decided elsewhere.
        public var preauthorization: Rate?
        /// When the owner last changed the tariff.
        public var lastUpdated: Instant?

        /// Nothing said.
        public init() {}
    }

    /// The owner's name of the tariff.
    public let id: String
    /// What prices are in.
    public let currency: Currency
    /// Whether prices contain tax.
    public let taxMode: TaxMode
    /// At least one, in order: for each dimension the first that matches prices.
    public let elements: [TariffElement]
    /// The least a session costs.
    public let minimum: Limit?
    /// The most a session costs.
    public let maximum: Limit?
    /// First instant at which a session may start under this tariff (D27).
    public let validFrom: Instant?
    /// The instant before which a session must have started.
    public let validUntil: Instant?
    /// What goes beyond OCPI for the session as a whole.
    public let rules: TariffRules
    /// Owner and texts.
    public let particulars: Particulars
    /// The same, compiled for the rater once.
    let plan: RatingPlan

    /// A tariff. Refuses what could not be priced exactly: no elements, prices and steps out of range,
    /// crossing limits.
    public init(
        id: String, currency: Currency, taxMode: TaxMode, elements: [TariffElement], terms: Terms = Terms()
    ) throws(TariffError) {
        self.id = id
        self.currency = currency
        self.taxMode = taxMode
        self.elements = elements
        minimum = terms.minimum
        maximum = terms.maximum
        validFrom = terms.validFrom
        validUntil = terms.validUntil
        rules = terms.rules
        particulars = terms.particulars
        try TariffLimits.check(elements, minimum: terms.minimum, maximum: terms.maximum)
        try TariffLimits.check(terms.rules)
        plan = RatingPlan(elements, taxMode: taxMode, rules: terms.rules)
    }

    /// What a tariff may leave out.
    public struct Terms: Hashable, Sendable {
        /// The least a session costs.
        public var minimum: Limit?
        /// The most a session costs.
        public var maximum: Limit?
        /// First instant at which a session may start.
        public var validFrom: Instant?
        /// The instant before which a session must have started.
        public var validUntil: Instant?
        /// What goes beyond OCPI for the session as a whole.
        public var rules = TariffRules()
        /// Owner and texts.
        public var particulars = Particulars()

        /// Always valid, without limits.
        public init() {}
    }

    /// Everything but identity, prices and tax mode.
    public var terms: Terms {
        var terms = Terms()
        terms.minimum = minimum
        terms.maximum = maximum
        terms.validFrom = validFrom
        terms.validUntil = validUntil
        terms.rules = rules
        terms.particulars = particulars
        return terms
    }

    /// Whether some element names a local time, date or weekday (D25).
    public var needsZone: Bool { plan.readsLocalTime }
}

extension Tariff {
    /// Two tariffs are the same if they say the same; the plan follows from the elements.
    public static func == (left: Tariff, right: Tariff) -> Bool {
        left.id == right.id && left.currency == right.currency && left.taxMode == right.taxMode
            && left.elements == right.elements && left.terms == right.terms
    }

    /// Hashes what `==` compares, without what seldom differs.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(currency)
        hasher.combine(taxMode)
        hasher.combine(elements)
    }
}

extension Tariff {
    /// The usual public price: energy per kWh, an optional session fee, and an idle fee per minute with grace
    /// and cap.
    public static func simple(
        id: String, currency: Currency, taxMode: TaxMode = .included, energyPerKWh: Rate,
        fees: Fees = Fees()
    ) throws(TariffError) -> Tariff {
        var components = [PriceComponent(.energy, energyPerKWh, tax: fees.taxRate)]
        if let price = fees.session { components.append(PriceComponent(.flat, price, tax: fees.taxRate)) }
        if let price = fees.timePerMinute {
            components.append(PriceComponent(.time, try price.perHour(at: "/elements/0"), tax: fees.taxRate))
        }
        if let price = fees.idlePerMinute {
            let component = PriceComponent(.parking, try price.perHour(at: "/elements/0"), tax: fees.taxRate)
            components.append(component.after(graceSeconds: fees.idleGraceSeconds, atMost: fees.idleCap))
        }
        return try Tariff(id: id, currency: currency, taxMode: taxMode, elements: [TariffElement(components)])
    }

    /// What a simple tariff charges besides energy.
    public struct Fees: Hashable, Sendable {
        /// Once per session.
        public var session: Rate?
        /// Per minute of charging.
        public var timePerMinute: Rate?
        /// Per minute after the vehicle stopped asking for power.
        public var idlePerMinute: Rate?
        /// Seconds of idle time that are free.
        public var idleGraceSeconds: Int64?
        /// The most that idle time costs.
        public var idleCap: Rate?
        /// The rate of tax on everything.
        public var taxRate: TaxRate?

        /// No fees.
        public init() {}
    }

    /// The same tariff with the rates of a site's tax profile instead of its own; what a quote freezes.
    public func taxed(by profile: TaxProfile, mode: TaxMode? = nil) throws(TariffError) -> Tariff {
        let taxed = elements.map { element in
            var copy = element
            for index in copy.components.indices {
                copy.components[index].taxRate = profile.rate(
                    on: copy.components[index].dimension, reserved: element.isReservation)
                copy.components[index].furtherTaxes = []
            }
            return copy
        }
        return try Tariff(
            id: id, currency: currency, taxMode: mode ?? taxMode, elements: taxed, terms: terms)
    }
}

extension Rate {
    /// A price per minute as the price per hour that tariffs keep.
    fileprivate func perHour(at path: String) throws(TariffError) -> Rate {
        let (hourly, overflow) = billionths.multipliedReportingOverflow(by: 60)
        guard !overflow else {
            throw TariffError(.limitExceeded, at: path, "A price per minute is out of range.")
        }
        return Rate(billionths: hourly)
    }
}
