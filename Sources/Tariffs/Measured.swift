// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// A quantity that is billed, in the fine whole units in which the rater counts it.
public struct Measured: Hashable, Sendable {
    /// What is counted.
    public enum Unit: String, Hashable, Sendable, Codable {
        /// Energy, counted in 10^-12 kWh.
        case kilowattHour = "kWh"
        /// Time, counted in nanoseconds.
        case hour = "h"
        /// Times that a fee applies.
        case once = "1"

        /// How many fine units make one unit.
        var fineUnits: Int128 {
            switch self {
            case .kilowattHour: 1_000_000_000_000
            case .hour: 3_600_000_000_000
            case .once: 1
            }
        }
    }

    /// What is counted.
    public let unit: Unit
    /// How many fine units: 10^-12 kWh, nanoseconds or times.
    public let fineUnits: Int128

    /// So many fine units.
    public init(_ fineUnits: Int128, _ unit: Unit) {
        self.fineUnits = fineUnits
        self.unit = unit
    }

    /// The exact number of kWh, hours or times.
    public var exact: Exact { Exact(fineUnits, over: unit.fineUnits) }
    /// The number of kWh, hours or times as a decimal text; hours that do not end with 12 fraction digits.
    public var decimal: String { exact.decimal }

    /// Whole milliwatt-hours, rounded half up once; nil for anything but energy.
    public var energy: Energy? {
        guard unit == .kilowattHour else { return nil }
        return Energy(milliwattHours: Int64(divide(fineUnits, by: 1_000_000, rounding: .halfUp)))
    }

    /// The length of time; nil for anything but hours.
    public var duration: Elapsed? {
        guard unit == .hour else { return nil }
        return Elapsed(nanoseconds: Int64(fineUnits))
    }
}

extension Measured: Codable {
    private enum CodingKeys: String, CodingKey { case unit, fineUnits = "fine_units" }

    /// Reads unit and fine units as text, for they may outgrow 64 bits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try container.decode(String.self, forKey: .fineUnits)
        guard let fineUnits = Int128(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: .fineUnits, in: container, debugDescription: "\(text) is no whole number")
        }
        self.init(fineUnits, try container.decode(Unit.self, forKey: .unit))
    }

    /// Writes unit and fine units as text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(unit, forKey: .unit)
        try container.encode(String(fineUnits), forKey: .fineUnits)
    }
}
