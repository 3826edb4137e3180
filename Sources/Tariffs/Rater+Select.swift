// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Which component prices what, and how much of it (stages 3 to 5 of tariffs.md §4).
struct Selection {
    /// What one component has priced so far at one price.
    struct Tally {
        /// Index of the component in the plan.
        let component: Int
        /// Billionths of the major unit per kWh, hour or session.
        let price: Int64
        /// Why the quantity costs nothing, if it does in spite of the component's price.
        let relief: Relief
        /// Fine units, without the surplus of a step.
        var quantity: Int128 = 0
        /// Fine units billed to fill the step; may be a negative speck of dust.
        var surplus: Int128 = 0
        /// Nanoseconds since the epoch; the whole stretch from the first to the last segment.
        var from: Int64
        /// End of the last segment.
        var to: Int64
    }

    /// Why a quantity costs nothing.
    enum Relief: Equatable {
        /// It does cost its price.
        case none
        /// It lies within the component's free quantity.
        case free
        /// An allowance covered it, by its place among the counters.
        case allowance(Int)
    }

    /// A set of dimensions that costs nothing to add to.
    private struct Dimensions: OptionSet {
        let rawValue: UInt8

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ dimension: TariffDimension) {
            switch dimension {
            case .energy: rawValue = 1
            case .time: rawValue = 2
            case .parking: rawValue = 4
            case .flat: rawValue = 8
            }
        }
    }

    /// What was promised.
    let offer: Offer
    /// The same, compiled.
    let plan: RatingPlan
    /// The rules.
    let policy: RatingPolicy
    /// What each component has priced, in the order in which it began.
    var tallies: [Tally] = []
    /// The timeline as it was priced.
    var segments: [Rated.Segment] = []
    /// What a person should know.
    var notes: [Note] = []
    /// The tally that priced the last segment of a dimension; its component steps the total.
    var lastEnergy: Int?
    /// The same for time.
    var lastTime: Int?
    /// The same for parking.
    var lastParking: Int?
    /// The same for reserved time.
    var lastReservation: Int?
    /// Fine units that each counter of the tariff still allows; 0 for caps.
    private(set) var allowances: [Int128] = []
    private let zone: ZoneRules
    private let prices: PriceSteps
    private let context: RatingContext
    private let isExpired: Bool
    private let sessionStart: Int64
    /// Fine units that each component still gives for free; empty if none does.
    private var free: [Int128] = []
    /// Whether each element's conditions on driver, vehicle and EVSE hold; empty if there are none.
    private var contextHolds: [Bool] = []
    private var hasSessionFlat = false
    private var hasReservationFlat = false
    /// The tariff in force.
    private var tariff = 0
    /// Elements whose missing values are noted already.
    private var noted: [Note.Code: Set<Int>] = [:]
    /// Dimensions of which some quantity matched no element.
    private var unmatched: Dimensions = []

    /// Nothing selected yet.
    init(
        _ offer: Offer, _ context: RatingContext, _ prices: PriceSteps, _ zone: ZoneRules,
        _ timeline: Timeline,
        _ policy: RatingPolicy
    ) {
        self.offer = offer
        plan = offer.plan
        self.policy = policy
        self.zone = zone
        self.prices = prices
        self.context = context
        isExpired = timeline.isExpired
        sessionStart = timeline.start.nanoseconds
        segments.reserveCapacity(timeline.spans.count + 4)
        tallies.reserveCapacity(8)
        if plan.givesForFree { free = plan.components.map(\.free) }
        if !offer.last.rules.counters.isEmpty {
            allowances = offer.last.rules.counters.map(context.allowance)
        }
        if plan.readsContext { lookAtContext() }
    }

    /// Prices one piece: each dimension chooses its own element (D1).
    mutating func add(_ piece: Piece) {
        if !plan.changes.isEmpty { follow(piece.start) }
        let clock = plan.readsLocalTime ? clock(of: piece) : Clock.unread
        var segment = Rated.Segment(
            from: Instant(nanoseconds: piece.start), to: Instant(nanoseconds: piece.end), state: piece.state,
            energy: Measured(piece.energy, .kilowattHour))
        segment.flatPrice = addFlat(piece, clock)
        let energy = EnergyDimension.quantity(of: piece)
        if energy > 0 {
            let priced = price(.energy, energy, of: piece, clock)
            segment.energyPrice = priced.place
            if let tally = priced.tally { lastEnergy = tally }
        }
        if piece.end > piece.start { segment.timePrice = priceTime(of: piece, clock) }
        if piece.isReserved, piece.energy > 0 { unmatched.insert(Dimensions(.energy)) }
        segments.append(segment)
    }

    private mutating func priceTime(of piece: Piece, _ clock: Clock) -> Rated.Place? {
        let priced =
            piece.state == .parking
            ? price(.parking, IdleDimension.quantity(of: piece), of: piece, clock)
            : price(.time, TimeDimension.quantity(of: piece), of: piece, clock)
        guard let tally = priced.tally else { return priced.place }
        switch piece.state {
        case .parking: lastParking = tally
        case .charging, .suspended: lastTime = tally
        case .reserved: lastReservation = tally
        }
        return priced.place
    }

    /// A tariff that took over steps its own part only, and charges its fee only if it says so (tariffs.md §5).
    private mutating func follow(_ instant: Int64) {
        while tariff < plan.changes.count, plan.changes[tariff] <= instant {
            tariff += 1
            (lastEnergy, lastTime, lastParking, lastReservation) = (nil, nil, nil, nil)
            // A tariff that took over before the session began is the session's first.
            let hasBegun = segments.last.map { $0.state != .reserved } ?? false
            if hasBegun { hasSessionFlat = !plan.flatRules[tariff].isChargedOnChange }
        }
    }

    /// What the clock shows; under a frozen start, what it showed at the start.
    private func clock(of piece: Piece) -> Clock {
        guard policy.freezesStart else { return Clock(piece.start, zone) }
        return Clock(piece.isReserved ? segments.first?.from.nanoseconds ?? piece.start : sessionStart, zone)
    }

    private func place(_ component: Int) -> Rated.Place {
        let found = plan.components[component]
        return Rated.Place(
            element: found.element, component: found.index, tariff: found.tariff == 0 ? nil : found.tariff)
    }

    /// Adds what a piece has of a dimension to the component that prices it: which one, if any does, and the tally of
    /// what is not free.
    private mutating func price(
        _ dimension: TariffDimension, _ quantity: Int128, of piece: Piece, _ clock: Clock
    )
        -> (place: Rated.Place?, tally: Int?)
    {
        guard let chosen = firstMatch(dimension, piece, clock) else {
            unmatched.insert(Dimensions(dimension))
            return (nil, nil)
        }
        if dimension == .parking, IdleDimension.isFree(piece, under: plan.components[chosen]) {
            return (nil, nil)
        }
        let price = unitPrice(of: chosen, at: piece.start)
        let rest = relieved(quantity, of: chosen, at: price, piece)
        guard rest > 0 else { return (place(chosen), nil) }
        return (place(chosen), tally(chosen, price, .none, rest, piece.start, piece.end))
    }

    /// The price in force; where a source is silent the component's own, with a note.
    private mutating func unitPrice(of component: Int, at instant: Int64) -> Int64 {
        guard plan.components[component].hasSource else { return plan.components[component].price }
        if let price = prices.price(of: component, at: policy.freezesStart ? sessionStart : instant) {
            return price
        }
        let found = plan.components[component]
        notes.note(
            .sourceUnknown, at: "/elements/\(found.element)/price_components/\(found.index)",
            "The schedule or index has no value for a part of the session; the price of the component applies."
        )
        return found.price
    }

    /// Reduces a quantity by what is free, then by allowances, earliest quantity first (stage 4).
    private mutating func relieved(_ quantity: Int128, of component: Int, at price: Int64, _ piece: Piece)
        -> Int128
    {
        var rest = quantity
        if !free.isEmpty, free[component] > 0 {
            let part = min(rest, free[component])
            free[component] -= part
            rest -= part
            _ = tally(component, 0, .free, part, piece.start, piece.end)
        }
        // An allowance is not spent on what costs nothing, nor on a reservation.
        guard !allowances.isEmpty, price > 0, !piece.isReserved else { return rest }
        for (number, counter) in offer.last.rules.counters.enumerated()
        where rest > 0 && allowances[number] > 0 {
            guard case .allowance(plan.components[component].dimension, _) = counter.rule else { continue }
            let part = min(rest, allowances[number])
            allowances[number] -= part
            rest -= part
            _ = tally(component, 0, .allowance(number), part, piece.start, piece.end)
        }
        return rest
    }

    /// D10: once for each phase, at the first piece at which any fee matches; under OCPP at the first or never.
    private mutating func addFlat(_ piece: Piece, _ clock: Clock) -> Rated.Place? {
        guard piece.isReserved ? !hasReservationFlat : !hasSessionFlat else { return nil }
        let chosen = firstMatch(.flat, piece, clock)
        let isDecided = chosen != nil || plan.flatRules[tariff].isAtStartOnly
        if piece.isReserved { hasReservationFlat = isDecided } else { hasSessionFlat = isDecided }
        guard let chosen else { return nil }
        let isLate = plan.changes.isEmpty && segments.contains { ($0.state == .reserved) == piece.isReserved }
        if isLate {
            notes.note(
                .flatLate, at: "/elements/\(plan.components[chosen].element)",
                "The fee began to apply only after the start.")
        }
        let price = unitPrice(of: chosen, at: piece.start)
        _ = tally(chosen, price, .none, FlatDimension.quantity, piece.start, piece.start)
        return place(chosen)
    }

    /// Adds to the tally of a component at a price, and says which that is. The last ones are looked at first.
    private mutating func tally(
        _ component: Int, _ price: Int64, _ relief: Relief, _ quantity: Int128, _ from: Int64, _ to: Int64
    ) -> Int {
        var index = tallies.count - 1
        while index >= 0 {
            if tallies[index].component == component, tallies[index].price == price,
                tallies[index].relief == relief
            {
                tallies[index].quantity += quantity
                tallies[index].to = to
                return index
            }
            index -= 1
        }
        tallies.append(
            Tally(component: component, price: price, relief: relief, quantity: quantity, from: from, to: to))
        return tallies.count - 1
    }

    /// D28: what no element matched is free. A dimension that the tariff never names is meant to be.
    mutating func noteWhatIsFree() {
        guard !unmatched.isEmpty else { return }
        let names = TariffDimension.allCases.filter { dimension in
            unmatched.contains(Dimensions(dimension))
                && plan.components.contains { $0.dimension == dimension }
        }
        guard !names.isEmpty else { return }
        notes.note(
            .unmatchedDimension, at: "/elements",
            "No element matched a part of \(names.map(\.rawValue).joined(separator: ", ")); it is free.")
    }
}

