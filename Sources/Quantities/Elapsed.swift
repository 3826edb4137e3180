// SPDX-License-Identifier: Apache-2.0

/// A length of time: a whole number of nanoseconds.
public struct Elapsed: Hashable, Sendable, Comparable {
    /// Nanoseconds.
    public let nanoseconds: Int64

    /// So many nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// No time.
    public static let zero = Elapsed(nanoseconds: 0)
    /// So many milliseconds.
    public static func milliseconds(_ count: Int64) -> Elapsed { Elapsed(nanoseconds: count * 1_000_000) }
    /// So many seconds.
    public static func seconds(_ count: Int64) -> Elapsed { Elapsed(nanoseconds: count * 1_000_000_000) }
    /// So many minutes.
    public static func minutes(_ count: Int64) -> Elapsed { .seconds(count * 60) }
    /// So many hours.
    public static func hours(_ count: Int64) -> Elapsed { .seconds(count * 3600) }

    /// Whole seconds, cut towards zero; what the API calls `duration_s`.
    public var seconds: Int64 { nanoseconds / 1_000_000_000 }

    /// Compares lengths.
    public static func < (left: Elapsed, right: Elapsed) -> Bool { left.nanoseconds < right.nanoseconds }
    /// The sum.
    public static func + (left: Elapsed, right: Elapsed) -> Elapsed {
        Elapsed(nanoseconds: left.nanoseconds + right.nanoseconds)
    }
    /// The difference.
    public static func - (left: Elapsed, right: Elapsed) -> Elapsed {
        Elapsed(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

extension Elapsed: Codable {
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
