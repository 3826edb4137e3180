// SPDX-License-Identifier: Apache-2.0

import Quantities

extension RatingPlan {
    /// When an element applies; a bound that is absent is the end of its type's range.
    struct Conditions: Sendable {
        /// What has to be looked at; an element that asks nothing always matches.
        struct Asks: OptionSet {
            let rawValue: UInt16
            /// Time of day, date or weekday.
            static let clock = Asks(rawValue: 1)
            /// Energy of the session.
            static let energy = Asks(rawValue: 2)
            /// Time since the start of the session.
            static let duration = Asks(rawValue: 4)
            /// Time of charging, or of idling.
            static let separateClocks = Asks(rawValue: 8)
            /// Power, current or the battery's charge.
            static let samples = Asks(rawValue: 16)
            /// How full the site is.
            static let occupancy = Asks(rawValue: 32)
            /// Driver, vehicle, EVSE.
            static let context = Asks(rawValue: 64)
            /// Whether its tariff is in force.
            static let active = Asks(rawValue: 128)
            /// Whether the reservation expired.
            static let expiry = Asks(rawValue: 256)

            /// What a value changes that grows while the session goes on.
            static let moving: Asks = [.energy, .duration, .separateClocks]
        }

        /// What has to be looked at.
        var asks: Asks = []
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
        /// Nanoseconds since the epoch from which the tariff is in force.
        var activeFrom = Int64.min
        /// Exclusive.
        var activeUntil = Int64.max
        /// 10^-12 kWh.
        var minEnergy = Int128.min
        /// 10^-12 kWh, exclusive.
        var maxEnergy = Int128.max
        /// Nanoseconds after the start of the session.
        var minDuration = Int64.min
        /// Nanoseconds, exclusive.
        var maxDuration = Int64.max
        /// Nanoseconds of charging.
        var minCharging = Int64.min
        /// Nanoseconds, exclusive.
        var maxCharging = Int64.max
        /// Nanoseconds of idling without a break.
        var minIdle = Int64.min
        /// Nanoseconds, exclusive.
        var maxIdle = Int64.max
        /// Milliwatts.
        var power = Band()
        /// Microamperes.
        var current = Band()
        /// Ten-thousandths of a percent.
        var stateOfCharge = Band()
        /// Ten-thousandths of a percent.
        var occupancy = Band()
    }

    /// A range of measured values, which may not be known.
    struct Band: Sendable {
        /// The first value that belongs to it.
        var minimum: Int64?
        /// The first value beyond it.
        var maximum: Int64?

        /// A range; none at all takes even what is not known.
        init(_ minimum: Int64? = nil, _ maximum: Int64? = nil) {
            self.minimum = minimum
            self.maximum = maximum
        }

        /// Whether every value belongs to it, known or not.
        var isOpen: Bool { minimum == nil && maximum == nil }

        /// Whether a value belongs to it.
        func contains(_ value: Int64) -> Bool { value >= minimum ?? .min && value < maximum ?? .max }

        /// The same bounds for a flow that OCPP may give a sign: of a negative flow the minimum is the bound
        /// nearest to zero and belongs to it, the maximum is the one farthest from zero and does not (D32).
        var signed: Band {
            guard (minimum ?? 0) < 0 || (maximum ?? 0) < 0 else { return self }
            return Band(maximum.map { $0 + 1 }, (minimum ?? 0) + 1)
        }
    }
}

extension RatingPlan.Conditions {
    /// Compiles a restriction; none at all always holds in the session.
    init(_ restriction: Restriction?, _ ruleSet: TariffRules.RuleSet) {
        self.init()
        guard let restriction else { return }
        setClock(restriction)
        setMovingBounds(restriction)
        power = Self.band(restriction.minPower?.milliwatts, restriction.maxPower?.milliwatts, ruleSet)
        current = Self.band(
            restriction.minCurrent?.microamperes, restriction.maxCurrent?.microamperes, ruleSet)
        stateOfCharge = RatingPlan.Band(
            restriction.minStateOfCharge?.tenThousandths, restriction.maxStateOfCharge?.tenThousandths)
        occupancy = RatingPlan.Band(
            restriction.minOccupancy?.tenThousandths, restriction.maxOccupancy?.tenThousandths)
        if !power.isOpen || !current.isOpen || !stateOfCharge.isOpen { asks.insert(.samples) }
        if !occupancy.isOpen { asks.insert(.occupancy) }
        if restriction.readsContext { asks.insert(.context) }
        if restriction.reservation == .expired { asks.insert(.expiry) }
    }

