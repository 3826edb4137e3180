// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// The conditions of an element; all that are given must hold (OCPI mod_tariffs, TariffRestrictions).
///
/// A start and a minimum belong to the range, an end and a maximum do not (D4).
public struct Restriction: Hashable, Sendable, Codable {
    /// Local time of day from which the element applies; absent with an end: midnight (D6).
    public var startTime: ClockTime?
    /// Local time of day until which it applies; 00:00 is the end of the day (D6). Equal to the start: always
    /// (D5).
    public var endTime: ClockTime?
    /// First local day.
    public var startDate: CivilDate?
    /// The local day before which the element ends.
    public var endDate: CivilDate?
    /// Energy of the session from which it applies.
    public var minEnergy: Energy?
    /// Energy of the session until which it applies.
    public var maxEnergy: Energy?
    /// Current from which it applies.
    public var minCurrent: Current?
    /// Current below which it applies.
    public var maxCurrent: Current?
    /// Power from which it applies.
    public var minPower: Power?
    /// Power below which it applies.
    public var maxPower: Power?
    /// Seconds after the start of the session from which it applies (D14).
    public var minDurationSeconds: Int64?
    /// Seconds after the start of the session until which it applies.
    public var maxDurationSeconds: Int64?
    /// Local days of the week, 1 for Monday to 7 for Sunday; an empty list never matches.
    public var weekdays: [Weekday]?
    /// Set for elements that price reservations only.
    public var reservation: Reservation?

    // Extensions of ours (tariffs.md §3). What the context does not know does not match.

    /// Ways to pay, any of them.
    public var paymentChannels: [RatingContext.PaymentChannel]?
    /// Brands of cards in lower case, any of them.
    public var paymentBrands: [String]?
    /// Debit or credit.
    public var cardFunding: RatingContext.CardFunding?
    /// Kind of current of the EVSE.
    public var evseKind: RatingContext.EVSEKind?
    /// Charge of the battery from which it applies.
    public var minStateOfCharge: Percentage?
    /// Charge of the battery below which it applies.
    public var maxStateOfCharge: Percentage?
    /// Occupancy of the site from which it applies.
    public var minOccupancy: Percentage?
    /// Occupancy of the site below which it applies.
    public var maxOccupancy: Percentage?
    /// What the car can take at most, from which it applies.
    public var minVehiclePower: Power?
    /// What the car can take at most, below which it applies.
    public var maxVehiclePower: Power?
    /// Seconds of charging (not parking, not gaps) from which it applies.
    public var minChargingSeconds: Int64?
    /// Seconds of charging until which it applies.
    public var maxChargingSeconds: Int64?
    /// Seconds since the vehicle last stopped asking for power from which it applies; 0 while it charges.
    public var minIdleSeconds: Int64?
    /// Seconds since the vehicle last stopped asking for power until which it applies.
    public var maxIdleSeconds: Int64?

    /// No condition.
    public init() {}

    /// Whether the element prices a reservation that was used, or only one that expired (D12).
    public enum Reservation: String, Hashable, Sendable, Codable, CaseIterable {
        /// Any reservation.
        case reserved = "RESERVATION"
        /// A reservation that no session followed.
        case expired = "RESERVATION_EXPIRES"
    }

    /// A day of the week.
    public enum Weekday: String, Hashable, Sendable, Codable, CaseIterable {
        /// ISO day 1.
        case monday = "MONDAY"
        /// ISO day 2.
        case tuesday = "TUESDAY"
        /// ISO day 3.
        case wednesday = "WEDNESDAY"
        /// ISO day 4.
        case thursday = "THURSDAY"
        /// ISO day 5.
        case friday = "FRIDAY"
        /// ISO day 6.
        case saturday = "SATURDAY"
        /// ISO day 7.
        case sunday = "SUNDAY"

        /// 1 for Monday to 7 for Sunday.
        public var isoNumber: Int {
            switch self {
            case .monday: 1
            case .tuesday: 2
            case .wednesday: 3
            case .thursday: 4
            case .friday: 5
            case .saturday: 6
            case .sunday: 7
            }
        }
    }

    /// Whether a clock on the wall decides, so that nothing can be priced without a zone (D25).
    public var readsLocalTime: Bool {
        startTime != nil || endTime != nil || startDate != nil || endDate != nil || weekdays != nil
    }

    /// Whether something other than a clock on the wall decides: the course of the session, or who pays for what.
    public var readsSession: Bool {
        minEnergy != nil || maxEnergy != nil || minCurrent != nil || maxCurrent != nil || minPower != nil
            || maxPower != nil || minDurationSeconds != nil || maxDurationSeconds != nil
            || minChargingSeconds != nil || maxChargingSeconds != nil || minIdleSeconds != nil
            || maxIdleSeconds != nil || minStateOfCharge != nil || maxStateOfCharge != nil
            || minOccupancy != nil || maxOccupancy != nil || readsContext
    }

    /// Whether the driver, the vehicle or the EVSE decides, which stay the same for the whole session.
    public var readsContext: Bool {
        paymentChannels != nil || paymentBrands != nil || cardFunding != nil || evseKind != nil
            || minVehiclePower != nil || maxVehiclePower != nil
    }
}

/// A time of day without a date, to the minute.
public struct ClockTime: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Minutes since midnight, 0 to 1439.
    public let minuteOfDay: Int

    /// A time of day; nil if no clock shows it.
    public init?(hour: Int, minute: Int) {
        guard (0...23).contains(hour), (0...59).contains(minute) else { return nil }
        minuteOfDay = hour * 60 + minute
    }

    /// Reads `HH:MM`; nil for anything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [bytes[0], bytes[1], bytes[3], bytes[4]]
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let numbers = digits.map { Int($0) - 48 }
        self.init(hour: numbers[0] * 10 + numbers[1], minute: numbers[2] * 10 + numbers[3])
    }

    /// `HH:MM`.
    public var description: String {
        let (hour, minute) = minuteOfDay.quotientAndRemainder(dividingBy: 60)
        return (hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)"
    }
}
