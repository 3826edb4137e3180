// SPDX-License-Identifier: Apache-2.0
import JSONText

extension V21 {
    /// What a station itself makes of the cost of a session (P2 §2 CostDetailsType, I12). Compared with our bill; ours
    /// is charged. Amounts and volumes are decimal texts.
    public struct CostDetails: Hashable, Sendable {
        /// ISO 4217.
        public let currency: String?
        /// `NormalCost`, `MinCost` or `MaxCost`.
        public let kind: String?
        /// The parts by name: `fixed`, `energy`, `chargingTime`, `idleTime`, `reservationTime`, `reservationFixed`.
        public let parts: [String: Price]
        /// The total without taxes.
        public let totalExclusive: String?
        /// The total with taxes.
        public let totalInclusive: String?
        /// Wh.
        public let energy: String?
        /// Seconds.
        public let chargingTime: Int64?
        /// Seconds.
        public let idleTime: Int64?
        /// What was counted when.
        public let periods: [ChargingPeriod]
        /// The station could not do it: then the central cost is the only one (I12.FR.35).
        public let hasFailed: Bool
        /// Why, in its words.
        public let failureReason: String?
    }

    /// A stretch under one price (P2 §2 ChargingPeriodType).
    public struct ChargingPeriod: Hashable, Sendable {
        public let tariffID: String?
        public let start: Timestamp?
        /// What was counted: `Energy`, `ChargingTime`, … and its volume.
        public let dimensions: [String: String]
    }
}

extension PayloadReader {
    /// The cost by the station's reckoning.
    mutating func costDetails(_ key: String, _ fields: inout Fields) -> V21.CostDetails? {
        guard var details = object(key, &fields) else { return nil }
        let cost = totalCost(&details)
        let usage = totalUsage(&details)
        let periods = objects("chargingPeriods", &details).map { chargingPeriod($0) }
        let hasFailed = bool("failureToCalculate", &details) ?? false
        let failureReason = text("failureReason", &details, limit: 500)
        finish(details)
        return V21.CostDetails(
            currency: cost.currency, kind: cost.kind, parts: cost.parts, totalExclusive: cost.exclusive,
            totalInclusive: cost.inclusive, energy: usage.energy, chargingTime: usage.charging,
            idleTime: usage.idle, periods: periods, hasFailed: hasFailed, failureReason: failureReason)
    }

    private struct TotalCost {
        var currency: String?
        var kind: String?
        var parts: [String: V21.Price] = [:]
        var exclusive: String?
        var inclusive: String?
    }

    private mutating func totalCost(_ details: inout Fields) -> TotalCost {
        guard var cost = object("totalCost", &details, .required) else { return TotalCost() }
        var read = TotalCost()
        read.currency = text("currency", &cost, .required, limit: 3)
        read.kind = word("typeOfCost", &cost, .required, among: ["NormalCost", "MinCost", "MaxCost"])
        for part in ["fixed", "energy", "chargingTime", "idleTime", "reservationTime", "reservationFixed"] {
            read.parts[part] = price(part, &cost)
        }
        let total = price("total", &cost, .required)
        (read.exclusive, read.inclusive) = (total?.exclusive, total?.inclusive)
        finish(cost)
        return read
    }

    private mutating func totalUsage(_ details: inout Fields) -> (
        energy: String?, charging: Int64?, idle: Int64?
    ) {
        guard var usage = object("totalUsage", &details, .required) else { return (nil, nil, nil) }
        let read = (
            number("energy", &usage, .required), integer("chargingTime", &usage, .required),
            integer("idleTime", &usage, .required)
        )
        _ = integer("reservationTime", &usage)
        finish(usage)
        return read
    }

    private mutating func chargingPeriod(_ fields: Fields) -> V21.ChargingPeriod {
        var period = fields
        var dimensions: [String: String] = [:]
        // `IdleTIme` is how the schema spells it.
        let kinds = [
            "Energy", "MaxCurrent", "MinCurrent", "MaxPower", "MinPower", "IdleTIme", "ChargingTime",
        ]
        for var dimension in objects("dimensions", &period) {
            let kind = word("type", &dimension, .required, among: kinds)
            let volume = number("volume", &dimension, .required)
            if let kind, let volume { dimensions[kind] = volume }
            finish(dimension)
        }
        let tariff = text("tariffId", &period, limit: 60)
        let start = timestamp("startPeriod", &period, .required)
        finish(period)
        return V21.ChargingPeriod(tariffID: tariff, start: start, dimensions: dimensions)
    }
}