/// What a local clock shows at the start of a piece.
struct Clock {
    /// Local days since 1970-01-01.
    let day: Int64
    /// Second of the local day.
    let second: Int64
    /// 1 for Monday to 7 for Sunday.
    let weekday: Int

    /// For tariffs that never look at a clock.
    static let unread = Clock(day: 0, second: 0, weekday: 1)

    /// A reading of a clock.
    init(day: Int64, second: Int64, weekday: Int) {
        self.day = day
        self.second = second
        self.weekday = weekday
    }

    /// What the clock of a place shows at an instant.
    init(_ nanoseconds: Int64, _ zone: ZoneRules) {
        let (date, second) = zone.local(Instant(nanoseconds: nanoseconds))
        self.init(day: date.daysSinceEpoch, second: second, weekday: date.weekday)
    }
}

extension Selection {
    /// Looks once at what stays the same for the whole session.
    private mutating func lookAtContext() {
        contextHolds = Array(repeating: true, count: plan.conditions.count)
        for (number, conditions) in plan.contextConditions.sorted(by: { $0.key < $1.key }) {
            let answer = conditions.holds(in: context)
            contextHolds[number] = answer ?? false
            if answer == nil { noteMissing(.missingContext, number) }
        }
    }

    /// The first component in the order of elements whose conditions all hold.
    private mutating func firstMatch(_ dimension: TariffDimension, _ piece: Piece, _ clock: Clock) -> Int? {
        let candidates =
            piece.isReserved ? plan.reservationCandidates[dimension] : plan.sessionCandidates[dimension]
        for candidate in candidates where holds(plan.components[candidate].condition, piece, clock) {
            return candidate
        }
        return nil
    }

