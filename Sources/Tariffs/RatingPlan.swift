// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Tariffs compiled for the rater: integers instead of optionals, lists of candidates, sorted boundaries.
///
/// Usually of one tariff, made once with it; of several where a session's tariff changed on the way.
final class RatingPlan: Sendable {
    /// A price, ready to multiply. Holds no references: the rater copies it without counting any.
    struct Component: Sendable {
        /// Which of the session's tariffs it belongs to, from 0.
        let tariff: Int
        /// Index of the element in its tariff.
        let element: Int
        /// Index of the component in the element.
        let index: Int
        /// Index of the element's conditions in the plan.
        let condition: Int
        /// What is priced.
        let dimension: TariffDimension
        /// On which line the cost goes.
        let kind: LineKind
        /// Billionths of the major unit per kWh, hour or session; where a source is silent, if there is one.
        let price: Int64
        /// Wh or seconds; 0 for none.
        let step: Int64
        /// Index into `taxes`.
        let tax: Int
        /// Nanoseconds of idle time that are free.
        let grace: Int64
        /// Fine units that are free.
        let free: Int128
        /// Whether its price comes from a source.
        let hasSource: Bool
        /// Whether its cost may be changed after it was added up.
        let isAdjusted: Bool
    }

    /// What is seldom looked at of a component.
    struct Terms: Sendable {
        /// The most that it costs in one session.
        let cap: Rate?
        /// The least that it costs where it was used.
        let floor: Rate?
        /// Reductions for groups.
        let discounts: [Discount]
        /// Where its price comes from.
        let source: PriceSource?
        /// Why it prices what it prices.
        let reason: Reason
    }

    /// What a tariff says about its fee.
    struct FlatRule: Sendable {
        /// OCPP: decided at the first instant or never.
        let isAtStartOnly: Bool
        /// Charged where the tariff takes over in a session.
        let isChargedOnChange: Bool
    }

    /// All components of all elements, in order.
    let components: [Component]
    /// One for each component.
    let terms: [Terms]
    /// One for each element.
    let conditions: [Conditions]
    /// The conditions on driver, vehicle and EVSE, by elements; only of those that have some.
    let contextConditions: [Int: Restriction]
    /// For each dimension the components that may price it in the session, in order of elements.
    let sessionCandidates: Candidates
    /// For each dimension the components that may price it in a reservation.
    let reservationCandidates: Candidates
    /// The ways in which components are taxed.
    let taxes: [TaxTreatment]
    /// Local seconds of the day at which a condition may change, ascending.
    let clockSeconds: [Int64]
    /// Whether any element names a local time, date or weekday.
    let readsLocalTime: Bool
    /// Whether any element asks for driver, vehicle or EVSE.
    let readsContext: Bool
    /// Whether any element asks how full the site is.
    let readsOccupancy: Bool
    /// Whether any component gives something for free.
    let givesForFree: Bool
    /// Cumulative energy at which a condition may change, 10^-12 kWh, ascending.
    let energyThresholds: [Int128]
    /// Nanoseconds after the start of the session at which a condition may change, ascending.
    let durations: [Int64]
    /// Nanoseconds of charging at which a condition may change, ascending.
    let chargingBounds: [Int64]
    /// Nanoseconds after the start of idle time at which a price or condition may begin or end, ascending.
    let idleBounds: [Int64]
    /// Components with a price source.
    let sourced: [Int]
    /// Rates of tax that are ignored because tax is not applicable, as elements and components (D24a).
    let strayTaxes: [Rated.Place]
    /// Instants at which the tariffs after the first take over, ascending.
    let changes: [Int64]
    /// One for each tariff.
    let flatRules: [FlatRule]

    /// Indices into `components` for each dimension.
    struct Candidates: Sendable {
        /// Prices of energy.
        var energy: [Int] = []
        /// Prices of time.
        var time: [Int] = []
        /// Prices of parking.
        var parking: [Int] = []
        /// Fees.
        var flat: [Int] = []

        /// Those of one dimension.
        subscript(dimension: TariffDimension) -> [Int] {
            get {
                switch dimension {
                case .energy: energy
                case .time: time
                case .parking: parking
                case .flat: flat
                }
            }
            set {
                switch dimension {
                case .energy: energy = newValue
                case .time: time = newValue
                case .parking: parking = newValue
                case .flat: flat = newValue
                }
            }
        }
    }

    /// Compiles elements that `TariffLimits` has accepted.
    convenience init(_ elements: [TariffElement], taxMode: Tariff.TaxMode, rules: TariffRules) {
        var builder = Builder()
        builder.add(elements, taxMode, rules, from: .min, until: .max)
        self.init(builder)
    }

    /// Compiles the tariffs of one session; each is in force until the next begins.
    ///
    /// - Parameter changes: ascending, by nanoseconds since the epoch.
    convenience init(_ first: Tariff, changing changes: [(from: Int64, tariff: Tariff)]) {
        var builder = Builder()
        var from = Int64.min
        var tariff = first
        for change in changes {
            builder.add(tariff.elements, tariff.taxMode, tariff.rules, from: from, until: change.from)
            builder.changes.append(change.from)
            (from, tariff) = (change.from, change.tariff)
        }
        builder.add(tariff.elements, tariff.taxMode, tariff.rules, from: from, until: .max)
        self.init(builder)
    }

