// SPDX-License-Identifier: Apache-2.0

/// Why a tariff was not read or a session not priced, and where (tariffs.md §8.1).
public struct PricingRefusal: Error, Hashable, Sendable, Codable {
    /// The kind of problem; its text is part of the command line's contract.
    public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
        /// The bytes are no JSON document, or one object names a key twice.
        case jsonInvalid = "json_invalid"
        /// A required field is absent or null.
        case fieldMissing = "field_missing"
        /// A value is no decimal number, or has a kind that its field cannot have.
        case numberInvalid = "number_invalid"
        /// A text is no time, date or time of day.
        case timeInvalid = "time_invalid"
        /// A word is not one of those its field may have; guessing would change the price.
        case enumUnknown = "enum_unknown"
        /// The currency is not one that Amptill knows.
        case currencyUnknown = "currency_unknown"
        /// A tariff without elements prices nothing.
        case noElements = "no_elements"
        /// A session without intervals has nothing to price.
        case noIntervals = "no_intervals"
        /// An interval ends before it starts.
        case intervalReversed = "interval_reversed"
        /// Two intervals cover the same time.
        case intervalOverlap = "interval_overlap"
        /// A reservation lies after the beginning of the session.
        case reservationAfterSession = "reservation_after_session"
        /// The tariff names local times, and nobody said where the session was (D25).
        case timeZoneMissing = "time_zone_missing"
        /// No such zone.
        case timeZoneUnknown = "time_zone_unknown"
        /// The bounds of the session's price contradict each other (D20).
        case limitsCross = "limits_cross"
        /// A value is outside the limits within which all arithmetic is exact.
        case limitExceeded = "limit_exceeded"
        /// A tariff that follows another in a session has another currency (OCPP 2.1 NoCurrencyChange), or what the
        /// driver brings is in another one.
        case currencyChanged = "currency_changed"
        /// A tariff that follows another in a session states tax otherwise: net and gross would be mixed.
        case taxModeChanged = "tax_mode_changed"
        /// What the rater was told besides the usage contradicts itself or the tariff.
        case contextInvalid = "context_invalid"
    }

    /// The kind of problem.
    public let code: Code
    /// The place in the tariff or session, as RFC 6901 writes it; empty for the whole document.
    public let path: String
    /// One sentence for a person.
    public let message: String

    /// A refusal at a place.
    public init(_ code: Code, at path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }
}

extension PricingRefusal: CustomStringConvertible {
    /// `/elements/0: …`, as the command line prints it after the name of the file.
    public var description: String { "\(path.isEmpty ? "/" : path): \(message) (\(code.rawValue))" }
}

/// What reading a tariff throws.
public typealias TariffError = PricingRefusal
/// What pricing a session throws.
public typealias RatingError = PricingRefusal
