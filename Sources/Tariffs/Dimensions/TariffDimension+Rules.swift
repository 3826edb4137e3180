// SPDX-License-Identifier: Apache-2.0

/// What the rater asks about a dimension; the answers are in one file per dimension beside this one.
extension TariffDimension {
    /// What its quantities are counted in.
    var unit: Measured.Unit {
        switch self {
        case .energy: .kilowattHour
        case .time, .parking: .hour
        case .flat: .once
        }
    }

    /// A step of one in fine units; nil if there are no steps.
    var stepUnit: Int128? {
        switch self {
        case .energy: EnergyDimension.stepUnit
        case .time: TimeDimension.stepUnit
        case .parking: IdleDimension.stepUnit
        case .flat: nil
        }
    }

    /// To what totals are rounded before a step, in fine units.
    var dust: Int128 {
        switch self {
        case .energy: EnergyDimension.dust
        case .time: TimeDimension.dust
        case .parking: IdleDimension.dust
        case .flat: 1
        }
    }

    /// On which line the cost goes. Under a reservation only time and the fee have a meaning of their own.
    func lineKind(reserved: Bool) -> LineKind {
        switch self {
        case .energy: .energy
        case .time: reserved ? .reservation : .time
        case .parking: .parking
        case .flat: reserved ? .reservationFlat : .flat
        }
    }
}