    private mutating func holds(_ number: Int, _ piece: Piece, _ clock: Clock) -> Bool {
        let asks = plan.conditions[number].asks
        guard !asks.isEmpty else { return true }
        // D12: an expired reservation matches both words, a used one only RESERVATION.
        if asks.contains(.expiry), !isExpired { return false }
        let conditions = plan.conditions[number]
        if asks.contains(.active),
            piece.start < conditions.activeFrom || piece.start >= conditions.activeUntil
        {
            return false
        }
        if asks.contains(.clock),
            !conditions.holds(on: clock.day, second: clock.second, weekday: clock.weekday)
        {
            return false
        }
        if asks.contains(.context), !contextHolds[number] { return false }
        guard asks.isDisjoint(with: .moving) || Self.holds(conditions, piece) else { return false }
        guard !asks.isDisjoint(with: [.samples, .occupancy]) else { return true }
        return holds(piece.power, conditions.power, .missingPower, number, piece.highestPower)
            && holds(piece.current, conditions.current, .missingCurrent, number, piece.highestCurrent)
            && holds(piece.stateOfCharge, conditions.stateOfCharge, .missingContext, number)
            && (conditions.occupancy.isOpen
                || holds(context.occupancy(at: piece.start), conditions.occupancy, .missingContext, number))
    }

