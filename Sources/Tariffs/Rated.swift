// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// The priced bill: what a session costs, with the reason of every amount.
public struct Rated: Hashable, Sendable {
    /// Whether amounts of lines contain tax.
    public enum LineBasis: String, Hashable, Sendable, Codable {
        /// Lines are net.
        case beforeTax = "before_tax"
        /// Lines are gross.
        case afterTax = "after_tax"
    }

    /// Unrounded totals, session limits included.
    public struct ExactTotals: Hashable, Sendable, Codable {
        /// Before tax.
        public let beforeTax: Exact
        /// After tax.
        public let afterTax: Exact
    }

    /// A stretch of the timeline over which no condition of the tariff changed.
    public struct Segment: Hashable, Sendable, Codable {
        /// First instant.
        public let from: Instant
        /// Last instant, exclusive.
        public let to: Instant
        /// What was going on.
        public let state: Usage.State
        /// Energy of the segment.
        public let energy: Measured
        /// What priced the energy, if anything did.
        public internal(set) var energyPrice: Place?
        /// What priced the time, parking or reserved time, if anything did.
        public internal(set) var timePrice: Place?
        /// The fee that applied at the start of the segment, if one did.
        public internal(set) var flatPrice: Place?
    }

    /// A component's place in the tariff.
    public struct Place: Hashable, Sendable, Codable {
        /// Index of the element.
        public let element: Int
        /// Index of the component in the element.
        public let component: Int
        /// Which of the session's tariffs, counted from 0; nil for the first.
        public let tariff: Int?

        /// A component's place.
        init(element: Int, component: Int, tariff: Int? = nil) {
            self.element = element
            self.component = component
            self.tariff = tariff
        }
    }

    /// What a session adds to a count that goes on over several sessions.
    public struct CounterChange: Hashable, Sendable, Codable {
        /// The name of the counter.
        public let id: String
        /// What is added to its balance.
        public let change: RatingContext.Balance
    }

    /// What a coupon did.
    public struct CouponUse: Hashable, Sendable, Codable {
        /// Its name.
        public let id: String
        /// What it does.
        public let kind: RatingContext.Coupon.Kind
        /// What it took off the price or paid, rounded half up.
        public let used: Money
        /// What stays on it; nothing stays on a price coupon.
        public let left: Money
    }

    /// What all amounts are in.
    public let currency: Currency
    /// Unrounded totals.
    public let exact: ExactTotals
    /// Total before tax, rounded.
    public let net: Money
    /// Total after tax, rounded: what is owed.
    public let gross: Money
    /// Whether lines are net or gross.
    public let lineBasis: LineBasis
    /// Each kind at each rate of tax, in the order in which they began.
    public let lines: [RatedLine]
    /// Tax per rate; their amounts sum to `gross − net`.
    public let taxes: [RatedTax]
    /// The timeline as it was priced.
    public let segments: [Segment]
    /// What a person should know.
    public let notes: [Note]
    /// The name of the rules of rounding.
    public let roundingPolicy: String
    /// What the tariff's counters counted.
    public internal(set) var counterChanges: [CounterChange] = []
    /// What coupons took off or paid.
    public internal(set) var couponUses: [CouponUse] = []

    /// All tax.
    public var tax: Money { gross - net }
    /// What is left to pay after value coupons.
    public var due: Money {
        couponUses.reduce(gross) { $1.kind == .value ? $0 - $1.used : $0 }
    }
}

extension Rated: Codable {
    private enum CodingKeys: String, CodingKey {
        case currency, exact, net, gross, lineBasis, lines, taxes, segments, notes, roundingPolicy
        case counterChanges, couponUses
    }

    /// Reads a bill; one that was stored before there were counters and coupons has none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        currency = try container.decode(Currency.self, forKey: .currency)
        exact = try container.decode(ExactTotals.self, forKey: .exact)
        net = try container.decode(Money.self, forKey: .net)
        gross = try container.decode(Money.self, forKey: .gross)
        lineBasis = try container.decode(LineBasis.self, forKey: .lineBasis)
        lines = try container.decode([RatedLine].self, forKey: .lines)
        taxes = try container.decode([RatedTax].self, forKey: .taxes)
        segments = try container.decode([Segment].self, forKey: .segments)
        notes = try container.decode([Note].self, forKey: .notes)
        roundingPolicy = try container.decode(String.self, forKey: .roundingPolicy)
        counterChanges = try container.decodeIfPresent([CounterChange].self, forKey: .counterChanges) ?? []
        couponUses = try container.decodeIfPresent([CouponUse].self, forKey: .couponUses) ?? []
    }
}

