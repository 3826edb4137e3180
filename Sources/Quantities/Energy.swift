// SPDX-License-Identifier: Apache-2.0

/// An amount of electrical energy, or a meter's register: a whole number of milliwatt-hours.
///
/// A meter's watt-hours times 1,000; the finest step that any supported meter reports. Traps on overflow.
public struct Energy: Hashable, Sendable, Comparable {
    /// Milliwatt-hours; 1 kWh is 1,000,000.
    public let milliwattHours: Int64

    /// So many milliwatt-hours.
    public init(milliwattHours: Int64) { self.milliwattHours = milliwattHours }
    /// So many whole watt-hours.
    public init(wattHours: Int64) { milliwattHours = wattHours * 1000 }
    /// So many whole kilowatt-hours.
    public init(kilowattHours: Int64) { milliwattHours = kilowattHours * 1_000_000 }

    /// No energy.
    public static let zero = Energy(milliwattHours: 0)

    /// Whole watt-hours, rounded half up once; what the API calls `energy_wh`.
    public var wattHours: Int64 { Int64(divide(Int128(milliwattHours), by: 1000, rounding: .halfUp)) }

    /// Kilowatt-hours with three decimals, e.g. `37.490`: the step of receipts and pages, rounded half up once.
    public var kilowattHoursText: String {
        let watts = wattHours
        let digits = String(watts.magnitude)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return (watts < 0 ? "-" : "") + padded.dropLast(3) + "." + padded.suffix(3)
    }

    /// Compares amounts.
    public static func < (left: Energy, right: Energy) -> Bool { left.milliwattHours < right.milliwattHours }
    /// The sum.
    public static func + (left: Energy, right: Energy) -> Energy {
        Energy(milliwattHours: left.milliwattHours + right.milliwattHours)
    }
    /// The difference; a session's energy is its end register minus its start register.
    public static func - (left: Energy, right: Energy) -> Energy {
        Energy(milliwattHours: left.milliwattHours - right.milliwattHours)
    }
    /// Adds in place.
    public static func += (left: inout Energy, right: Energy) { left = left + right }
}

extension Energy: CustomStringConvertible {
    /// Kilowatt-hours with their unit, e.g. `37.490 kWh`.
    public var description: String { "\(kilowattHoursText) kWh" }
}

extension Energy: Codable {
    /// Reads milliwatt-hours.
    public init(from decoder: any Decoder) throws {
        milliwattHours = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes milliwatt-hours.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliwattHours)
    }
}
