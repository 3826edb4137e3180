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
    public func rate(_ usage: Usage, under tariff: Tariff, in zone: ZoneRules?) throws(RatingError) -> Rated {
        guard zone != nil || !tariff.needsZone else {
            throw RatingError(
                .timeZoneMissing, at: "/time_zone",
                "The tariff names local times, so the time zone of the location is needed.")
        }
        var notes: [Note] = []
        let timeline = try Timeline(usage, notes: &notes)
        noteTariff(tariff, start: timeline.start, notes: &notes)

        let pieces = split(timeline, by: tariff.plan, in: zone ?? .utc)
        var selection = Selection(plan: tariff.plan, zone: zone ?? .utc, isExpired: timeline.isExpired)
        selection.notes = notes
        for piece in pieces { selection.add(piece) }
        selection.noteWhatIsFree()
        selection.applySteps()

        var totals = Totals(tariff: tariff, selection: selection)
        totals.applyLimits(from: timeline.start, to: timeline.end)
        return totals.rated(segments: selection.segments, policy: policy)
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
