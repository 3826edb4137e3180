// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// What to think of a cost that a station computed itself: it is advice, ours is billed (tariffs.md §6).
public enum ReportedCost: String, Hashable, Sendable, Codable {
    /// The same to the minor unit.
    case same
    /// Above the maximum that we billed: the station looked too seldom and froze too late.
    case beyondMaximum = "beyond_maximum"
    /// Something else.
    case differs
}

extension Rated {
    /// Compares the gross total with what a station says the session costs.
    public func compare(reported: Money) -> ReportedCost {
        guard reported.currency == currency else { return .differs }
        if reported == gross { return .same }
        let isFrozen = lines.contains { $0.kind == .maxPrice }
        return isFrozen && reported > gross ? .beyondMaximum : .differs
    }
}
