// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Costs, caps, tax, limits and the one rounding (stages 6 to 10 of tariffs.md §4).
struct Totals {
    /// A line before it is rounded.
    struct Draft {
        /// What the line is about.
        let kind: LineKind
        /// The rate of all its parts.
        let taxRate: TaxRate?
        /// Over `Cost.denominator`.
        var cost: Int128 = 0
        /// The share of each component.
        var parts: [RatedPart] = []
    }

    /// What a limit of the session did.
    struct Limited {
        /// Minimum or maximum.
        let kind: LineKind
        /// Which bound.
        let reason: Reason
        /// Start of the session.
        let from: Instant
        /// End of the session.
        let to: Instant
    }

    /// What was promised.
    let tariff: Tariff
    /// What a person should know.
    var notes: [Note]
    /// The lines so far.
    private(set) var drafts: [Draft] = []
    /// Exact totals before the limits of the session.
    private(set) var priced: Rated.ExactTotals
    /// Exact totals after the limits.
    private(set) var limitedTotals: Rated.ExactTotals
    /// The limit that applied last, if one did.
    private(set) var limited: Limited?
    private var isPrecisionReduced = false

    /// Whether lines are gross.
    var isGross: Bool { tariff.taxMode == .included }

    /// The cost of everything that was selected, exact.
    init(tariff: Tariff, selection: Selection) {
        self.tariff = tariff
        notes = selection.notes
        priced = Rated.ExactTotals(beforeTax: .zero, afterTax: .zero)
        limitedTotals = priced
        for (component, tally) in zip(tariff.plan.components, selection.tallies) where tally.isUsed {
            add(component, tally)
        }
        orderLines()
        addUp()
    }

    private mutating func add(_ component: RatingPlan.Component, _ tally: Selection.Tally) {
        let unit = component.dimension.unit
        let cost = Cost.of(tally.quantity + tally.surplus, unit, at: component.price)
        let part = RatedPart(
            element: component.element, component: component.index, concerns: component.kind,
            quantity: Measured(tally.quantity + tally.surplus, unit),
            unitPrice: Rate(billionths: component.price), exact: Exact(cost, over: Cost.denominator),
            stepSurplus: Measured(tally.surplus, unit),
            reason: .element(component.element, tariff.elements[component.element].restriction),
            from: Instant(nanoseconds: tally.from), to: Instant(nanoseconds: tally.to))
        add(part, cost, to: component.kind, taxRate: component.taxRate)
        if isGross, component.taxRate == nil {
            notes.note(
                .taxRateMissing, at: "/elements/\(component.element)/price_components/\(component.index)/vat",
                "The price contains tax at a rate that is not stated; net and gross are the same.")
        }
        addBounds(of: component, cost: cost, like: part)
    }

    /// A cap or floor is a line of its own, taxed like what it changes.
    private mutating func addBounds(of component: RatingPlan.Component, cost: Int128, like part: RatedPart) {
        let bounds: [(rate: Rate?, kind: LineKind)] = [
            (component.cap, .componentCap), (component.floor, .componentFloor),
        ]
        for (rate, kind) in bounds {
            guard let rate else { continue }
            let bound = Cost.of(1, .once, at: rate.billionths)
            guard kind == .componentCap ? cost > bound : cost < bound else { continue }
            let reason: Reason =
                kind == .componentCap
                ? .capped(rate, element: component.element) : .raised(rate, element: component.element)
            let change = RatedPart(
                element: part.element, component: part.component, concerns: part.concerns,
                quantity: Measured(1, .once), unitPrice: nil,
                exact: Exact(bound - cost, over: Cost.denominator), stepSurplus: Measured(0, .once),
                reason: reason, from: part.from, to: part.to)
            add(change, bound - cost, to: kind, taxRate: component.taxRate)
        }
    }

    private mutating func add(_ part: RatedPart, _ cost: Int128, to kind: LineKind, taxRate: TaxRate?) {
        let index = drafts.firstIndex { $0.kind == kind && $0.taxRate == taxRate } ?? drafts.count
        if index == drafts.count { drafts.append(Draft(kind: kind, taxRate: taxRate)) }
        drafts[index].cost += cost
        drafts[index].parts.append(part)
    }

    /// In the order in which their first part begins, ties in the order of the kinds (rule 1).
    private mutating func orderLines() {
        for index in drafts.indices {
            drafts[index].parts.sort {
                ($0.from, $0.element, $0.component) < ($1.from, $1.element, $1.component)
            }
        }
        drafts.sort { left, right in
            let (first, second) = (left.parts[0], right.parts[0])
            return (first.from, left.kind, first.element, first.component)
                < (second.from, right.kind, second.element, second.component)
        }
    }

    /// Exact totals: tax is exact for each rate here and rounded for each rate later.
    private mutating func addUp() {
        var (net, gross) = (Exact.zero, Exact.zero)
        for (rate, cost) in costPerRate() {
            let amount = Exact(cost, over: Cost.denominator)
            let factor = Exact(
                Int128(TaxRate.denominator + (rate?.tenThousandthsOfPercent ?? 0)),
                over: Int128(TaxRate.denominator))
            let (before, after): (Exact, Exact)
            switch tariff.taxMode {
            case .excluded:
                (before, after) = (amount, amount.times(factor, precisionReduced: &isPrecisionReduced))
            case .included:
                let inverse = factor.reciprocal ?? .one
                (before, after) = (amount.times(inverse, precisionReduced: &isPrecisionReduced), amount)
            case .none: (before, after) = (amount, amount)
            }
            net = net.plus(before, precisionReduced: &isPrecisionReduced)
            gross = gross.plus(after, precisionReduced: &isPrecisionReduced)
        }
        priced = Rated.ExactTotals(beforeTax: net, afterTax: gross)
        limitedTotals = priced
    }

