// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// Where a price comes from when it is not the same all the time (tariffs.md §3, Price source).
///
/// A component keeps its plain `price` for the time about which the source says nothing.
public enum PriceSource: Hashable, Sendable, Codable {
    /// Prices by absolute instants, ascending; each holds until the next begins.
    case schedule([TimedPrice])
    /// A price made from an index, e.g. an hourly exchange price; the values come with the session's context.
    case index(IndexPrice)
}

/// A price, or the value of an index, and the instant from which it holds.
public struct TimedPrice: Hashable, Sendable, Codable {
    /// First instant.
    public var from: Instant
    /// Price or value, in the major unit.
    public var price: Rate

    /// A price from an instant on.
    public init(from: Instant, _ price: Rate) {
        self.from = from
        self.price = price
    }
}

/// `index × factor + adder`, rounded half up to nine decimals, then kept within its floor and cap.
public struct IndexPrice: Hashable, Sendable, Codable {
    /// The name of the index, under which the context holds its values.
    public var index: String
    /// What the value is multiplied by; in billionths, -1,000,000 to 1,000,000.
    public var factor: Rate
    /// What is added, in the major unit.
    public var adder: Rate
    /// The least that the price can be.
    public var floor: Rate?
    /// The most that the price can be.
    public var cap: Rate?

    /// A price that follows an index.
    public init(
        _ index: String, times factor: Rate = Rate(billionths: 1_000_000_000), plus adder: Rate = .zero,
        floor: Rate? = nil, cap: Rate? = nil
    ) {
        self.index = index
        self.factor = factor
        self.adder = adder
        self.floor = floor
        self.cap = cap
    }

    /// The price at a value of the index; nil if it is beyond the prices that a tariff may have.
    public func price(at value: Rate) -> Rate? {
        let product = Int128(value.billionths) * Int128(factor.billionths)
        let rounded = divide(product, by: 1_000_000_000, rounding: .halfUp) + Int128(adder.billionths)
        let raised = max(rounded, floor.map { Int128($0.billionths) } ?? .min)
        let kept = min(raised, cap.map { Int128($0.billionths) } ?? .max)
        guard let price = Int64(exactly: kept), abs(price) <= TariffLimits.price else { return nil }
        return Rate(billionths: price)
    }
}

/// A reduction of one component for a group of drivers (tariffs.md §3, Discount).
public struct Discount: Hashable, Sendable, Codable {
    /// How much is taken off.
    public enum Amount: Hashable, Sendable, Codable {
        /// A share of what the component costs after its cap and floor.
        case percent(Percentage)
        /// So much per kWh, hour or session; at most what the component costs.
        case perUnit(Rate)
    }

    /// The membership, plan or partner that gives a right to it.
    public var group: String
    /// How much is taken off.
    public var amount: Amount

    /// A reduction for a group.
    public init(for group: String, _ amount: Amount) {
        self.group = group
        self.amount = amount
    }
}

/// A tax beside the first one (tariffs.md §4.3, rule 5; OCPP 2.1 TaxRateType).
public struct StackedTax: Hashable, Sendable, Codable {
    /// The rate.
    public var rate: TaxRate
    /// 0: on the net price like the first tax; 1: on the net price and all taxes of level 0; and so on up to 3.
    public var level: Int

    /// A further tax.
    public init(_ rate: TaxRate, level: Int) {
        self.rate = rate
        self.level = level
    }
}
