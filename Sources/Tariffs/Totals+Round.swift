// SPDX-License-Identifier: Apache-2.0

import Quantities

// Stage 10 of tariffs.md §4: the one rounding (§4.3).

extension Totals {
    /// Rounds every line once, tax once per rate, and adds up.
    consuming func rated(segments: [Rated.Segment], policy: RatingPolicy) -> Rated {
        var lines: [RatedLine] = []
        lines.reserveCapacity(drafts.count + 2)
        for draft in drafts { lines.append(rounded(draft)) }
        let feeLine = fee.map(rounded)
        var table = TaxTable(mode: tariff.taxMode, currency: tariff.currency)
        for (draft, line) in zip(drafts, lines) { table.add(line.amount, draft.tax) }
        // Without a limit the fee is a line like any other, and its tax is rounded together with theirs.
        if limits.isEmpty, let fee, let feeLine { table.add(feeLine.amount, fee.tax) }
        table.tax(treatments)
        if let feeLine { lines.append(feeLine) }
        let limitLines = limitLines(after: lines, feeLine)
        if let last = limits.last {
            let (net, gross) = (money(last.totals.beforeTax), money(last.totals.afterTax))
            if !table.move(to: net, gross: gross) {
                notes.note(
                    .limitTaxUnattributed, at: "/taxes",
                    "A limit changed the tax of a session to which no rate applies.")
            }
            if let fee, let feeLine { table.addTaxed(feeLine.amount, fee.tax, treatments) }
        }
        countCaps(lines + limitLines, feeLine)
        lines = kept(lines, feeLine) + limitLines
        let exact = exactTotals()
        if isPrecisionReduced {
            notes.note(.precisionReduced, at: "", "An exact total was rounded to 18 decimals.")
        }
        let gross = table.gross
        payWithCoupons(gross)
        return Rated(
            currency: tariff.currency, exact: exact, net: table.net, gross: gross,
            lineBasis: isGross ? .afterTax : .beforeTax, lines: lines, taxes: table.taxes(treatments),
            segments: segments, notes: notes, roundingPolicy: policy.name, counterChanges: counterChanges,
            couponUses: couponUses)
    }

    /// OCPP's minimum cost replaces the whole cost: no other line is left (tariffs.md §6).
    private func kept(_ lines: [RatedLine], _ feeLine: RatedLine?) -> [RatedLine] {
        guard replacesLines else { return lines }
        return feeLine.map { [$0] } ?? []
    }

    private var replacesLines: Bool {
        tariff.rules.ruleSet == .ocpp && limits.first?.kind == .minPrice
    }

    private func money(_ exact: Exact) -> Money {
        Money(minorUnits: exact.minorUnits(of: tariff.currency), currency: tariff.currency)
    }

    private mutating func rounded(_ draft: Draft) -> RatedLine {
        var (quantity, unitPrice): (Measured, Rate?) = (Measured(1, .once), nil)
        if let first = draft.parts.first, first.unitPrice != nil {
            let isOneUnit = draft.parts.allSatisfy { $0.quantity.unit == first.quantity.unit }
            if isOneUnit {
                quantity = Measured(draft.parts.reduce(0) { $0 + $1.quantity.fineUnits }, first.quantity.unit)
            }
            if draft.parts.allSatisfy({ $0.unitPrice == first.unitPrice }) { unitPrice = first.unitPrice }
        }
        let exact =
            draft.parts.count == 1
            ? draft.parts[0].exact : draft.cost.exact(precisionReduced: &isPrecisionReduced)
        return line(
            draft.kind, quantity, unitPrice, exact,
            Money(minorUnits: draft.cost.minorUnits(of: tariff.currency), currency: tariff.currency),
            treatments[draft.tax], draft.reason, (draft.from, draft.to), draft.parts)
    }

    /// The fee, rounded like any line.
    private func rounded(_ fee: Fee) -> RatedLine {
        line(
            .percentageFee, Measured(1, .once), nil, fee.amount, money(fee.amount), treatments[fee.tax],
            fee.reason,
            limitSpan, [])
    }

    private func line(
        _ kind: LineKind, _ quantity: Measured, _ unitPrice: Rate?, _ exact: Exact, _ amount: Money,
        _ treatment: TaxTreatment, _ reason: Reason, _ span: (from: Instant, to: Instant),
        _ parts: [RatedPart]
    ) -> RatedLine {
        RatedLine(
            kind: kind, quantity: quantity, unitPrice: unitPrice, exact: exact, amount: amount,
            taxRate: treatment.rate, furtherTaxes: treatment.further.isEmpty ? nil : treatment.further,
            reason: reason, from: span.from, to: span.to, parts: parts)
    }

    /// The lines that carry what limits changed, so that the lines add up to the total (rule 8).
    private mutating func limitLines(after lines: [RatedLine], _ feeLine: RatedLine?) -> [RatedLine] {
        guard !limits.isEmpty else { return [] }
        var before = replacesLines ? Exact.zero : isGross ? priced.afterTax : priced.beforeTax
        var sum = Money.zero(tariff.currency)
        if !replacesLines { sum = lines.map(\.amount).sum(in: tariff.currency) - (feeLine?.amount ?? sum) }
        var result: [RatedLine] = []
        for limit in limits {
            let after = isGross ? limit.totals.afterTax : limit.totals.beforeTax
            let total = money(after)
            result.append(
                line(
                    limit.kind, Measured(1, .once), nil,
                    after.minus(before, precisionReduced: &isPrecisionReduced),
                    total - sum, TaxTreatment(rate: nil, further: []), limit.reason, limitSpan, []))
            (before, sum) = (after, total)
        }
        return result
    }

    /// The totals after limits and the fee.
    private mutating func exactTotals() -> Rated.ExactTotals {
        let totals = limits.last?.totals ?? priced
        guard let fee else { return totals }
        let (net, gross) = split(fee.amount, by: treatments[fee.tax])
        return Rated.ExactTotals(
            beforeTax: totals.beforeTax.plus(net, precisionReduced: &isPrecisionReduced),
            afterTax: totals.afterTax.plus(gross, precisionReduced: &isPrecisionReduced))
    }

    /// What was charged counts towards every cap, in the basis of the prices and without the percentage fee.
    private mutating func countCaps(_ lines: [RatedLine], _ feeLine: RatedLine?) {
        guard !tariff.rules.counters.isEmpty else { return }
        var charged = (isWaived ? [] : lines).map(\.amount).sum(in: tariff.currency)
        if let feeLine { charged -= feeLine.amount }
        if replacesLines, let last = limits.last {
            charged = money(isGross ? last.totals.afterTax : last.totals.beforeTax)
        }
        for counter in tariff.rules.counters {
            guard case .cap = counter.rule else { continue }
            counterChanges.append(Rated.CounterChange(id: counter.id, change: .spent(charged)))
        }
    }

    /// Value coupons pay what they can of the gross total after rounding; the rest stays on them.
    private mutating func payWithCoupons(_ gross: Money) {
        var due = gross
        for coupon in context.coupons where coupon.kind == .value {
            let used = due.isPositive ? min(due, coupon.amount) : .zero(tariff.currency)
            due -= used
            couponUses.append(
                Rated.CouponUse(id: coupon.id, kind: .value, used: used, left: coupon.amount - used))
        }
    }
}
