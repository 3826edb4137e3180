// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Which component prices what, and how much of it (stages 3 to 5 of tariffs.md §4).
struct Selection {
    /// What one component has priced so far.
    struct Tally {
        /// Fine units, without the surplus of a step.
        var quantity: Int128 = 0
        /// Fine units billed to fill the step; may be a negative speck of dust.
        var surplus: Int128 = 0
        /// Nanoseconds since the epoch; the whole stretch from the first to the last segment.
        var from: Int64 = 0
        /// End of the last segment.
        var to: Int64 = 0
        /// Whether it has priced anything; with a price of 0 too (D16).
        var isUsed = false
    }

    /// What was promised.
    let plan: RatingPlan
    /// The clocks of the place.
    let zone: ZoneRules
    /// A reservation that no session followed.
    let isExpired: Bool
    /// One for each component of the plan.
    var tallies: [Tally]
    /// The timeline as it was priced.
    var segments: [Rated.Segment] = []
    /// What a person should know.
    var notes: [Note] = []
    /// The component that priced the last segment of a dimension; it steps the total.
    var lastEnergy: Int?
    /// The same for time.
    var lastTime: Int?
    /// The same for parking.
    var lastParking: Int?
    /// The same for reserved time.
    var lastReservation: Int?
    private var hasSessionFlat = false
    private var hasReservationFlat = false
    /// Elements whose missing power or current is noted already.
    private var notedElements: [Note.Code: Set<Int>] = [:]
    /// Dimensions of which some quantity matched no element.
    private var unmatched: Set<TariffDimension> = []

    /// Nothing selected yet.
    init(plan: RatingPlan, zone: ZoneRules, isExpired: Bool) {
        self.plan = plan
        self.zone = zone
        self.isExpired = isExpired
        tallies = Array(repeating: Tally(), count: plan.components.count)
    }

    /// Prices one piece: each dimension chooses its own element (D1).
    mutating func add(_ piece: Piece) {
        let clock = plan.readsLocalTime ? Clock(piece.start, zone) : Clock.unread
        var segment = Rated.Segment(
            from: Instant(nanoseconds: piece.start), to: Instant(nanoseconds: piece.end), state: piece.state,
            energy: Measured(piece.energy, .kilowattHour))
        segment.flatPrice = addFlat(piece, clock)
        if let chosen = price(.energy, of: piece, clock) {
            lastEnergy = chosen
            segment.energyPrice = place(chosen)
        }
        if piece.state == .parking {
            if let chosen = price(.parking, of: piece, clock) {
                lastParking = chosen
                segment.timePrice = place(chosen)
            }
        } else if let chosen = price(.time, of: piece, clock) {
            if piece.isReserved { lastReservation = chosen } else { lastTime = chosen }
            segment.timePrice = place(chosen)
        }
        segments.append(segment)
    }

    private func place(_ component: Int) -> Rated.Place {
        Rated.Place(element: plan.components[component].element, component: plan.components[component].index)
    }

    /// Adds what a piece has of a dimension to the component that prices it; nil if there is nothing or it is
    /// free.
    private mutating func price(_ dimension: TariffDimension, of piece: Piece, _ clock: Clock) -> Int? {
        let quantity = dimension.quantity(of: piece)
        guard quantity > 0 else {
            if dimension == .energy, piece.energy > 0 { unmatched.insert(.energy) }
            return nil
        }
        guard let chosen = firstMatch(dimension, piece, clock) else {
            unmatched.insert(dimension)
            return nil
        }
        if dimension == .parking, IdleDimension.isFree(piece, under: plan.components[chosen]) { return nil }
        tally(chosen, quantity, piece)
        return chosen
    }

    /// D10: once for each phase, at the first piece at which any fee matches.
    private mutating func addFlat(_ piece: Piece, _ clock: Clock) -> Rated.Place? {
        guard piece.isReserved ? !hasReservationFlat : !hasSessionFlat else { return nil }
        guard let chosen = firstMatch(.flat, piece, clock) else { return nil }
        if piece.isReserved { hasReservationFlat = true } else { hasSessionFlat = true }
        let isLate = segments.contains { ($0.state == .reserved) == piece.isReserved }
        if isLate {
            notes.note(
                .flatLate, at: "/elements/\(plan.components[chosen].element)",
                "The fee began to apply only after the start.")
        }
        tallies[chosen] = Tally(
            quantity: FlatDimension.quantity, from: piece.start, to: piece.start, isUsed: true)
        return place(chosen)
    }

    private mutating func tally(_ component: Int, _ quantity: Int128, _ piece: Piece) {
        if !tallies[component].isUsed {
            tallies[component].isUsed = true
            tallies[component].from = piece.start
        }
        tallies[component].quantity += quantity
        tallies[component].to = piece.end
    }

    /// D28: what no element matched is free. A dimension that the tariff never names is meant to be.
    mutating func noteWhatIsFree() {
        let names = TariffDimension.allCases.filter { dimension in
            unmatched.contains(dimension) && plan.components.contains { $0.dimension == dimension }
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
    /// The first component in the order of elements whose conditions all hold.
    private mutating func firstMatch(_ dimension: TariffDimension, _ piece: Piece, _ clock: Clock) -> Int? {
        let candidates = piece.isReserved ? plan.reservationCandidates : plan.sessionCandidates
        for candidate in candidates[dimension] where holds(plan.components[candidate].element, piece, clock) {
            return candidate
        }
        return nil
    }

    private mutating func holds(_ element: Int, _ piece: Piece, _ clock: Clock) -> Bool {
        let conditions = plan.conditions[element]
        // D12: an expired reservation matches both words, a used one only RESERVATION.
        if conditions.reservation == .expired, !isExpired { return false }
        if conditions.readsLocalTime,
            !conditions.holds(on: clock.day, second: clock.second, weekday: clock.weekday)
        {
            return false
        }
        guard piece.energyBefore >= conditions.minEnergy, piece.energyBefore < conditions.maxEnergy,
            piece.elapsed >= conditions.minDuration, piece.elapsed < conditions.maxDuration
        else { return false }
        return holds(piece.power, conditions.minPower, conditions.maxPower, .missingPower, element)
            && holds(piece.current, conditions.minCurrent, conditions.maxCurrent, .missingCurrent, element)
    }

    /// D8: a band never matches a value that nobody measured.
    private mutating func holds(
        _ value: Int64?, _ minimum: Int64?, _ maximum: Int64?, _ missing: Note.Code, _ element: Int
    ) -> Bool {
        if minimum == nil, maximum == nil { return true }
        guard let value else {
            if notedElements[missing, default: []].insert(element).inserted {
                notes.append(
                    Note(
                        missing, at: "/elements/\(element)/restrictions",
                        "The value is not known, so the element does not match."))
            }
            return false
        }
        return value >= minimum ?? .min && value < maximum ?? .max
    }
}
