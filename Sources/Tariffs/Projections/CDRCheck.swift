// SPDX-License-Identifier: Apache-2.0

import Quantities

/// One total of a CDR beside the one that the rater computes (tariffs.md §8.2).
public struct CDRCheck: Hashable, Sendable {
    /// How the two compare.
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// Equal to four decimals, or to the minor unit by one of the usual roundings.
        case match
        /// At most one minor unit per line apart.
        case rounding
        /// Further apart.
        case differs
        /// The CDR does not report it.
        case absent
        /// The meaning of the field is disputed, and one of its meanings fits.
        case notAdjudicable = "not_adjudicable"
    }

    /// The place in the CDR, e.g. `total_cost.excl_vat`.
    public let field: String
    /// As it was reported; nil if it was not.
    public let reported: String?
    /// As it was computed, rounded half up to four decimals.
    public let computed: String
    /// Reported less computed; nil if nothing was reported.
    public let difference: String?
    /// How the two compare.
    public let verdict: Verdict
}

/// A CDR that was priced again.
public struct CDRVerification: Hashable, Sendable {
    /// Whose tariff fits.
    public enum Source: String, Hashable, Sendable {
        /// The one inside the CDR.
        case embedded
        /// The receiver's own.
        case own
    }

    /// The CDR's name.
    public let id: String
    /// What the session costs.
    public let rated: Rated
    /// Each total beside the reported one.
    public let checks: [CDRCheck]
    /// Whose tariff was used; where there were two, the one that fits better.
    public let source: Source

    /// How many totals do not agree.
    var differences: Int { checks.count { $0.verdict == .differs } }
}

/// Computes the totals of a CDR from a bill and compares them.
struct CDRChecks {
    let cdr: CDRFile
    let rated: Rated
    let usage: Usage
    /// The session's tariffs, in the order of the indices on the bill.
    let tariffs: [Tariff]

    /// Net and gross of one kind of total, exact, and how many lines are in it.
    private struct Amount {
        var net = Exact.zero
        var gross = Exact.zero
        var lines = 0
    }

    /// All checks, in the order of the fields.
    func all() -> [CDRCheck] {
        let amounts = amounts()
        return CDRFile.Total.allCases.flatMap { total -> [CDRCheck] in
            let reported = cdr.reported[total]
            if total.isQuantity { return [quantity(total, reported)] }
            var amount =
                total == .cost
                ? Amount(
                    net: rated.exact.beforeTax, gross: rated.exact.afterTax, lines: max(1, rated.lines.count))
                : amounts.perTotal[total] ?? Amount()
            // D33: a credit negates the total and copies everything else.
            if total == .cost, cdr.isCredit { (amount.net, amount.gross) = (-amount.net, -amount.gross) }
            let isDisputed = [.fixedCost, .parkingCost, .reservationCost].contains(total)
            let disputed = isDisputed ? amounts.fees : Amount()
            return [
                check(
                    reported?.netField ?? "\(total.rawValue).excl_vat", reported?.net, amount.net,
                    amount.lines,
                    disputed.net),
                check(
                    reported?.grossField ?? "\(total.rawValue).incl_vat", reported?.gross, amount.gross,
                    amount.lines, disputed.gross),
            ]
        }
    }

    private func quantity(_ total: CDRFile.Total, _ reported: CDRFile.Reported?) -> CDRCheck {
        let computed: Exact
        switch total {
        case .energy:
            computed = Exact(Int128(usage.energy.milliwattHours), over: 1_000_000)
        case .time: computed = Exact(Int128(usage.duration.nanoseconds), over: 3_600_000_000_000)
        default:
            let parked = usage.intervals.filter { $0.state == .parking }
                .reduce(Int128(0)) { $0 + Int128(($1.end - $1.start).nanoseconds) }
            computed = Exact(parked, over: 3_600_000_000_000)
        }
        // A volume with four decimals is off by up to half of the last one (D29).
        let tolerance = Exact(Int128(cdr.periods.count), over: 10_000)
        return check(
            total.rawValue, reported?.net, computed, tolerance: tolerance, disputed: .zero, isAmount: false)
    }

    private func check(
        _ field: String, _ reported: Int64?, _ computed: Exact, _ lines: Int, _ disputed: Exact
    ) -> CDRCheck {
        let unit = Int128(rated.currency.minorUnitsPerMajor)
        return check(
            field, reported, computed, tolerance: Exact(Int128(max(1, lines)), over: unit),
            disputed: disputed,
            isAmount: true)
    }

