// SPDX-License-Identifier: Apache-2.0

import Quantities

/// A tariff compiled for the rater: integers instead of optionals, lists of candidates, sorted boundaries.
struct RatingPlan: Hashable, Sendable {
    /// A price, ready to multiply.
    struct Component: Hashable, Sendable {
        /// Index of the element in the tariff.
        let element: Int
        /// Index of the component in the element.
        let index: Int
        /// What is priced.
        let dimension: TariffDimension
        /// On which line the cost goes.
        let kind: LineKind
        /// Billionths of the major unit per kWh, hour or session.
        let price: Int64
        /// Wh or seconds; 0 for none.
        let step: Int64
        /// Nil is "no tax stated", or that tax is not applicable.
        let taxRate: TaxRate?
        /// Nanoseconds of idle time that are free.
        let grace: Int64
        /// The most that it costs in one session.
        let cap: Rate?
        /// The least that it costs where it was used.
        let floor: Rate?
    }

    /// When an element applies; a bound that is absent is the end of its type's range.
    struct Conditions: Hashable, Sendable {
        /// Seconds of the local day, end exclusive; a window over midnight has its end before its start.
        var startSecond: Int64 = 0
        /// Exclusive; 86,400 is the end of the day.
        var endSecond: Int64 = 86_400
        /// Bit 1 for Monday to bit 7 for Sunday.
        var weekdays: UInt8 = 0xFF
        /// Days since 1970-01-01, local.
        var startDay = Int64.min
        /// Exclusive.
        var endDay = Int64.max
        /// 10^-12 kWh.
        var minEnergy = Int128.min
        /// 10^-12 kWh, exclusive.
        var maxEnergy = Int128.max
        /// Nanoseconds after the start of the session.
        var minDuration = Int64.min
        /// Nanoseconds, exclusive.
        var maxDuration = Int64.max
        /// Milliwatts.
        var minPower: Int64?
        /// Milliwatts, exclusive.
        var maxPower: Int64?
        /// Microamperes.
        var minCurrent: Int64?
        /// Microamperes, exclusive.
        var maxCurrent: Int64?
        /// Set where the element prices reservations.
        var reservation: Restriction.Reservation?
        /// Whether a clock on the wall decides.
        var readsLocalTime = false
    }

    /// All components of all elements, in order.
    private(set) var components: [Component] = []
    /// One for each element.
    private(set) var conditions: [Conditions] = []
    /// For each dimension the components that may price it in the session, in order of elements.
    private(set) var sessionCandidates = Candidates()
    /// For each dimension the components that may price it in a reservation.
    private(set) var reservationCandidates = Candidates()
    /// Local seconds of the day at which a condition may change, ascending.
    private(set) var clockSeconds: [Int64] = []
    /// Whether any element names a local time, date or weekday.
    private(set) var readsLocalTime = false
    /// Cumulative energy at which a condition may change, 10^-12 kWh, ascending.
    private(set) var energyThresholds: [Int128] = []
    /// Nanoseconds after the start of the session at which a condition may change, ascending.
    private(set) var durations: [Int64] = []
    /// Nanoseconds after the start of idle time at which a price may begin, ascending.
    private(set) var graces: [Int64] = []
    /// Rates of tax that are ignored because tax is not applicable, as elements and components (D24a).
    private(set) var strayTaxes: [Rated.Place] = []

    /// Indices into `components` for each dimension.
    struct Candidates: Hashable, Sendable {
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
    init(_ elements: [TariffElement], taxMode: Tariff.TaxMode) {
        for (number, element) in elements.enumerated() {
            conditions.append(Conditions(element.restriction))
            for (index, component) in element.components.enumerated() {
                add(component, at: Rated.Place(element: number, component: index), of: element, taxMode)
            }
        }
        readsLocalTime = conditions.contains(where: \.readsLocalTime)
        clockSeconds = Self.boundaries(conditions)
        energyThresholds = Self.distinct(
            conditions.flatMap { [$0.minEnergy, $0.maxEnergy] }.filter { $0 > 0 && $0 != .max })
        durations = Self.distinct(
            conditions.flatMap { [$0.minDuration, $0.maxDuration] }.filter { $0 > 0 && $0 != .max })
        graces = Self.distinct(components.map(\.grace).filter { $0 > 0 })
    }

