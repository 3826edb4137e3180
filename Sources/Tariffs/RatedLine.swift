// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// What a line of a bill is about. The order is that of lines that begin at the same instant (tariffs.md
/// §4.3).
public enum LineKind: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Energy.
    case energy
    /// Time charging, or waiting for the station.
    case time
    /// Time in which the vehicle asks for no power; `idle` in the API and the ledger.
    case parking
    /// Fee per session; `session` in the API and the ledger.
    case flat
    /// Reserved time.
    case reservation
    /// Fee per reservation.
    case reservationFlat = "reservation_flat"
    /// Fee in percent of the total.
    case percentageFee = "percentage_fee"
    /// Reduction for a member, plan or partner.
    case discount
    /// What a component cost above its cap.
    case componentCap = "component_cap"
    /// What a component cost below its floor.
    case componentFloor = "component_floor"
    /// What the session cost below its minimum.
    case minPrice = "min_price"
    /// What the session cost above its maximum.
    case maxPrice = "max_price"
    /// What several sessions together cost above their cap.
    case counterCap = "counter_cap"

    /// Place in the list above.
    private var order: Int {
        switch self {
        case .energy: 0
        case .time: 1
        case .parking: 2
        case .flat: 3
        case .reservation: 4
        case .reservationFlat: 5
        case .percentageFee: 6
        case .discount: 7
        case .componentCap: 8
        case .componentFloor: 9
        case .minPrice: 10
        case .maxPrice: 11
        case .counterCap: 12
        }
    }

    /// Compares places in the list above.
    public static func < (left: LineKind, right: LineKind) -> Bool { left.order < right.order }
}

/// What is billed and rounded once: all parts of one kind at one rate of tax.
public struct RatedLine: Hashable, Sendable, Codable {
    /// What it is about.
    public let kind: LineKind
    /// How much is billed, step included.
    public let quantity: Measured
    /// Price per kWh, hour or session; nil if the parts have different ones.
    public let unitPrice: Rate?
    /// The unrounded amount: the sum of the parts.
    public let exact: Exact
    /// The amount rounded once; before or after tax, as the bill's `lineBasis` says.
    public let amount: Money
    /// The rate of tax; nil is "no tax stated".
    public let taxRate: TaxRate?
    /// Taxes beside it; nil for none.
    public let furtherTaxes: [StackedTax]?
    /// Why; the first reason if the parts have several.
    public let reason: Reason
    /// Where the first part begins.
    public let from: Instant
    /// Where the last part ends.
    public let to: Instant
    /// The share of each component, in order of time; empty for limits of the session.
    public let parts: [RatedPart]

    /// How the line is taxed.
    var treatment: TaxTreatment { TaxTreatment(rate: taxRate, further: furtherTaxes ?? []) }

    /// All reasons in English, each once.
    public var why: String {
        var words: [String] = parts.isEmpty ? [reason.words] : []
        for part in parts where !words.contains(part.reason.words) { words.append(part.reason.words) }
        return words.joined(separator: "; ")
    }

    /// The sum behind the amount, e.g. `37.49 kWh × 0.49 = 18.3701, rounded half up once`.
    public var arithmetic: String {
        let parts = parts.filter { $0.unitPrice != nil }
        let terms = parts.map { "\($0.quantityText) × \($0.unitPrice?.decimal ?? "")" }
        let sum = terms.isEmpty ? exact.decimal : terms.joined(separator: " + ") + " = " + exact.decimal
        let isRounded =
            Exact(Int128(amount.minorUnits), over: Int128(amount.currency.minorUnitsPerMajor)) != exact
        return sum + (isRounded ? ", rounded half up once" : "")
    }
}

/// The share of a line that comes from one component. Not rounded.
public struct RatedPart: Hashable, Sendable, Codable {
    /// Index of the element in the tariff.
    public let element: Int
    /// Index of the component in the element.
    public let component: Int
    /// Which of the session's tariffs, counted from 0; nil for the first.
    public let tariff: Int?
    /// The kind whose cost this is or, for caps and floors, changes.
    public let concerns: LineKind
    /// How much is billed, step included.
    public let quantity: Measured
    /// Price per kWh, hour or session; nil for caps and floors.
    public let unitPrice: Rate?
    /// The unrounded amount.
    public let exact: Exact
    /// How much of the quantity was not used but billed to fill the step.
    public let stepSurplus: Measured
    /// Why this component priced the quantity.
    public let reason: Reason
    /// Start of the first segment that it priced.
    public let from: Instant
    /// End of the last segment that it priced.
    public let to: Instant

    /// The quantity with its unit where it has one: `37.49 kWh`, `0.5 h`, `1`.
    var quantityText: String {
        quantity.unit == .once ? quantity.decimal : "\(quantity.decimal) \(quantity.unit.rawValue)"
    }
}

/// What one rate of tax comes to.
public struct RatedTax: Hashable, Sendable, Codable {
    /// The rate; nil where a limit changed the tax of a bill without any rate.
    public let rate: TaxRate?
    /// The net amount that is taxed.
    public let base: Money
    /// The tax.
    public let amount: Money
    /// The level of a tax that is also on other taxes (rule 5); nil for level 0.
    public let level: Int?

    /// A tax.
    init(rate: TaxRate?, base: Money, amount: Money, level: Int? = nil) {
        self.rate = rate
        self.base = base
        self.amount = amount
        self.level = level
    }
}