    private init(_ builder: Builder) {
        let conditions = builder.conditions
        components = builder.components
        terms = builder.terms
        self.conditions = conditions
        contextConditions = builder.contextConditions
        sessionCandidates = builder.sessionCandidates
        reservationCandidates = builder.reservationCandidates
        taxes = builder.taxes
        readsLocalTime = conditions.contains { $0.asks.contains(.clock) }
        readsContext = conditions.contains { $0.asks.contains(.context) }
        readsOccupancy = conditions.contains { $0.asks.contains(.occupancy) }
        givesForFree = components.contains { $0.free > 0 }
        clockSeconds = Self.distinct(
            conditions.filter { $0.asks.contains(.clock) }
                // Window edges; midnight wherever a day, a date or the end of a day counts.
                .flatMap { [$0.startSecond, $0.endSecond % 86_400, 0] })
        energyThresholds = Self.bounds(conditions) { ($0.minEnergy, $0.maxEnergy) }
        durations = Self.bounds(conditions) { ($0.minDuration, $0.maxDuration) }
        chargingBounds = Self.bounds(conditions) { ($0.minCharging, $0.maxCharging) }
        idleBounds = Self.distinct(
            Self.bounds(conditions) { ($0.minIdle, $0.maxIdle) } + components.map(\.grace).filter { $0 > 0 })
        sourced = components.indices.filter { builder.components[$0].hasSource }
        strayTaxes = builder.strayTaxes
        changes = builder.changes
        flatRules = builder.flatRules
    }

    /// Bounds that a growing value crosses; those that are absent, or crossed from the start, are left out.
    private static func bounds<Value: FixedWidthInteger>(
        _ conditions: [Conditions], _ bounds: (Conditions) -> (Value, Value)
    ) -> [Value] {
        var values: [Value] = []
        for condition in conditions where !condition.asks.isDisjoint(with: .moving) {
            let (minimum, maximum) = bounds(condition)
            if minimum > 0 { values.append(minimum) }
            if maximum > 0, maximum != .max { values.append(maximum) }
        }
        return distinct(values)
    }

    private static func distinct<Value: Comparable>(_ values: [Value]) -> [Value] {
        guard !values.isEmpty else { return [] }
        var result: [Value] = []
        for value in values.sorted() where result.last != value { result.append(value) }
        return result
    }
}

extension RatingPlan {
    /// Collects the components and conditions of tariffs.
    fileprivate struct Builder {
        var components: [Component] = []
        var terms: [Terms] = []
        var conditions: [Conditions] = []
        var contextConditions: [Int: Restriction] = [:]
        var sessionCandidates = Candidates()
        var reservationCandidates = Candidates()
        var taxes: [TaxTreatment] = []
        var strayTaxes: [Rated.Place] = []
        var changes: [Int64] = []
        var flatRules: [FlatRule] = []

        mutating func add(
            _ elements: [TariffElement], _ taxMode: Tariff.TaxMode, _ rules: TariffRules, from: Int64,
            until: Int64
        ) {
            for (number, element) in elements.enumerated() {
                var condition = Conditions(element.restriction, rules.ruleSet)
                if from != .min || until != .max {
                    condition.asks.insert(.active)
                    (condition.activeFrom, condition.activeUntil) = (from, until)
                }
                if condition.asks.contains(.context) {
                    contextConditions[conditions.count] = element.restriction
                }
                conditions.append(condition)
                let reason = Reason.element(number, element.restriction)
                for (index, component) in element.components.enumerated() {
                    let place = Rated.Place(
                        element: number, component: index, tariff: flatRules.isEmpty ? nil : flatRules.count)
                    add(component, at: place, of: element, taxMode, rules, reason)
                }
            }
            flatRules.append(
                FlatRule(
                    isAtStartOnly: rules.ruleSet == .ocpp, isChargedOnChange: rules.chargesFlatOnChange))
        }

        private mutating func add(
            _ component: PriceComponent, at place: Rated.Place, of element: TariffElement,
            _ taxMode: Tariff.TaxMode, _ rules: TariffRules, _ reason: Reason
        ) {
            let dimension = component.dimension
            let isTaxed = component.taxRate != nil || !component.furtherTaxes.isEmpty
            if taxMode == .none, isTaxed { strayTaxes.append(place) }
            let treatment =
                taxMode == .none
                ? TaxTreatment(rate: nil, further: [])
                : TaxTreatment(rate: component.taxRate, further: component.furtherTaxes)
            components.append(
                Component(
                    tariff: flatRules.count, element: place.element, index: place.component,
                    condition: conditions.count - 1, dimension: dimension,
                    kind: dimension.lineKind(reserved: element.isReservation),
                    // OCPP has no steps (tariffs.md §6).
                    price: component.price.billionths,
                    step: rules.ruleSet == .ocpp ? 0 : component.stepSize ?? 0, tax: index(of: treatment),
                    grace: dimension == .parking ? (component.graceSeconds ?? 0) * 1_000_000_000 : 0,
                    free: Int128(component.freeQuantity ?? 0) * (dimension.stepUnit ?? 0),
                    hasSource: component.source != nil,
                    isAdjusted: component.cap != nil || component.floor != nil || !component.discounts.isEmpty
                ))
            terms.append(
                Terms(
                    cap: component.cap, floor: component.floor, discounts: component.discounts,
                    source: component.source, reason: reason))
            let isFirst = !element.components.prefix(place.component).contains { $0.dimension == dimension }
            guard isFirst else { return }
            if element.isReservation {
                reservationCandidates[dimension].append(components.count - 1)
            } else {
                sessionCandidates[dimension].append(components.count - 1)
            }
        }

        private mutating func index(of treatment: TaxTreatment) -> Int {
            if let index = taxes.firstIndex(of: treatment) { return index }
            taxes.append(treatment)
            return taxes.count - 1
        }
    }
}