    private static func band(_ minimum: Int64?, _ maximum: Int64?, _ ruleSet: TariffRules.RuleSet)
        -> RatingPlan.Band
    {
        let band = RatingPlan.Band(minimum, maximum)
        return ruleSet == .ocpp ? band.signed : band
    }

    private mutating func setClock(_ restriction: Restriction) {
        guard restriction.readsLocalTime else { return }
        asks.insert(.clock)
        if let days = restriction.weekdays {
            weekdays = days.reduce(0) { $0 | 1 << UInt8($1.isoNumber) }
        }
        startDay = restriction.startDate?.daysSinceEpoch ?? .min
        endDay = restriction.endDate?.daysSinceEpoch ?? .max
        // D5: equal bounds are the whole day. D6: a missing bound is midnight, and 00:00 ends the day.
        let (start, end) = (restriction.startTime, restriction.endTime)
        guard start != end else { return }
        startSecond = Int64(start?.minuteOfDay ?? 0) * 60
        endSecond = Int64(end?.minuteOfDay ?? 0) * 60
        if endSecond == 0 { endSecond = 86_400 }
    }

    private mutating func setMovingBounds(_ restriction: Restriction) {
        minEnergy = restriction.minEnergy.map { Int128($0.milliwattHours) * 1_000_000 } ?? .min
        maxEnergy = restriction.maxEnergy.map { Int128($0.milliwattHours) * 1_000_000 } ?? .max
        if restriction.minEnergy != nil || restriction.maxEnergy != nil { asks.insert(.energy) }
        minDuration = restriction.minDurationSeconds.map(Self.nanoseconds) ?? .min
        maxDuration = restriction.maxDurationSeconds.map(Self.nanoseconds) ?? .max
        if restriction.minDurationSeconds != nil || restriction.maxDurationSeconds != nil {
            asks.insert(.duration)
        }
        minCharging = restriction.minChargingSeconds.map(Self.nanoseconds) ?? .min
        maxCharging = restriction.maxChargingSeconds.map(Self.nanoseconds) ?? .max
        minIdle = restriction.minIdleSeconds.map(Self.nanoseconds) ?? .min
        maxIdle = restriction.maxIdleSeconds.map(Self.nanoseconds) ?? .max
        let bounds = [
            restriction.minChargingSeconds, restriction.maxChargingSeconds, restriction.minIdleSeconds,
            restriction.maxIdleSeconds,
        ]
        if bounds.contains(where: { $0 != nil }) { asks.insert(.separateClocks) }
    }

    /// Within `TariffLimits` it fits.
    private static func nanoseconds(_ seconds: Int64) -> Int64 { seconds * 1_000_000_000 }

    /// Whether the conditions of clock and calendar hold (D7: each for itself, on the local day of the
    /// instant).
    func holds(on day: Int64, second: Int64, weekday: Int) -> Bool {
        guard day >= startDay, day < endDay, weekdays & (1 << UInt8(weekday)) != 0 else { return false }
        return startSecond < endSecond
            ? second >= startSecond && second < endSecond
            : second >= startSecond || second < endSecond
    }
}

extension Restriction {
    /// Whether the conditions on driver, vehicle and EVSE hold; nil if one of them is not known and none is broken.
    func holds(in facts: RatingContext) -> Bool? {
        var answers: [Bool?] = []
        if let channels = paymentChannels {
            answers.append(facts.paymentChannel.map { channels.contains($0) })
        }
        if let brands = paymentBrands {
            answers.append(facts.paymentBrand.map { brands.contains($0) })
        }
        if let funding = cardFunding { answers.append(facts.cardFunding.map { $0 == funding }) }
        if let kind = evseKind { answers.append(facts.evseKind.map { $0 == kind }) }
        let band = RatingPlan.Band(minVehiclePower?.milliwatts, maxVehiclePower?.milliwatts)
        if !band.isOpen { answers.append(facts.vehicleMaxPower.map { band.contains($0.milliwatts) }) }
        if answers.contains(false) { return false }
        return answers.contains(nil) ? nil : true
    }
}