    private func check(
        _ field: String, _ reported: Int64?, _ computed: Exact, tolerance: Exact, disputed: Exact,
        isAmount: Bool
    ) -> CDRCheck {
        let shown = computed.fourDecimals
        guard let reported else {
            return CDRCheck(field: field, reported: nil, computed: shown, difference: nil, verdict: .absent)
        }
        let value = Exact(Int128(reported), over: 1_000_000_000)
        var isReduced = false
        var verdict = self.verdict(value, computed, tolerance, isAmount: isAmount)
        if verdict == .differs, disputed != .zero {
            // D30: the fee may stand in another field; whether it should is not for us to say.
            let meanings = [
                computed.plus(disputed, precisionReduced: &isReduced),
                computed.minus(disputed, precisionReduced: &isReduced),
            ]
            let fits = meanings.contains {
                self.verdict(value, $0, tolerance, isAmount: isAmount) != .differs
            }
            if fits { verdict = .notAdjudicable }
        }
        return CDRCheck(
            field: field, reported: Rate(billionths: reported).decimal, computed: shown,
            difference: value.minus(computed, precisionReduced: &isReduced).fourDecimals, verdict: verdict)
    }

    private func verdict(_ reported: Exact, _ computed: Exact, _ tolerance: Exact, isAmount: Bool)
        -> CDRCheck.Verdict
    {
        if reported.fourDecimals == computed.fourDecimals { return .match }
        let unit = Int128(rated.currency.minorUnitsPerMajor)
        let roundings: [Rounding] = [.halfUp, .halfEven, .towardZero]
        let isRounded =
            isAmount
            && roundings.contains { rounding in
                guard let scaled = computed.scaled(by: unit) else { return false }
                let rounded = divide(scaled.numerator, by: scaled.denominator, rounding: rounding)
                return Exact(rounded, over: unit) == reported
            }
        if isRounded { return .match }
        var isReduced = false
        let distance = reported.minus(computed, precisionReduced: &isReduced)
        let size = distance.numerator < 0 ? -distance : distance
        return tolerance.isLess(than: size) ? .differs : .rounding
    }
}

extension CDRChecks {
    /// What each total holds, and all fees whose place is disputed (D30).
    private func amounts() -> (perTotal: [CDRFile.Total: Amount], fees: Amount) {
        var totals: [CDRFile.Total: Amount] = [:]
        var fees = Amount()
        var isReduced = false
        for line in rated.lines {
            var touched: Set<CDRFile.Total> = []
            for part in line.parts {
                guard let total = total(of: part) else { continue }
                let (net, gross) = amounts(of: part.exact, line.taxRate)
                var amount = totals[total] ?? Amount()
                amount.net = amount.net.plus(net, precisionReduced: &isReduced)
                amount.gross = amount.gross.plus(gross, precisionReduced: &isReduced)
                if touched.insert(total).inserted { amount.lines += 1 }
                totals[total] = amount
                guard part.concerns == .flat || part.concerns == .reservationFlat else { continue }
                fees.net = fees.net.plus(net, precisionReduced: &isReduced)
                fees.gross = fees.gross.plus(gross, precisionReduced: &isReduced)
            }
        }
        return (totals, fees)
    }

    private func total(of part: RatedPart) -> CDRFile.Total? {
        switch part.concerns {
        case .energy: .energyCost
        case .time: .timeCost
        case .parking: .parkingCost
        case .reservation, .reservationFlat: .reservationCost
        case .flat: isParkingFee(part) ? .parkingCost : .fixedCost
        default: nil
        }
    }

    /// D30: a fee whose element has nothing else but parking.
    private func isParkingFee(_ part: RatedPart) -> Bool {
        let tariff = tariffs[min(part.tariff ?? 0, tariffs.count - 1)]
        guard tariff.elements.indices.contains(part.element) else { return false }
        let others = tariff.elements[part.element].components.map(\.dimension).filter { $0 != .flat }
        return !others.isEmpty && others.allSatisfy { $0 == .parking }
    }

    /// Net and gross of an amount at a rate, exact.
    private func amounts(of exact: Exact, _ rate: TaxRate?) -> (net: Exact, gross: Exact) {
        let factor = Exact(
            Int128(TaxRate.denominator + (rate?.tenThousandthsOfPercent ?? 0)),
            over: Int128(TaxRate.denominator))
        var isReduced = false
        switch tariffs[0].taxMode {
        case .excluded: return (exact, exact.times(factor, precisionReduced: &isReduced))
        case .included:
            return (exact.times(factor.reciprocal ?? .one, precisionReduced: &isReduced), exact)
        case .none: return (exact, exact)
        }
    }
}

extension Exact {
    /// The value with four decimals, half up: OCPI's class `number`.
    var fourDecimals: String {
        let short = decimal(maximumFractionDigits: 4)
        guard let point = short.firstIndex(of: ".") else { return short + ".0000" }
        let count = short.distance(from: point, to: short.endIndex) - 1
        return short + String(repeating: "0", count: 4 - count)
    }

    /// The value times a whole number; nil if that does not fit.
    func scaled(by factor: Int128) -> Exact? {
        let (product, overflow) = numerator.multipliedReportingOverflow(by: factor)
        return overflow || product == .min ? nil : Exact(product, over: denominator)
    }
}
