// SPDX-License-Identifier: Apache-2.0

import Quantities

// Stage 9 of tariffs.md §4: minimum, maximum, counters over sessions, the percentage fee.

extension Totals {
    /// The exact totals after everything that applied so far, without the percentage fee.
    private var current: Rated.ExactTotals { limits.last?.totals ?? priced }

    /// First the minimum, then the maximum; exact values are compared, never rounded ones (D20, rule 9).
    mutating func applyLimits(from: Instant, to: Instant) {
        guard !isWaived else { return }
        if let limit = tariff.minimum, let totals = clamped(to: limit, where: { $0.isLess(than: $1) }) {
            limits.append(Limited(kind: .minPrice, reason: .minimumPrice(limit), totals: totals))
            notes.note(.clampedMin, at: "/min_price", "The session costs its minimum price.")
        }
        if let limit = tariff.maximum, let totals = clamped(to: limit, where: { $1.isLess(than: $0) }) {
            // Both can only apply where one bounds the net and the other the gross; the last one tells why.
            limits = [Limited(kind: .maxPrice, reason: .maximumPrice(limit), totals: totals)]
            notes.note(.clampedMax, at: "/max_price", "The session costs its maximum price.")
        }
        limitSpan = (from, to)
        applyCounterCaps()
        applyPercentageFee()
    }

    /// The totals moved to the bounds that they violate; nil if they violate none.
    ///
    /// Net and gross clamp separately. Without a gross bound the gross keeps its ratio to the net.
    private mutating func clamped(to limit: Tariff.Limit, where violates: (Exact, Exact) -> Bool)
        -> Rated.ExactTotals?
    {
        let (net, gross) = (current.beforeTax, current.afterTax)
        let netBound = Exact(limit.net)
        let newNet = violates(net, netBound) ? netBound : net
        var newGross = gross
        if tariff.taxMode == .none {
            newGross = newNet
        } else if let bound = limit.gross.map(Exact.init) {
            newGross = violates(gross, bound) ? bound : gross
        } else if newNet != net {
            newGross = scaled(gross, from: net, to: newNet)
        }
        guard newNet != net || newGross != gross else { return nil }
        return Rated.ExactTotals(beforeTax: newNet, afterTax: newGross)
    }

    /// The other total in the same proportion; the same amount where there is none.
    private mutating func scaled(_ other: Exact, from old: Exact, to new: Exact) -> Exact {
        let ratio = old.reciprocal.map { other.times($0, precisionReduced: &isPrecisionReduced) } ?? .one
        return new.times(ratio, precisionReduced: &isPrecisionReduced)
    }

    /// Several sessions together cost at most so much, in the basis of the prices. What was charged counts, so that the
    /// amounts on the bills never sum to more than the cap.
    private mutating func applyCounterCaps() {
        for counter in tariff.rules.counters {
            guard case .cap(let cap) = counter.rule else { continue }
            var left = Exact(cap)
            if case .spent(let spent) = context.balances[counter.id] {
                let before = Exact(Int128(spent.minorUnits), over: Int128(tariff.currency.minorUnitsPerMajor))
                left = left.minus(before, precisionReduced: &isPrecisionReduced)
                if left.isLess(than: .zero) { left = .zero }
            }
            let (basis, other) =
                isGross ? (current.afterTax, current.beforeTax) : (current.beforeTax, current.afterTax)
            if left.isLess(than: basis) {
                let scaled = scaled(other, from: basis, to: left)
                let totals =
                    isGross
                    ? Rated.ExactTotals(beforeTax: scaled, afterTax: left)
                    : Rated.ExactTotals(beforeTax: left, afterTax: scaled)
                limits.append(
                    Limited(kind: .counterCap, reason: .counterCap(counter.id, cap), totals: totals))
            }
        }
    }

    /// A share of the total after limits, on its own line, taxed at its own rate.
    private mutating func applyPercentageFee() {
        guard let rule = tariff.rules.percentageFee else { return }
        let basis = isGross ? current.afterTax : current.beforeTax
        let share = Exact(Int128(rule.share.tenThousandths), over: Int128(Percentage.whole))
        let tax = index(of: TaxTreatment(rate: tariff.taxMode == .none ? nil : rule.taxRate, further: []))
        fee = Fee(
            tax: tax, amount: basis.times(share, precisionReduced: &isPrecisionReduced),
            reason: .percentageFee(rule.share))
    }
}
