// SPDX-License-Identifier: Apache-2.0

import Quantities

// Stage 7 of tariffs.md §4: caps and floors of components, then discounts; and coupons on the price.

extension Totals {
    /// Caps, floors and discounts of a component are lines of their own, taxed like what they change.
    mutating func adjust(
        _ component: RatingPlan.Component, _ index: Int, _ selection: Selection, like part: RatedPart
    ) {
        var (cost, quantity, start) = (Cost.zero, Int128(0), Int64.max)
        for tally in selection.tallies where tally.component == index {
            cost += Cost(tally.quantity + tally.surplus, component.dimension.unit, at: tally.price)
            if tally.relief == .none { quantity += tally.quantity + tally.surplus }
            start = min(start, tally.from)
        }
        let from = Instant(nanoseconds: start)
        let terms = selection.plan.terms[index]
        if let cap = terms.cap, Cost(cap) < cost {
            let reason = Reason.capped(cap, element: component.element)
            let change = Cost(cap) - cost
            add(
                self.change(of: part, from, by: change, reason), change, to: .componentCap, tax: component.tax
            )
            cost = Cost(cap)
        }
        if let floor = terms.floor, cost < Cost(floor) {
            let reason = Reason.raised(floor, element: component.element)
            let change = Cost(floor) - cost
            add(
                self.change(of: part, from, by: change, reason), change, to: .componentFloor,
                tax: component.tax)
            cost = Cost(floor)
        }
        guard let discount = terms.discounts.first(where: { context.groups.contains($0.group) }) else {
            return
        }
        apply(discount, to: cost, of: Measured(quantity, component.dimension.unit), component, part, from)
    }

    private mutating func apply(
        _ discount: Discount, to cost: Cost, of quantity: Measured, _ component: RatingPlan.Component,
        _ part: RatedPart, _ from: Instant
    ) {
        let reason = Reason.discount(discount, component.dimension, element: component.element)
        switch discount.amount {
        case .percent(let share):
            let reduction = -cost.part(share)
            add(change(of: part, from, by: reduction, reason), reduction, to: .discount, tax: component.tax)
        case .perUnit(let rate):
            guard cost.isPositive else { return }
            let wanted = Cost(quantity.fineUnits, quantity.unit, at: rate.billionths)
            // A reduction never makes a price negative.
            let isWhole = wanted <= cost
            let reduction = -(isWhole ? wanted : cost)
            let priced = isWhole ? (quantity, Rate(billionths: -rate.billionths)) : nil
            add(
                change(of: part, from, by: reduction, reason, priced), reduction, to: .discount,
                tax: component.tax)
        }
    }

    private mutating func change(
        of part: RatedPart, _ from: Instant, by cost: Cost, _ reason: Reason,
        _ priced: (quantity: Measured, price: Rate)? = nil
    ) -> RatedPart {
        RatedPart(
            element: part.element, component: part.component, tariff: part.tariff, concerns: part.concerns,
            quantity: priced?.quantity ?? Measured(1, .once), unitPrice: priced?.price,
            exact: cost.exact(precisionReduced: &isPrecisionReduced),
            stepSurplus: Measured(0, priced?.quantity.unit ?? .once), reason: reason, from: from, to: part.to)
    }

    /// A price coupon lowers the price before tax, at most to nothing; each way of taxing bears its share.
    mutating func applyPriceCoupons() {
        for coupon in context.coupons where coupon.kind == .price {
            let groups = costPerTax().filter { $0.cost.isPositive }
            let total = costPerTax().reduce(into: Cost.zero) { $0 += $1.cost }
            var used = Cost.zero
            if total.isPositive, !groups.isEmpty {
                used = min(Cost(coupon.amount), total)
                for (tax, share) in zip(groups.map(\.tax), used.shared(over: groups.map(\.cost))) {
                    add(-share, to: .discount, tax: tax, .coupon(coupon.id))
                }
            }
            couponUses.append(
                Rated.CouponUse(
                    id: coupon.id, kind: .price,
                    used: Money(minorUnits: used.minorUnits(of: tariff.currency), currency: tariff.currency),
                    left: .zero(tariff.currency)))
        }
    }

    /// What the session took from each allowance.
    mutating func countAllowances(_ selection: Selection) {
        for (number, counter) in tariff.rules.counters.enumerated() {
            guard case .allowance(let dimension, _) = counter.rule else { continue }
            let used = selection.tallies.reduce(Int128(0)) {
                $1.relief == .allowance(number) ? $0 + $1.quantity : $0
            }
            counterChanges.append(
                Rated.CounterChange(id: counter.id, change: .used(Measured(used, dimension.unit))))
        }
    }
}

extension Cost {
    /// The cost in proportion to positive weights; what is left over goes to the largest. Parts sum to the whole.
    fileprivate func shared(over weights: [Cost]) -> [Cost] {
        let total = weights.reduce(UInt128(0)) { $0 + $1.units.magnitude }
        guard total > 0 else { return weights.indices.map { $0 == 0 ? self : .zero } }
        var left = self
        var shares = weights.map { weight in
            // The weight is at most the total, so the quotient is at most the cost.
            let product = units.magnitude.multipliedFullWidth(by: weight.units.magnitude)
            let share = Cost(
                units: weight.units.magnitude == total
                    ? units : Int128(total.dividingFullWidth(product).quotient))
            left = left - share
            return share
        }
        let largest = weights.indices.reduce(0) { weights[$0] < weights[$1] ? $1 : $0 }
        shares[largest] += left
        return shares
    }
}
