// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// What a tariff says about a session as a whole, beyond OCPI (tariffs.md §3, Tariff rules).
public struct TariffRules: Hashable, Sendable, Codable {
    /// Whose rules decide where protocols differ (tariffs.md §5 and §6).
    public enum RuleSet: String, Hashable, Sendable, Codable, CaseIterable {
        /// OCPI: a fee applies at the first piece at which one matches, steps apply, a minimum adds a line.
        case ocpi = "OCPI"
        /// OCPP 2.1: the fee is decided at the start only, there are no steps, a minimum replaces the whole cost,
        /// and the bounds of a negative flow are those nearest to and farthest from zero.
        case ocpp = "OCPP"
    }

    /// Below which use nothing is charged at all.
    public struct Waiver: Hashable, Sendable, Codable {
        /// Wh of the session, exclusive.
        public var wattHours: Int64
        /// Seconds from the first to the last instant of the session, exclusive.
        public var seconds: Int64

        /// Waives a session with less energy and less time than this.
        public init(wattHoursBelow wattHours: Int64, secondsBelow seconds: Int64) {
            self.wattHours = wattHours
            self.seconds = seconds
        }
    }

    /// A fee in percent of the total after limits, on its own line.
    public struct PercentageFee: Hashable, Sendable, Codable {
        /// The share.
        public var share: Percentage
        /// The rate of tax on the fee; nil is "no tax stated".
        public var taxRate: TaxRate?

        /// A fee.
        public init(_ share: Percentage, tax taxRate: TaxRate? = nil) {
            self.share = share
            self.taxRate = taxRate
        }
    }

    /// A count that goes on over several sessions. Its balance is in the context, its change on the bill.
    public struct Counter: Hashable, Sendable, Codable {
        /// What is counted.
        public enum Rule: Hashable, Sendable, Codable {
            /// Sessions together cost at most this much, in the basis of the prices.
            case cap(Rate)
            /// The first so many Wh or seconds of a dimension cost nothing.
            case allowance(TariffDimension, Int64)
        }

        /// The name under which the balance is kept, e.g. `day`.
        public var id: String
        /// What is counted.
        public var rule: Rule

        /// A counter.
        public init(_ id: String, _ rule: Rule) {
            self.id = id
            self.rule = rule
        }
    }

    /// Whose rules decide where protocols differ.
    public var ruleSet = RuleSet.ocpi
    /// Below which use nothing is charged.
    public var waiver: Waiver?
    /// A fee in percent of the total.
    public var percentageFee: PercentageFee?
    /// Daily caps and monthly allowances, in order.
    public var counters: [Counter] = []
    /// Whether a change to this tariff in the middle of a session charges its fee too.
    public var chargesFlatOnChange = false

    /// The rules of OCPI and nothing else.
    public init() {}

    /// Whether a tariff need not mention them.
    var isPlain: Bool { self == TariffRules() }
}