    private mutating func add(
        _ component: PriceComponent, at place: Rated.Place, of element: TariffElement,
        _ taxMode: Tariff.TaxMode
    ) {
        if taxMode == .none, component.taxRate != nil { strayTaxes.append(place) }
        components.append(
            Component(
                element: place.element, index: place.component, dimension: component.dimension,
                kind: component.dimension.lineKind(reserved: element.isReservation),
                price: component.price.billionths, step: component.stepSize ?? 0,
                taxRate: taxMode == .none ? nil : component.taxRate,
                grace: component.dimension == .parking ? (component.graceSeconds ?? 0) * 1_000_000_000 : 0,
                cap: component.cap, floor: component.floor))
        let isFirst = !element.components.prefix(place.component).contains {
            $0.dimension == component.dimension
        }
        guard isFirst else { return }
        let candidate = components.count - 1
        if element.isReservation {
            reservationCandidates[component.dimension].append(candidate)
        } else {
            sessionCandidates[component.dimension].append(candidate)
        }
    }

    /// Window edges; midnight wherever a day, a date or the end of a day counts.
    private static func boundaries(_ conditions: [Conditions]) -> [Int64] {
        distinct(conditions.filter(\.readsLocalTime).flatMap { [$0.startSecond, $0.endSecond % 86_400, 0] })
    }

    private static func distinct<Value: Comparable & Hashable>(_ values: [Value]) -> [Value] {
        Set(values).sorted()
    }
}

extension RatingPlan.Conditions {
    /// Compiles a restriction; none at all always holds in the session.
    init(_ restriction: Restriction?) {
        self.init()
        guard let restriction else { return }
        readsLocalTime = restriction.readsLocalTime
        setWindow(from: restriction.startTime, to: restriction.endTime)
        if let days = restriction.weekdays {
            weekdays = days.reduce(0) { $0 | 1 << UInt8($1.isoNumber) }
        }
        startDay = restriction.startDate?.daysSinceEpoch ?? .min
        endDay = restriction.endDate?.daysSinceEpoch ?? .max
        minEnergy = restriction.minEnergy.map { Int128($0.milliwattHours) * 1_000_000 } ?? .min
        maxEnergy = restriction.maxEnergy.map { Int128($0.milliwattHours) * 1_000_000 } ?? .max
        minDuration = restriction.minDurationSeconds.map { $0 * 1_000_000_000 } ?? .min
        maxDuration = restriction.maxDurationSeconds.map { $0 * 1_000_000_000 } ?? .max
        minPower = restriction.minPower?.milliwatts
        maxPower = restriction.maxPower?.milliwatts
        minCurrent = restriction.minCurrent?.microamperes
        maxCurrent = restriction.maxCurrent?.microamperes
        reservation = restriction.reservation
    }

    private mutating func setWindow(from start: ClockTime?, to end: ClockTime?) {
        // D5: equal bounds are the whole day. D6: a missing bound is midnight, and 00:00 ends the day.
        guard start != end else { return }
        startSecond = Int64(start?.minuteOfDay ?? 0) * 60
        endSecond = Int64(end?.minuteOfDay ?? 0) * 60
        if endSecond == 0 { endSecond = 86_400 }
    }

    /// Whether the conditions of clock and calendar hold (D7: each for itself, on the local day of the
    /// instant).
    func holds(on day: Int64, second: Int64, weekday: Int) -> Bool {
        guard day >= startDay, day < endDay, weekdays & (1 << UInt8(weekday)) != 0 else { return false }
        return startSecond < endSecond
            ? second >= startSecond && second < endSecond
            : second >= startSecond || second < endSecond
    }
}
