// SPDX-License-Identifier: Apache-2.0
import JSONText

/// Samples taken at one time (1.6 §7.33, P2 MeterValueType).
public struct MeterValue: Hashable, Sendable {
    /// When, by the station's clock; nil if it did not say or said nonsense.
    public let timestamp: Timestamp?
    /// What was sampled; unusable samples are left out, with a finding each (C54).
    public let samples: [Sample]
}

/// One sampled value, its defaults filled in (C53).
public struct Sample: Hashable, Sendable {
    /// The number as decimal text; nil if the sample is signed data alone.
    public let digits: String?
    /// Why it was taken, `Sample.Periodic` by default.
    public let context: String
    /// What was measured, `Energy.Active.Import.Register` by default.
    public let measurand: String
    /// Phase, nil for the total.
    public let phase: String?
    /// Where it was measured, `Outlet` by default.
    public let location: String
    /// Unit as told, or the measurand's own.
    public let unit: String
    /// Power of ten on the value (2.x unitOfMeasure.multiplier), -24 to 24.
    public let multiplier: Int
    /// The signed record, byte by byte as text.
    public let signed: SignedSample?

    /// Energy in milliwatt-hours, digits below cut; nil if this is no energy or does not fit.
    public var milliwattHours: Int64? { value(["Wh": 0, "kWh": 3, "MWh": 6], scale: 3) }
    /// Power in milliwatts; nil if this is no power.
    public var milliwatts: Int64? { value(["W": 0, "kW": 3, "MW": 6], scale: 3) }
    /// Current in microamperes; nil if this is no current.
    public var microamperes: Int64? { value(["A": 0, "mA": -3], scale: 6) }
    /// Percent in millionths; nil if this is no percentage.
    public var millionthsOfPercent: Int64? { value(["Percent": 0, "%": 0], scale: 6) }

    /// Whether the value has digits below a milliwatt-hour.
    var losesEnergyDigits: Bool {
        guard let digits, let power = Self.powers[unit] else { return false }
        let result = DecimalDigits.fixedPointTowardZero(digits, scale: 3 + power + multiplier)
        return result?.isExact == false
    }

    private static let powers: [String: Int] = ["Wh": 0, "kWh": 3, "MWh": 6]

    /// The value in units of 10^-scale of a base unit, given the power of ten of each unit.
    private func value(_ units: [String: Int], scale: Int) -> Int64? {
        guard let digits, let power = units[unit],
            let result = DecimalDigits.fixedPointTowardZero(digits, scale: scale + power + multiplier)
        else { return nil }
        return result.value.magnitude <= Self.largest ? Int64(exactly: result.value) : nil
    }

    /// No meter shows more: 10^12 Wh in milliwatt-hours, a hundred times the largest register there is.
    static let largest: UInt128 = 1_000_000_000_000_000
}

/// A signed meter record, kept as it came (C63).
public struct SignedSample: Hashable, Sendable {
    /// The record, base64 or plain as the station wrote it.
    public let record: String
    /// How it was signed, if told.
    public let signingMethod: String?
    /// How it is encoded, if told, e.g. `OCMF`.
    public let encodingMethod: String?
    /// The key that came with it, if any; it proves nothing unless registered.
    public let publicKey: String?
}
