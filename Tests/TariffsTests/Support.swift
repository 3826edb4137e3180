// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Tariffs
import Testing

/// Zones for tests, read from the system's database as the command line does.
enum Zones {
    static let lookup: PriceCommand.ZoneLookup = { name, span in
        guard let zone = TimeZone(identifier: name) else { return nil }
        var date = Date(timeIntervalSince1970: Double(span.lowerBound.seconds))
        let end = Date(timeIntervalSince1970: Double(span.upperBound.seconds))
        var offsets = [
            ZoneRules.Offset(from: span.lowerBound, seconds: Int64(zone.secondsFromGMT(for: date)))
        ]
        while let next = zone.nextDaylightSavingTimeTransition(after: date), next <= end {
            let instant = Instant(seconds: Int64(next.timeIntervalSince1970))
            offsets.append(ZoneRules.Offset(from: instant, seconds: Int64(zone.secondsFromGMT(for: next))))
            date = next
        }
        return ZoneRules(offsets: offsets, name: name)
    }

    /// Amsterdam and Berlin in 2025 and 2026, from the rules of the European Union.
    static let centralEurope = ZoneRules(
        offsets: [
            .init(from: .at("2024-10-27T01:00:00Z"), seconds: 3600),
            .init(from: .at("2025-03-30T01:00:00Z"), seconds: 7200),
            .init(from: .at("2025-10-26T01:00:00Z"), seconds: 3600),
            .init(from: .at("2026-03-29T01:00:00Z"), seconds: 7200),
            .init(from: .at("2026-10-25T01:00:00Z"), seconds: 3600),
        ], name: "Europe/Amsterdam")
}

extension Instant {
    /// A time written in a test; a wrong one is the epoch, which no test expects.
    static func at(_ text: String) -> Instant { Instant(iso8601: text) ?? .epoch }
}

/// A decimal such as `12.375` or a fraction such as `61/60` as an exact value; nil for anything else.
func fraction(_ text: String) -> Exact? {
    if text.contains("/") { return Exact(text) }
    return fixedPoint(text, scale: 9).map { Exact(Int128($0), over: 1_000_000_000) }
}

/// What holds on every bill: parts make lines, lines make totals, taxes are the difference of net and gross.
func expectConsistent(_ rated: Rated, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(rated.inconsistency == nil, sourceLocation: sourceLocation)
}

extension Rated {
    /// What does not agree on the bill; nil if all does.
    var inconsistency: String? {
        let basis = lineBasis == .afterTax ? gross : net
        if lines.map(\.amount).sum(in: currency) != basis { return "lines do not sum to the total" }
        if taxes.map(\.amount).sum(in: currency) != gross - net { return "taxes are not gross less net" }
        if netPerLine().sum(in: currency) != net { return "nets of lines do not sum to the net" }
        if incomeByKind.map(\.net).sum(in: currency) != net { return "income does not sum to the net" }
        let taxOfKinds = taxByKind
        for rate in Set(taxes.map(\.rate)) where !incomeByKind.isEmpty {
            let tax = taxes.filter { $0.rate == rate }.map(\.amount).sum(in: currency)
            let sum = taxOfKinds.filter { $0.rate == rate }.map(\.amount).sum(in: currency)
            if sum != tax { return "taxes of kinds do not sum to the tax of their rate" }
        }
        for line in lines where !line.parts.isEmpty {
            let sum = line.parts.reduce(Rational.zero) { $0 + Rational($1.exact) }
            if sum != Rational(line.exact) { return "parts do not sum to the line \(line.kind)" }
            if line.exact.minorUnits(of: currency) != line.amount.minorUnits {
                return "the line \(line.kind) is not rounded once"
            }
        }
        return nil
    }
}

/// A second, slow and simple implementation of fractions, so that tests do not lean on the rater's own.
struct Rational: Hashable {
    static let zero = Rational(0, 1)
    let numerator: Int128
    let denominator: Int128

    init(_ numerator: Int128, _ denominator: Int128) {
        var (left, right) = (numerator.magnitude, denominator.magnitude)
        while right != 0 { (left, right) = (right, left % right) }
        let divisor = max(Int128(left), 1)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    init(_ exact: Exact) { self.init(exact.numerator, exact.denominator) }

    static func + (left: Rational, right: Rational) -> Rational {
        Rational(
            left.numerator * right.denominator + right.numerator * left.denominator,
            left.denominator * right.denominator)
    }
}

/// A tariff of the given elements in a test; net unless said otherwise.
func offer(
    _ elements: TariffElement..., mode: Tariff.TaxMode = .excluded, in currency: Currency = .eur,
    terms: Tariff.Terms = Tariff.Terms()
) throws -> Tariff {
    try Tariff(id: "T", currency: currency, taxMode: mode, elements: elements, terms: terms)
}

/// An element of components, under a restriction that `conditions` fills in.
func element(_ components: PriceComponent..., when conditions: ((inout Restriction) -> Void)? = nil)
    -> TariffElement
{
    guard let conditions else { return TariffElement(components) }
    var restriction = Restriction()
    conditions(&restriction)
    return TariffElement(components, when: restriction)
}

/// A price of one dimension; a wrong text is the price 0, which no test expects by accident.
func price(_ dimension: TariffDimension, _ decimal: String, step: Int64? = nil, tax: String? = nil)
    -> PriceComponent
{
    PriceComponent(
        dimension, Rate(decimal: decimal) ?? .zero, step: step, tax: tax.flatMap { TaxRate(percent: $0) })
}

/// A stretch of a day in 2026-03 by clock texts such as `10:00`, or whole instants.
func stretch(
    _ from: String, _ to: String, _ state: Usage.State = .charging, kWh: String = "0", power: Power? = nil,
    current: Current? = nil
) -> Usage.Interval {
    func instant(_ text: String) -> Instant {
        text.utf8.count == 5 ? .at("2026-03-02T\(text):00Z") : .at(text)
    }
    return Usage.Interval(
        from: instant(from), to: instant(to), state,
        energy: Energy(milliwattHours: fixedPoint(kWh, scale: 6) ?? .min), power: power, current: current)
}

/// Prices intervals in UTC, 2026-03-02 being a Monday.
func rate(_ tariff: Tariff, _ intervals: Usage.Interval..., zone: ZoneRules? = .utc) throws -> Rated {
    let rated = try Rater().rate(Usage(intervals: intervals), under: tariff, in: zone)
    expectConsistent(rated)
    return rated
}

/// The same with a context, or with tariffs that take over.
func rate(
    _ tariff: Tariff, _ intervals: [Usage.Interval], zone: ZoneRules? = .utc,
    given context: RatingContext = .unknown, changing changes: [TariffChange] = [],
    policy: RatingPolicy = .lineHalfUp1
) throws -> Rated {
    let rated = try Rater(policy: policy).rate(
        Usage(intervals: intervals), under: tariff, in: zone, given: context, changing: changes)
    expectConsistent(rated)
    return rated
}

extension Rated {
    /// Exact totals as texts, for tables of expectations.
    var exactTexts: [String] { [exact.beforeTax.decimal, exact.afterTax.decimal] }
    /// Codes of all notes.
    var noteCodes: [Note.Code] { notes.map(\.code) }

    /// The line of a kind, if there is just one.
    func line(_ kind: LineKind) -> RatedLine? {
        let found = lines.filter { $0.kind == kind }
        return found.count == 1 ? found[0] : nil
    }
}
