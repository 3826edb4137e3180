// SPDX-License-Identifier: Apache-2.0

/// A point in time: a whole number of nanoseconds since 1970-01-01T00:00:00Z.
///
/// Reaches from 1677 to 2262. Arithmetic traps beyond that. Leap seconds do not exist here, as in POSIX time.
public struct Instant: Hashable, Sendable, Comparable {
    /// Nanoseconds since the epoch, negative before 1970.
    public let nanoseconds: Int64

    /// So many nanoseconds after the epoch.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    /// So many milliseconds after the epoch.
    public init(milliseconds: Int64) { nanoseconds = milliseconds * 1_000_000 }
    /// So many seconds after the epoch.
    public init(seconds: Int64) { nanoseconds = seconds * 1_000_000_000 }

    /// 1970-01-01T00:00:00Z.
    public static let epoch = Instant(nanoseconds: 0)

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 { floorDivide(nanoseconds, 1_000_000_000) }
    /// Whole milliseconds since the epoch, rounded down.
    public var milliseconds: Int64 { floorDivide(nanoseconds, 1_000_000) }

    /// Compares points in time.
    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    /// A later point.
    public static func + (left: Instant, right: Elapsed) -> Instant {
        Instant(nanoseconds: left.nanoseconds + right.nanoseconds)
    }
    /// An earlier point.
    public static func - (left: Instant, right: Elapsed) -> Instant {
        Instant(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
    /// The time between two points.
    public static func - (left: Instant, right: Instant) -> Elapsed {
        Elapsed(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

extension Instant: Codable {
    /// Reads nanoseconds.
    public init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes nanoseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }
}

/// The quotient rounded towards negative infinity; `divisor` is greater than zero.
func floorDivide(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}
