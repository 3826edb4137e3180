// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// Turns what happened and what was promised into a bill whose every amount can be explained.
///
/// The one place where a session's money is computed: running cost, final cost, CDR and receipt all come from
/// here. A pure function of its arguments; input outside the limits of tariffs.md §8.1 is refused before any
/// arithmetic.
public struct Rater: Hashable, Sendable {
    /// The rules of rounding.
    public let policy: RatingPolicy

    /// A rater that rounds by `policy`.
    public init(policy: RatingPolicy = .lineHalfUp1) { self.policy = policy }

    /// Prices a timeline.
    ///
    /// - Parameters:
    ///   - usage: what happened; intervals in any order.
    ///   - tariff: what was promised, with the rates of tax that apply.
    ///   - zone: the clocks of the place over the span of the session; nil if nobody knows, which is refused
    ///     only if the tariff names local times (D25).
    ///   - context: who pays how, and what was counted before; nothing known by default.
    ///   - changes: tariffs that took over while the session went on, in any order.
    public func rate(
        _ usage: Usage, under tariff: Tariff, in zone: ZoneRules?, given context: RatingContext = .unknown,
        changing changes: [TariffChange] = []
    ) throws(RatingError) -> Rated {
        var notes: [Note] = []
        let timeline = try Timeline(usage, notes: &notes)
        let offer = try Offer(tariff, changes, over: timeline)
        guard zone != nil || !offer.plan.readsLocalTime else {
            throw RatingError(
                .timeZoneMissing, at: "/time_zone",
                "The tariff names local times, so the time zone of the location is needed.")
        }
        try context.check(for: offer)
        noteTariff(tariff, start: timeline.start, notes: &notes)

        let prices = try PriceSteps(offer.plan, context, over: timeline, isFrozen: policy.freezesStart)
        var selection = Selection(offer, context, prices, zone ?? .utc, timeline, policy)
        selection.notes.insert(contentsOf: notes, at: 0)
        var splitter = Splitter(timeline, offer.plan, zone ?? .utc, context, prices, policy)
        for span in timeline.spans { splitter.cut(span, into: &selection) }
        selection.noteWhatIsFree()
        selection.applySteps()

        var totals = Totals(offer, selection, context, isWaived: isTrivial(usage, timeline, offer.last))
        totals.applyLimits(from: timeline.start, to: timeline.end)
        return totals.rated(segments: selection.segments, policy: policy)
    }

    /// Waive if trivial (tariffs.md §3): both energy and time are below the operator's threshold.
    private func isTrivial(_ usage: Usage, _ timeline: Timeline, _ tariff: Tariff) -> Bool {
        guard let waiver = tariff.rules.waiver, let start = timeline.sessionStart else { return false }
        let energy = timeline.spans.reduce(Int128(0)) { $0 + ($1.state == .reserved ? 0 : $1.energy) }
        return energy < Int128(waiver.wattHours) * EnergyDimension.stepUnit
            && Int128(timeline.end.nanoseconds - start) < Int128(waiver.seconds) * TimeDimension.stepUnit
    }

    private func noteTariff(_ tariff: Tariff, start: Instant, notes: inout [Note]) {
        let isEarly = tariff.validFrom.map { start < $0 } ?? false
        let isLate = tariff.validUntil.map { start >= $0 } ?? false
        if isEarly || isLate {
            notes.note(
                .tariffNotValidAtStart, at: isEarly ? "/start_date_time" : "/end_date_time",
                "The session began outside the tariff's validity.")
        }
        for place in tariff.plan.strayTaxes {
            notes.note(
                .strayTaxRate, at: "/elements/\(place.element)/price_components/\(place.component)/vat",
                "Tax is not applicable, so this rate is ignored.")
        }
        let hasStrayBound = tariff.minimum?.gross != nil || tariff.maximum?.gross != nil
        if tariff.taxMode == .none, hasStrayBound {
            notes.note(
                .strayTaxRate, at: tariff.minimum?.gross != nil ? "/min_price" : "/max_price",
                "Tax is not applicable, so the bound after tax is ignored.")
        }
    }
}

/// A tariff that takes over in the middle of a session (OCPP 2.1 ChangeTransactionTariff, or a change of profile).
public struct TariffChange: Hashable, Sendable {
    /// First instant at which it is in force.
    public let from: Instant
    /// What is promised from then on.
    public let tariff: Tariff

    /// A tariff from an instant on.
    public init(from: Instant, _ tariff: Tariff) {
        self.from = from
        self.tariff = tariff
    }
}

/// What was promised over the whole of a session, compiled.
struct Offer {
    /// The tariff in force at the end: its limits, rules and steps count.
    let last: Tariff
    /// Index of that tariff in the plan.
    let lastIndex: Int
    /// Everything that prices.
    let plan: RatingPlan

    /// A tariff and those that took over before the end; a later one has no effect.
    ///
    /// Refuses another currency (NoCurrencyChange) and another way to state tax.
    init(_ tariff: Tariff, _ changes: [TariffChange], over timeline: Timeline) throws(RatingError) {
        // A jump of the register at the very end belongs to the tariff that begins there.
        let jump = timeline.spans[timeline.spans.count - 1].start
        let effective = changes.filter { $0.from < timeline.end || $0.from.nanoseconds == jump }
            .sorted { $0.from < $1.from }
        for change in effective {
            guard change.tariff.currency == tariff.currency else {
                throw RatingError(
                    .currencyChanged, at: "/tariff_changes", "A session keeps its currency: NoCurrencyChange."
                )
            }
            guard change.tariff.taxMode == tariff.taxMode else {
                throw RatingError(
                    .taxModeChanged, at: "/tariff_changes", "A session keeps to prices with or without tax.")
            }
        }
        last = effective.last?.tariff ?? tariff
        lastIndex = effective.count
        plan =
            effective.isEmpty
            ? tariff.plan
            : RatingPlan(tariff, changing: effective.map { ($0.from.nanoseconds, $0.tariff) })
    }
}

extension RatingContext {
    /// Refuses what contradicts itself or the tariff, before any arithmetic.
    func check(for offer: Offer) throws(RatingError) {
        for (name, values) in indexes.sorted(by: { $0.key < $1.key }) {
            try TariffLimits.check(values, at: "/context/indexes/\(name)")
        }
        guard occupancy.count <= TariffLimits.timedPrices, coupons.count <= TariffLimits.listed else {
            throw RatingError(.limitExceeded, at: "/context", "Too many coupons or shares of occupancy.")
        }
        for (first, second) in zip(occupancy, occupancy.dropFirst()) where second.from <= first.from {
            throw RatingError(
                .contextInvalid, at: "/context/site_occupancy", "The shares are not in order of time.")
        }
        for coupon in coupons { try check(coupon.amount, offer.last.currency, at: "/context/coupons") }
        for balance in balances.values {
            switch balance {
            case .spent(let money): try check(money, offer.last.currency, at: "/context/counters")
            case .used(let quantity):
                guard (0...TariffLimits.counted).contains(quantity.fineUnits) else {
                    throw RatingError(.limitExceeded, at: "/context/counters", "The balance is out of range.")
                }
            }
        }
    }

    private func check(_ money: Money, _ currency: Currency, at path: String) throws(RatingError) {
        guard money.currency == currency else {
            throw RatingError(
                .currencyChanged, at: path, "\(money.currency.code) is not the tariff's currency.")
        }
        guard (0...TariffLimits.minorUnits).contains(money.minorUnits) else {
            throw RatingError(.limitExceeded, at: path, "The amount is out of range.")
        }
    }
}
