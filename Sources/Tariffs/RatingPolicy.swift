// SPDX-License-Identifier: Apache-2.0

/// The rules under which a session is priced; its name is stored with every result (tariffs.md §4.3).
///
/// The flags change what is priced, not how it is rounded; a set flag is a word behind the name.
public struct RatingPolicy: Hashable, Sendable {
    /// The rule of rounding and its version. A changed rule is a new version.
    public enum Rounding: String, Hashable, Sendable, CaseIterable {
        /// A line is rounded once, half away from zero; tax once per rate.
        case lineHalfUp1 = "line-half-up/1"
    }

    /// The rule of rounding.
    public var rounding: Rounding
    /// Under regimes that forbid a price change during a session: clocks, dates, schedules and indexes count as they
    /// were at the start (tariffs.md §3, Frozen start).
    public var freezesStart = false
    /// Bills complete steps only, rounding down (D19). OCPI cannot express it.
    public var billsCompleteStepsOnly = false

    /// Whether each interval is priced as it stands, by what holds at its start: the periods of a received CDR, whose
    /// sender had to begin one at every change (D2). No rule of rounding, so it is not in the name.
    var pricesAtStarts = false

    /// A line is rounded once, half away from zero; tax once per rate.
    public static let lineHalfUp1 = RatingPolicy(rounding: .lineHalfUp1)

    /// A rule of rounding without flags.
    public init(rounding: Rounding) { self.rounding = rounding }

    /// Name and version, and a word for each flag, e.g. `line-half-up/1` or `line-half-up/1+frozen-start`.
    public var name: String {
        rounding.rawValue + (freezesStart ? "+frozen-start" : "")
            + (billsCompleteStepsOnly ? "+complete-steps" : "")
    }

    /// The policy of a name; nil if nobody knows it.
    public init?(name: String) {
        let words = name.split(separator: "+", omittingEmptySubsequences: false)
        guard let rounding = words.first.flatMap({ Rounding(rawValue: String($0)) }) else { return nil }
        self.init(rounding: rounding)
        for word in words.dropFirst() {
            switch word {
            case "frozen-start": freezesStart = true
            case "complete-steps": billsCompleteStepsOnly = true
            default: return nil
            }
        }
    }
}

extension RatingPolicy: Codable {
    private enum CodingKeys: String, CodingKey { case name }

    /// Reads the name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .name)
        guard let policy = RatingPolicy(name: name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .name, in: container, debugDescription: "\(name) is no policy")
        }
        self = policy
    }

    /// Writes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
    }
}
