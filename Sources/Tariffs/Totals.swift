// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Costs, caps, discounts, tax, limits and the one rounding (stages 6 to 10 of tariffs.md §4).
struct Totals {
    /// A line before it is rounded.
    struct Draft {
        /// What the line is about.
        let kind: LineKind
        /// How all its parts are taxed: an index into `treatments`.
        let tax: Int
        /// Why; the first reason if there are several.
        var reason: Reason
        /// Where it begins.
        var from: Instant
        /// Where it ends.
        var to: Instant
        /// The sum of its parts.
        var cost = Cost.zero
        /// The share of each component; empty for what concerns the session.
        var parts: [RatedPart] = []
    }

    /// What a limit of the session, or of several sessions, did.
    struct Limited {
        /// Minimum, maximum or counter.
        let kind: LineKind
        /// Which bound.
        let reason: Reason
        /// The exact totals after it.
        var totals: Rated.ExactTotals
    }

    /// A fee on the total.
    struct Fee {
        /// How it is taxed.
        let tax: Int
        /// In the basis of the lines.
        let amount: Exact
        /// Why.
        let reason: Reason
    }

    /// What was promised; the tariff in force at the end of the session.
    let tariff: Tariff
    /// Who pays, and what was counted before.
    let context: RatingContext
    /// The ways in which lines are taxed.
    private(set) var treatments: [TaxTreatment]
    /// What a person should know.
    var notes: [Note]
    /// The lines so far.
    var drafts: [Draft] = []
    /// Exact totals before the limits of the session.
    var priced = Rated.ExactTotals(beforeTax: .zero, afterTax: .zero)
    /// The limits that applied, in order.
    var limits: [Limited] = []
    /// The fee on what is left after the limits.
    var fee: Fee?
    /// From the start to the end of the session; of the reservation if no session followed.
    var limitSpan = (from: Instant.epoch, to: Instant.epoch)
    /// What counters counted.
    var counterChanges: [Rated.CounterChange] = []
    /// What price coupons took off.
    var couponUses: [Rated.CouponUse] = []
    /// Start of the session.
    private(set) var from = Instant.epoch
    /// End of the session.
    private(set) var to = Instant.epoch
    /// Whether an exact fraction outgrew 128 bits.
    var isPrecisionReduced = false
    /// Whether nothing is charged because there was next to no use.
    let isWaived: Bool

    /// Whether lines are gross.
    var isGross: Bool { tariff.taxMode == .included }

    /// The cost of everything that was selected, exact.
    init(_ offer: Offer, _ selection: Selection, _ context: RatingContext, isWaived: Bool) {
        tariff = offer.last
        self.context = context
        self.isWaived = isWaived
        treatments = offer.plan.taxes
        notes = selection.notes
        if let first = selection.segments.first, let last = selection.segments.last {
            (from, to) = (first.from, last.to)
        }
        guard !isWaived else {
            notes.note(
                .waivedTrivial, at: "/rules/waive_below", "There was next to no use, so nothing is charged.")
            return
        }
        drafts.reserveCapacity(8)
        addAll(selection, offer.plan)
        orderLines()
        applyPriceCoupons()
        addUp()
        countAllowances(selection)
    }

    private mutating func addAll(_ selection: Selection, _ plan: RatingPlan) {
        for (index, tally) in selection.tallies.enumerated() {
            let component = plan.components[tally.component]
            let unit = component.dimension.unit
            let quantity = tally.quantity + tally.surplus
            let cost = Cost(quantity, unit, at: tally.price)
            let part = RatedPart(
                element: component.element, component: component.index,
                tariff: component.tariff == 0 ? nil : component.tariff, concerns: component.kind,
                quantity: Measured(quantity, unit), unitPrice: Rate(billionths: tally.price),
                exact: cost.exact(precisionReduced: &isPrecisionReduced),
                stepSurplus: Measured(tally.surplus, unit), reason: reason(of: tally, component, plan),
                from: Instant(nanoseconds: tally.from), to: Instant(nanoseconds: tally.to))
            add(part, cost, to: component.kind, tax: component.tax)
            if isGross, treatments[component.tax].rate == nil, treatments[component.tax].further.isEmpty {
                notes.note(
                    .taxRateMissing,
                    at: "/elements/\(component.element)/price_components/\(component.index)/vat",
                    "The price contains tax at a rate that is not stated; net and gross are the same.")
            }
            // Once for each component, where its last tally comes.
            let isLast = !selection.tallies[(index + 1)...].contains { $0.component == tally.component }
            if component.isAdjusted, isLast { adjust(component, tally.component, selection, like: part) }
        }
    }