extension Rated {
    /// The net of each line, in order; sums to `net`.
    ///
    /// With prices that contain tax the net of each rate is split over its lines by largest remainder
    /// (receipts.md §5); a limit of the session carries what is left.
    public func netPerLine() -> [Money] {
        guard lineBasis == .afterTax else { return lines.map(\.amount) }
        var nets = lines.map(\.amount)
        for treatment in Set(lines.map(\.treatment)) {
            let indices = lines.indices.filter {
                lines[$0].treatment == treatment && !lines[$0].kind.isSessionLimit
            }
            let gross = indices.map { lines[$0].amount }
            for (index, net) in zip(indices, treatment.nets(ofGross: gross)) { nets[index] = net }
        }
        let limits = lines.indices.filter { lines[$0].kind.isSessionLimit }
        guard !limits.isEmpty else { return nets }
        for index in limits { nets[index] = .zero(currency) }
        let rest = net - nets.sum(in: currency)
        let weights = limits.map { Int64(clamping: lines[$0].amount.minorUnits.magnitude) }
        for (index, share) in zip(limits, rest.allocated(by: weights)) { nets[index] = share }
        return nets
    }

    /// Net income per kind, for posting: caps, floors and limits are spread over the kinds they change.
    ///
    /// Only `energy`, `time`, `parking`, `flat`, `reservation` and `reservationFlat` occur; amounts sum to
    /// `net`.
    public var incomeByKind: [(kind: LineKind, net: Money)] {
        var income: [LineKind: Money] = [:]
        var limit = Money.zero(currency)
        for (line, net) in zip(lines, netPerLine()) {
            if line.kind.isSessionLimit || line.parts.isEmpty {
                limit += net
                continue
            }
            let weights = line.parts.map(\.exact)
            for (part, share) in zip(line.parts, net.shared(in: weights)) {
                income[part.concerns, default: .zero(currency)] += share
            }
        }
        // A minimum price for a session in which nothing was priced is a fee for the session.
        let kinds = income.isEmpty && !limit.isZero ? [.flat] : income.keys.sorted()
        let weights = kinds.map { Exact(Int128(income[$0]?.minorUnits ?? 0), over: 1) }
        return zip(kinds, limit.shared(in: weights)).map { kind, share in
            (kind, (income[kind] ?? .zero(currency)) + share)
        }
    }

    /// The bill that takes this one back: every amount is the exact opposite (R09, D33).
    public var credit: Rated {
        Rated(
            currency: currency,
            exact: ExactTotals(beforeTax: -exact.beforeTax, afterTax: -exact.afterTax),
            net: -net, gross: -gross, lineBasis: lineBasis, lines: lines.map(\.credit),
            taxes: taxes.map {
                RatedTax(rate: $0.rate, base: -$0.base, amount: -$0.amount, level: $0.level)
            },
            segments: segments, notes: notes, roundingPolicy: roundingPolicy,
            counterChanges: counterChanges.map(\.opposite), couponUses: couponUses.map(\.opposite))
    }
}

extension Rated.CounterChange {
    /// What a credit takes back.
    fileprivate var opposite: Rated.CounterChange {
        switch change {
        case .spent(let money): Rated.CounterChange(id: id, change: .spent(-money))
        case .used(let used): Rated.CounterChange(id: id, change: .used(Measured(-used.fineUnits, used.unit)))
        }
    }
}

extension Rated.CouponUse {
    /// What a credit gives back to the coupon; what is left then is not known here.
    fileprivate var opposite: Rated.CouponUse {
        Rated.CouponUse(id: id, kind: kind, used: -used, left: -left)
    }
}

extension LineKind {
    /// Whether such a line changes the price of the whole session.
    var isSessionLimit: Bool { self == .minPrice || self == .maxPrice || self == .counterCap }
}

extension RatedLine {
    fileprivate var credit: RatedLine {
        RatedLine(
            kind: kind, quantity: quantity, unitPrice: unitPrice, exact: -exact, amount: -amount,
            taxRate: taxRate, furtherTaxes: furtherTaxes, reason: reason, from: from, to: to,
            parts: parts.map { part in
                RatedPart(
                    element: part.element, component: part.component, tariff: part.tariff,
                    concerns: part.concerns, quantity: part.quantity, unitPrice: part.unitPrice,
                    exact: -part.exact,
                    stepSurplus: part.stepSurplus, reason: part.reason, from: part.from, to: part.to)
            })
    }
}

extension Money {
    /// Shares the amount in proportion to the sizes of `weights`, by largest remainder; equally if all are
    /// zero.
    ///
    /// Weights decide to which account a cent goes, not how many cents there are: millionths of them are
    /// enough.
    func shared(in weights: [Exact]) -> [Money] {
        guard !weights.isEmpty else { return [] }
        let sizes = weights.map(\.millionthsMagnitude)
        return allocated(by: sizes.allSatisfy { $0 == 0 } ? sizes.map { _ in 1 } : sizes)
    }
}
