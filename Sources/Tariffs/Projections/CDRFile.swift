// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// A received CDR (OCPI 2.2.1 and 2.3.0, mod_cdrs), as far as its price can be verified.
public struct CDRFile: Hashable, Sendable {
    /// A charging period: what was measured from its start to the start of the next.
    public struct Period: Hashable, Sendable {
        /// First instant.
        public var start: Instant
        /// The tariff that it names.
        public var tariffID: String?
        /// Energy, negative for a meter that fell.
        public var energy: Energy
        /// Volume of TIME in ten-thousandths of an hour; nil if there is none.
        public var time: Int64?
        /// Volume of PARKING_TIME in ten-thousandths of an hour; nil if there is none.
        public var parking: Int64?
        /// Whether there is a volume of RESERVATION_TIME.
        public var isReserved = false
        /// The lowest and the highest power.
        public var power: (lowest: Power?, highest: Power?) { (lowestPower, highestPower) }
        /// The lowest and the highest current.
        public var current: (lowest: Current?, highest: Current?) { (lowestCurrent, highestCurrent) }

        var lowestPower: Power?
        var highestPower: Power?
        var lowestCurrent: Current?
        var highestCurrent: Current?
        /// Index in the file, for paths.
        let index: Int
    }

    /// One of the totals that a CDR may report.
    public enum Total: String, Hashable, Sendable, CaseIterable {
        /// What the session costs.
        case cost = "total_cost"
        /// Fees.
        case fixedCost = "total_fixed_cost"
        /// Energy in kWh.
        case energy = "total_energy"
        /// What the energy costs.
        case energyCost = "total_energy_cost"
        /// Hours of the whole session with parking.
        case time = "total_time"
        /// What charging time costs.
        case timeCost = "total_time_cost"
        /// Hours of parking.
        case parkingTime = "total_parking_time"
        /// What parking costs.
        case parkingCost = "total_parking_cost"
        /// What the reservation costs.
        case reservationCost = "total_reservation_cost"

        /// Whether it is a quantity and not an amount.
        var isQuantity: Bool { self == .energy || self == .time || self == .parkingTime }
    }

    /// What a CDR says about one total. Amounts and quantities in billionths.
    public struct Reported: Hashable, Sendable {
        /// The name of the field of the net amount, or of the quantity.
        var netField: String
        /// Net amount or quantity.
        var net: Int64?
        /// The name of the field of the gross amount.
        var grossField: String
        /// Gross amount.
        var gross: Int64?
    }

    /// Its name.
    public let id: String
    /// What all amounts are in.
    public let currency: Currency
    /// Start of the session.
    public let start: Instant
    /// End of the session.
    public let end: Instant
    /// Whether it takes another CDR back (D33).
    public let isCredit: Bool
    /// The tariffs inside it, in order.
    public let tariffs: [Tariff]
    /// In order of time.
    public let periods: [Period]
    /// What it reports.
    public let reported: [Total: Reported]
    /// What was unusual about the file.
    public let notes: [Note]

    /// What was measured, as the rater reads it: each period from its start to the next, by timestamps (D29).
    ///
    /// In a period with time and parking the elapsed time is shared in proportion to the volumes, charging first.
    func usage() -> (usage: Usage, periodOfInterval: [Int]) {
        var intervals: [Usage.Interval] = []
        var places: [Int] = []
        for (number, period) in periods.enumerated() {
            let next = number + 1 < periods.count ? periods[number + 1].start : max(end, period.start)
            for interval in period.intervals(until: next) {
                intervals.append(interval)
                places.append(period.index)
            }
        }
        return (Usage(intervals: intervals), places)
    }
}

extension CDRFile.Period {
    /// One interval, or two if the vehicle charged and then parked.
    fileprivate func intervals(until end: Instant) -> [Usage.Interval] {
        if isReserved { return [interval(from: start, to: end, .reserved, energy: energy)] }
        let (charged, parked) = (time ?? 0, parking ?? 0)
        guard parked > 0 else { return [interval(from: start, to: end, .charging, energy: energy)] }
        guard charged > 0 else { return [interval(from: start, to: end, .parking, energy: energy)] }
        let elapsed = Int128((end - start).nanoseconds)
        let share = divide(elapsed * Int128(charged), by: Int128(charged) + Int128(parked), rounding: .down)
        let middle = start + Elapsed(nanoseconds: Int64(share))
        return [
            interval(from: start, to: middle, .charging, energy: energy),
            interval(from: middle, to: end, .parking, energy: .zero),
        ]
    }

    private func interval(from: Instant, to: Instant, _ state: Usage.State, energy: Energy) -> Usage.Interval
    {
        // D9: one of the two bounds serves for both where the other is missing.
        var interval = Usage.Interval(
            from: from, to: to, state, energy: energy, power: lowestPower ?? highestPower,
            current: lowestCurrent ?? highestCurrent)
        interval.highestPower = highestPower
        interval.highestCurrent = highestCurrent
        return interval
    }
}
