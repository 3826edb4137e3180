// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// One or more prices and the conditions under which they apply (OCPI mod_tariffs, TariffElement).
public struct TariffElement: Hashable, Sendable, Codable {
    /// The prices; for one dimension the first counts.
    public var components: [PriceComponent]
    /// When they apply. Absent or empty: always in the session, never in a reservation.
    public var restriction: Restriction?

    /// Prices and their conditions.
    public init(_ components: [PriceComponent], when restriction: Restriction? = nil) {
        self.components = components
        self.restriction = restriction
    }

    /// Whether this element prices reservations, and therefore never the session (D13).
    public var isReservation: Bool { restriction?.reservation != nil }
}

/// What is priced (OCPI mod_tariffs, TariffDimensionType).
public enum TariffDimension: String, Hashable, Sendable, Codable, CaseIterable {
    /// Energy, per kWh.
    case energy = "ENERGY"
    /// Time in which the car charges or the station withholds power, per hour.
    case time = "TIME"
    /// Time in which the vehicle asks for no power, per hour.
    case parking = "PARKING_TIME"
    /// Once per session or reservation.
    case flat = "FLAT"
}

/// A price for one dimension.
public struct PriceComponent: Hashable, Sendable, Codable {
    /// What is priced.
    public var dimension: TariffDimension
    /// Price per kWh, per hour or per session; -1,000,000 to 1,000,000 of the major unit.
    public var price: Rate
    /// The billed quantity is a multiple of this many Wh or seconds, 0 to 100,000,000; nil or 0: no step
    /// (D18).
    public var stepSize: Int64?
    /// The rate of tax; nil is "no tax stated", which is not 0 %.
    public var taxRate: TaxRate?
    /// Parking only: priced time begins this many seconds after the vehicle stopped asking for power.
    public var graceSeconds: Int64?
    /// The most that this component may cost in one session, in the basis of its price.
    public var cap: Rate?
    /// The least that this component costs in a session in which it was used, in the basis of its price.
    public var floor: Rate?
    /// The first so many Wh or seconds that this component prices cost nothing.
    public var freeQuantity: Int64?
    /// Where the price comes from; nil: it is `price` all the time.
    public var source: PriceSource?
    /// Reductions; the first for a group of the driver's applies.
    public var discounts: [Discount] = []
    /// Taxes beside `taxRate`, at most seven.
    public var furtherTaxes: [StackedTax] = []

    /// A price for one dimension.
    public init(
        _ dimension: TariffDimension, _ price: Rate, step stepSize: Int64? = nil, tax taxRate: TaxRate? = nil
    ) {
        self.dimension = dimension
        self.price = price
        self.stepSize = stepSize
        self.taxRate = taxRate
    }

    /// The same component with a grace and a cap, the usual shape of an idle fee.
    public func after(graceSeconds: Int64?, atMost cap: Rate?) -> PriceComponent {
        var copy = self
        copy.graceSeconds = graceSeconds
        copy.cap = cap
        return copy
    }
}
