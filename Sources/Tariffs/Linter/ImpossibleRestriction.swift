// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `impossible_restriction`: conditions that can never hold together.
    static let impossibleRestriction = LintRule { element, path in
        guard let restriction = element.restriction else { return [] }
        return restriction.impossiblePairs.map { key in
            Finding(
                "impossible_restriction", .error, at: "\(path)/restrictions/\(key)",
                "No session can ever meet this condition.")
        }
    }
}

extension Restriction {
    /// Names of the upper bounds at or below their lower bounds, and of an empty list of weekdays.
    fileprivate var impossiblePairs: [String] {
        func isEmpty<Value: Comparable>(_ low: Value?, _ high: Value?) -> Bool {
            guard let low, let high else { return false }
            return low >= high
        }
        let pairs = [
            ("max_kwh", isEmpty(minEnergy, maxEnergy)), ("max_current", isEmpty(minCurrent, maxCurrent)),
            ("max_power", isEmpty(minPower, maxPower)),
            ("max_duration", isEmpty(minDurationSeconds, maxDurationSeconds) || maxDurationSeconds == 0),
            ("max_soc", isEmpty(minStateOfCharge, maxStateOfCharge)),
            ("max_site_occupancy", isEmpty(minOccupancy, maxOccupancy)),
            ("max_vehicle_power", isEmpty(minVehiclePower, maxVehiclePower)),
            ("max_charging_duration", isEmpty(minChargingSeconds, maxChargingSeconds)),
            ("max_idle_duration", isEmpty(minIdleSeconds, maxIdleSeconds)),
            ("end_date", isEmpty(startDate, endDate)), ("day_of_week", weekdays?.isEmpty == true),
        ]
        return pairs.filter(\.1).map(\.0)
    }
}
