// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// The offsets from UTC that a place had or will have over some span, as a value (D25, D26).
///
/// The rater never reads the system's zone database; whoever calls it reads the changes there and freezes
/// them.
public struct ZoneRules: Hashable, Sendable {
    /// An offset and the instant from which it applies.
    public struct Offset: Hashable, Sendable, Codable {
        /// First instant of the offset. The first of a list also holds before.
        public let from: Instant
        /// Seconds to add to UTC to get local time, -93,600 to 93,600; positive east of Greenwich.
        public let seconds: Int64

        /// An offset from an instant on.
        public init(from: Instant, seconds: Int64) {
            self.from = from
            // RFC 9636 §3.2 knows nothing beyond a little more than a day; arithmetic then stays far from
            // overflow.
            self.seconds = min(max(seconds, -93_600), 93_600)
        }
    }

    /// The IANA name, if it is known; for people only.
    public let name: String?
    /// At least one offset, in order of time.
    public let offsets: [Offset]

    /// The rules of a place. Without any offset the place keeps UTC.
    public init(offsets: [Offset], name: String? = nil) {
        self.name = name
        let ordered = offsets.sorted { $0.from < $1.from }
        self.offsets = ordered.isEmpty ? [Offset(from: .epoch, seconds: 0)] : ordered
    }

    /// A place that never changes its clocks.
    public init(fixedOffsetSeconds seconds: Int64, name: String? = nil) {
        self.init(offsets: [Offset(from: .epoch, seconds: seconds)], name: name)
    }

    /// Coordinated universal time.
    public static let utc = ZoneRules(fixedOffsetSeconds: 0, name: "UTC")

    /// Seconds to add to UTC at an instant.
    public func offsetSeconds(at instant: Instant) -> Int64 {
        offsets[index(at: instant)].seconds
    }

    /// The last offset that begins at or before an instant; the first one for anything earlier.
    func index(at instant: Instant) -> Int {
        var low = 0
        var high = offsets.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if offsets[middle].from <= instant { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The day and the second of the day that a clock on the wall shows.
    public func local(_ instant: Instant) -> (date: CivilDate, secondOfDay: Int64) {
        let seconds = instant.seconds + offsetSeconds(at: instant)
        let day = Int64(divide(Int128(seconds), by: 86_400, rounding: .down))
        return (CivilDate(daysSinceEpoch: day), seconds - day * 86_400)
    }
}

extension ZoneRules: Codable {
    private enum CodingKeys: String, CodingKey { case name, offsets }

    /// Reads offsets in any order.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            offsets: try container.decode([Offset].self, forKey: .offsets),
            name: try container.decodeIfPresent(String.self, forKey: .name))
    }

    /// Writes the name and the offsets in order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encode(offsets, forKey: .offsets)
    }
}