    private func costPerRate() -> [(rate: TaxRate?, cost: Int128)] {
        var groups: [(rate: TaxRate?, cost: Int128)] = []
        for draft in drafts {
            if let index = groups.firstIndex(where: { $0.rate == draft.taxRate }) {
                groups[index].cost += draft.cost
            } else {
                groups.append((draft.taxRate, draft.cost))
            }
        }
        return groups
    }
}

extension Totals {
    /// First the minimum, then the maximum; exact values are compared, never rounded ones (D20, rule 9).
    mutating func applyLimits(from: Instant, to: Instant) {
        if let limit = tariff.minimum, let totals = clamped(to: limit, where: { $0.isLess(than: $1) }) {
            limitedTotals = totals
            limited = Limited(kind: .minPrice, reason: .minimumPrice(limit), from: from, to: to)
            notes.note(.clampedMin, at: "/min_price", "The session costs its minimum price.")
        }
        if let limit = tariff.maximum, let totals = clamped(to: limit, where: { $1.isLess(than: $0) }) {
            limitedTotals = totals
            limited = Limited(kind: .maxPrice, reason: .maximumPrice(limit), from: from, to: to)
            notes.note(.clampedMax, at: "/max_price", "The session costs its maximum price.")
        }
    }

    /// The totals moved to the bounds that they violate; nil if they violate none.
    ///
    /// Net and gross clamp separately. Without a gross bound the gross keeps its ratio to the net.
    private mutating func clamped(to limit: Tariff.Limit, where violates: (Exact, Exact) -> Bool)
        -> Rated.ExactTotals?
    {
        let (net, gross) = (limitedTotals.beforeTax, limitedTotals.afterTax)
        let netBound = Exact(limit.net)
        let newNet = violates(net, netBound) ? netBound : net
        var newGross = gross
        if tariff.taxMode == .none {
            newGross = newNet
        } else if let bound = limit.gross.map(Exact.init) {
            newGross = violates(gross, bound) ? bound : gross
        } else if newNet != net {
            let ratio = net.reciprocal.map { gross.times($0, precisionReduced: &isPrecisionReduced) } ?? .one
            newGross = newNet.times(ratio, precisionReduced: &isPrecisionReduced)
        }
        guard newNet != net || newGross != gross else { return nil }
        return Rated.ExactTotals(beforeTax: newNet, afterTax: newGross)
    }
}

extension Totals {
    /// Rounds every line once, tax once per rate, and adds up (tariffs.md §4.3).
    consuming func rated(segments: [Rated.Segment], policy: RatingPolicy) -> Rated {
        var lines = drafts.map(rounded)
        var table = TaxTable(lines, mode: tariff.taxMode, currency: tariff.currency)
        if let limited {
            let currency = tariff.currency
            let net = Money(minorUnits: limitedTotals.beforeTax.minorUnits(of: currency), currency: currency)
            let gross = Money(minorUnits: limitedTotals.afterTax.minorUnits(of: currency), currency: currency)
            lines.append(line(for: limited, total: isGross ? gross : net, of: lines))
            if !table.move(to: net, gross: gross) {
                notes.note(
                    .limitTaxUnattributed, at: "/taxes",
                    "A limit changed the tax of a session to which no rate applies.")
            }
        }
        if isPrecisionReduced {
            notes.note(.precisionReduced, at: "", "An exact total was rounded to 18 decimals.")
        }
        return Rated(
            currency: tariff.currency, exact: limitedTotals, net: table.net, gross: table.gross,
            lineBasis: isGross ? .afterTax : .beforeTax, lines: lines, taxes: table.taxes,
            segments: segments, notes: notes, roundingPolicy: policy.name)
    }

    private func rounded(_ draft: Draft) -> RatedLine {
        let perMajor = Int128(tariff.currency.minorUnitsPerMajor)
        let amount = divide(draft.cost * perMajor, by: Cost.denominator, rounding: .halfUp)
        let first = draft.parts[0]
        let isOneUnit = draft.parts.allSatisfy { $0.quantity.unit == first.quantity.unit }
        let quantity =
            isOneUnit && first.unitPrice != nil
            ? Measured(draft.parts.reduce(0) { $0 + $1.quantity.fineUnits }, first.quantity.unit)
            : Measured(1, .once)
        return RatedLine(
            kind: draft.kind, quantity: quantity,
            unitPrice: draft.parts.allSatisfy { $0.unitPrice == first.unitPrice } ? first.unitPrice : nil,
            exact: Exact(draft.cost, over: Cost.denominator),
            amount: Money(minorUnits: Int64(amount), currency: tariff.currency), taxRate: draft.taxRate,
            reason: first.reason, from: first.from, to: draft.parts.reduce(first.to) { max($0, $1.to) },
            parts: draft.parts)
    }

    /// The line that carries what a limit changed, so that the lines add up to the total (rule 8).
    private mutating func line(for limited: Limited, total: Money, of lines: [RatedLine]) -> RatedLine {
        let (before, after) =
            isGross
            ? (priced.afterTax, limitedTotals.afterTax) : (priced.beforeTax, limitedTotals.beforeTax)
        return RatedLine(
            kind: limited.kind, quantity: Measured(1, .once), unitPrice: nil,
            exact: after.minus(before, precisionReduced: &isPrecisionReduced),
            amount: total - lines.map(\.amount).sum(in: tariff.currency), taxRate: nil,
            reason: limited.reason,
            from: limited.from, to: limited.to, parts: [])
    }
}