    /// What grows while the session goes on.
    private static func holds(_ conditions: RatingPlan.Conditions, _ piece: Piece) -> Bool {
        piece.energyBefore >= conditions.minEnergy && piece.energyBefore < conditions.maxEnergy
            && piece.elapsed >= conditions.minDuration && piece.elapsed < conditions.maxDuration
            && piece.charging >= conditions.minCharging && piece.charging < conditions.maxCharging
            && piece.idle >= conditions.minIdle && piece.idle < conditions.maxIdle
    }

    /// D8: a band never matches a value that nobody measured. D9: the minimum looks at the lowest value of a piece, the
    /// maximum at the highest.
    private mutating func holds(
        _ value: Int64?, _ band: RatingPlan.Band, _ missing: Note.Code, _ number: Int, _ highest: Int64? = nil
    ) -> Bool {
        if band.isOpen { return true }
        guard let value else {
            noteMissing(missing, number)
            return false
        }
        guard let highest else { return band.contains(value) }
        return value >= band.minimum ?? .min && highest < band.maximum ?? .max
    }

    private mutating func noteMissing(_ code: Note.Code, _ number: Int) {
        guard noted[code, default: []].insert(number).inserted else { return }
        let element = plan.components.first { $0.condition == number }?.element ?? number
        notes.append(
            Note(
                code, at: "/elements/\(element)/restrictions",
                "The value is not known, so the element does not match."))
    }
}

extension RatingContext {
    /// What an allowance still holds, in fine units; 0 for anything else.
    fileprivate func allowance(_ counter: TariffRules.Counter) -> Int128 {
        guard case .allowance(let dimension, let quantity) = counter.rule else { return 0 }
        var left = Int128(quantity) * (dimension.stepUnit ?? 1)
        if case .used(let used) = balances[counter.id], used.unit == dimension.unit { left -= used.fineUnits }
        return max(0, left)
    }

    /// How full the site was at an instant, in ten-thousandths of a percent; nil before the first share.
    fileprivate func occupancy(at instant: Int64) -> Int64? {
        var low = 0
        var high = occupancy.count
        while low < high {
            let middle = (low + high) / 2
            if occupancy[middle].from.nanoseconds <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : occupancy[low - 1].share.tenThousandths
    }
}
