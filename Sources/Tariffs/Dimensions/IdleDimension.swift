// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Time in which the vehicle asks for no power: `PARKING_TIME` in OCPI, `idle` in the API; per hour, stepped
/// in seconds.
enum IdleDimension {
    /// A step of one, in fine units: 1 s in nanoseconds.
    static let stepUnit = TimeDimension.stepUnit
    /// Totals are rounded to 1 µs before they are stepped.
    static let dust = TimeDimension.dust

    /// What is priced of a piece: its length while parking.
    static func quantity(of piece: Piece) -> Int128 { piece.state == .parking ? piece.duration : 0 }

    /// Whether a component still gives the time of a piece for free, because the vehicle stopped only just
    /// now.
    static func isFree(_ piece: Piece, under component: RatingPlan.Component) -> Bool {
        piece.idle < component.grace
    }
}
