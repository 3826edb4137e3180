// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// No energy flows although the session goes on.
package enum Standstill: Hashable, Sendable {
    /// The vehicle asks for none, since this instant: it may cost an idle fee.
    case byVehicle(since: Instant)
    /// The station gives none, since this instant: that costs nothing.
    case byStation(since: Instant)
}

extension Session {
    /// Why no energy flows at present, by the same rule that prices it; nil while it may flow, and before it ever did.
    package var standstill: Standstill? {
        guard endedAt == nil, let last = states.indices.last else { return nil }
        let now = usageState(at: last)
        let first = states.indices.reversed().prefix { usageState(at: $0) == now }.last ?? last
        switch now {
        case .parking: return .byVehicle(since: states[first].at)
        case .suspended:
            let hasCharged = states.contains { $0.state == .charging }
            return hasCharged ? .byStation(since: states[first].at) : nil
        default: return nil
        }
    }
}
