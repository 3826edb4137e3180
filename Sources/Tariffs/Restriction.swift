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

    /// Whether something other than a clock on the wall decides: energy, power, current or duration.
    public var readsSession: Bool {
        minEnergy != nil || maxEnergy != nil || minCurrent != nil || maxCurrent != nil || minPower != nil
            || maxPower != nil || minDurationSeconds != nil || maxDurationSeconds != nil
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
