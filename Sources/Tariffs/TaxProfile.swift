// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// The rates of tax of a site, one for each kind of line.
///
/// The operator's own tariffs are taxed by their site: `Tariff.taxed(by:mode:)` writes these rates into the
/// snapshot that a quote freezes, and the rater uses only that.
public struct TaxProfile: Hashable, Sendable, Codable {
    /// Rate on energy; nil when no tax is stated.
    public var energy: TaxRate?
    /// Rate on charging time.
    public var time: TaxRate?
    /// Rate on parking, which the API calls idle time.
    public var parking: TaxRate?
    /// Rate on the fee per session.
    public var flat: TaxRate?
    /// Rate on reserved time and on the fee for a reservation.
    public var reservation: TaxRate?

    /// A rate for each kind of line.
    public init(
        energy: TaxRate?, time: TaxRate?, parking: TaxRate?, flat: TaxRate?, reservation: TaxRate?
    ) {
        self.energy = energy
        self.time = time
        self.parking = parking
        self.flat = flat
        self.reservation = reservation
    }

    /// The same rate on everything.
    public init(_ rate: TaxRate?) {
        self.init(energy: rate, time: rate, parking: rate, flat: rate, reservation: rate)
    }

    /// The rate on a dimension, in the session or in the reservation before it.
    func rate(on dimension: TariffDimension, reserved: Bool) -> TaxRate? {
        if reserved { return reservation }
        return switch dimension {
        case .energy: energy
        case .time: time
        case .parking: parking
        case .flat: flat
        }
    }
}