    private func reason(
        of tally: Selection.Tally, _ component: RatingPlan.Component, _ plan: RatingPlan
    ) -> Reason {
        switch tally.relief {
        case .none: return plan.terms[tally.component].reason
        case .free:
            let unit = component.dimension.stepUnit ?? 1
            return .free(Int64(component.free / unit), component.dimension, element: component.element)
        case .allowance(let number):
            return .allowance(tariff.rules.counters[number].id, element: component.element)
        }
    }

    /// Adds a part to the line of its kind and tax.
    mutating func add(_ part: RatedPart, _ cost: Cost, to kind: LineKind, tax: Int) {
        let index = drafts.firstIndex { $0.kind == kind && $0.tax == tax } ?? drafts.count
        if index == drafts.count {
            drafts.append(Draft(kind: kind, tax: tax, reason: part.reason, from: part.from, to: part.to))
        }
        drafts[index].cost += cost
        drafts[index].parts.append(part)
        drafts[index].to = max(drafts[index].to, part.to)
    }

    /// Adds a line that concerns the whole session.
    mutating func add(_ cost: Cost, to kind: LineKind, tax: Int, _ reason: Reason) {
        drafts.append(Draft(kind: kind, tax: tax, reason: reason, from: from, to: to, cost: cost))
    }

    /// The index of a treatment of tax, which may be new.
    mutating func index(of treatment: TaxTreatment) -> Int {
        if let index = treatments.firstIndex(of: treatment) { return index }
        treatments.append(treatment)
        return treatments.count - 1
    }

    /// In the order in which their first part begins, ties in the order of the kinds (rule 1).
    private mutating func orderLines() {
        for index in drafts.indices where drafts[index].parts.count > 1 {
            drafts[index].parts.sort {
                ($0.from, $0.tariff ?? 0, $0.element, $0.component) < (
                    $1.from, $1.tariff ?? 0, $1.element, $1.component
                )
            }
            drafts[index].from = drafts[index].parts[0].from
            drafts[index].reason = drafts[index].parts[0].reason
        }
        guard drafts.count > 1 else { return }
        drafts.sort { left, right in
            if left.from != right.from { return left.from < right.from }
            if left.kind != right.kind { return left.kind < right.kind }
            let (first, second) = (left.parts[0], right.parts[0])
            return (first.tariff ?? 0, first.element, first.component)
                < (second.tariff ?? 0, second.element, second.component)
        }
    }

    /// Exact totals: tax is exact for each rate here and rounded for each rate later.
    private mutating func addUp() {
        var (net, gross) = (Exact.zero, Exact.zero)
        for (tax, cost) in costPerTax() {
            let amount = cost.exact(precisionReduced: &isPrecisionReduced)
            let (before, after) = split(amount, by: treatments[tax])
            net = net.plus(before, precisionReduced: &isPrecisionReduced)
            gross = gross.plus(after, precisionReduced: &isPrecisionReduced)
        }
        priced = Rated.ExactTotals(beforeTax: net, afterTax: gross)
    }

    /// The net and the gross of an amount in the basis of the lines.
    mutating func split(_ amount: Exact, by treatment: TaxTreatment) -> (net: Exact, gross: Exact) {
        switch tariff.taxMode {
        case .excluded: (amount, amount.times(treatment.factor, precisionReduced: &isPrecisionReduced))
        case .included:
            (
                amount.times(treatment.factor.reciprocal ?? .one, precisionReduced: &isPrecisionReduced),
                amount
            )
        case .none: (amount, amount)
        }
    }

    /// The sum of the lines of each treatment, in the order of the lines.
    func costPerTax() -> [(tax: Int, cost: Cost)] {
        var groups: [(tax: Int, cost: Cost)] = []
        for draft in drafts {
            if let index = groups.firstIndex(where: { $0.tax == draft.tax }) {
                groups[index].cost += draft.cost
            } else {
                groups.append((draft.tax, draft.cost))
            }
        }
        return groups
    }
}
