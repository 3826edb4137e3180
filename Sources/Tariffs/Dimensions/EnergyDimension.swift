// SPDX-License-Identifier: Apache-2.0

/// Energy, priced per kWh in whatever state it flows; stepped in Wh.
enum EnergyDimension {
    /// A step of one, in fine units: 1 Wh in 10^-12 kWh.
    static let stepUnit: Int128 = 1_000_000_000
    /// Totals are rounded to 10^-9 kWh before they are stepped, so that dust from splitting buys no step.
    static let dust: Int128 = 1000

    /// What is priced of a piece: all of its energy (energy in P and S is priced too). A reservation has
    /// none.
    static func quantity(of piece: Piece) -> Int128 { piece.isReserved ? 0 : piece.energy }
}
