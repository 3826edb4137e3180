// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Time in which the car charges or the station withholds power, and reserved time; per hour, stepped in
/// seconds.
enum TimeDimension {
    /// A step of one, in fine units: 1 s in nanoseconds.
    static let stepUnit: Int128 = 1_000_000_000
    /// Totals are rounded to 1 µs before they are stepped.
    static let dust: Int128 = 1000

    /// What is priced of a piece: its length, unless the vehicle asks for no power (D13, S counts as TIME).
    static func quantity(of piece: Piece) -> Int128 { piece.state == .parking ? 0 : piece.duration }
}
