// SPDX-License-Identifier: Apache-2.0

/// Something about a tariff or session that did not stop the pricing but that a person should know
/// (tariffs.md §4.4).
public struct Note: Hashable, Sendable, Codable {
    /// The kind of note; its text is part of the command line's contract.
    public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
        /// No element matched a quantity, so it is free (D28).
        case unmatchedDimension = "unmatched_dimension"
        /// An element restricted by power did not match, for the power is not known (D8).
        case missingPower = "missing_power"
        /// An element restricted by current did not match, for the current is not known (D8).
        case missingCurrent = "missing_current"
        /// Nothing is known about a stretch between two intervals; it is not priced.
        case timelineGap = "timeline_gap"
        /// An element depends on the driver, the vehicle or the site, and that is not known; it did not match.
        case missingContext = "missing_context"
        /// A schedule or index has no value for a stretch; the component's own price applied.
        case sourceUnknown = "source_unknown"
        /// The intervals were not in order of time.
        case intervalsReordered = "intervals_reordered"
        /// A register fell; the interval counts as zero energy.
        case meterRollback = "meter_rollback"
        /// A charging period of a received CDR contains a change of price (D2).
        case periodSpansPriceChange = "period_spans_price_change"
        /// The charging periods of a received CDR were not in order (D34).
        case periodsOutOfOrder = "periods_out_of_order"
        /// A charging period lies outside its session (D34).
        case periodOutsideSession = "period_outside_session"
        /// The minimum price of the session applied.
        case clampedMin = "clamped_min"
        /// The maximum price of the session applied.
        case clampedMax = "clamped_max"
        /// A limit changed the tax of a session without any rate of tax.
        case limitTaxUnattributed = "limit_tax_unattributed"
        /// Prices include tax at a rate that nobody stated (D24).
        case taxRateMissing = "tax_rate_missing"
        /// A rate of tax where tax is not applicable (D24a).
        case strayTaxRate = "stray_tax_rate"
        /// A start fee began to match after the start (D10).
        case flatLate = "flat_late"
        /// A reservation that no session followed.
        case reservationExpired = "reservation_expired"
        /// Energy and time were below the operator's threshold.
        case waivedTrivial = "waived_trivial"
        /// The session began outside the tariff's validity (D27).
        case tariffNotValidAtStart = "tariff_not_valid_at_start"
        /// The zone of the command line differs from that of the session.
        case timeZoneOverridden = "time_zone_overridden"
        /// A number or time was finer than what is kept.
        case numberRounded = "number_rounded"
        /// An exact fraction outgrew 128 bits and was rounded to 18 decimals.
        case precisionReduced = "precision_reduced"
        /// A field that nobody knows, perhaps misspelt.
        case unknownField = "unknown_field"
        /// A required field that pricing can do without is absent.
        case fieldMissingTolerated = "field_missing_tolerated"
        /// A translation to another protocol lost something.
        case lossyProjection = "lossy_projection"
    }

    /// The kind of note.
    public let code: Code
    /// The place in the tariff or session, as RFC 6901 writes it.
    public let path: String
    /// One sentence for a person.
    public let message: String

    /// A note about a place.
    public init(_ code: Code, at path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }
}

extension [Note] {
    /// Adds a note unless its code was given for that path before. Looks at every note: where a loop over the input
    /// gives each path at most once, append instead.
    package mutating func note(_ code: Note.Code, at path: String, _ message: @autoclosure () -> String) {
        guard !contains(where: { $0.code == code && $0.path == path }) else { return }
        append(Note(code, at: path, message()))
    }
}
