// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Quantities
import Tariffs

/// Reads the machine's IANA database, once per zone and span, and hands the rater a value.
struct SystemZones: ZoneReader {
    /// A zone nobody knows.
    struct Unknown: Error, CustomStringConvertible {
        let zone: String
        var description: String { "unknown time zone \(zone)" }
    }

    func rules(of zone: String, from: Instant, to: Instant) throws -> ZoneRules {
        guard let timeZone = TimeZone(identifier: zone) else { throw Unknown(zone: zone) }
        // Two days on either side: local dates and windows reach beyond the span itself. At the ends of time, where no
        // session is but any file may point, there are none.
        let margin = Elapsed.hours(48).nanoseconds
        let first = Instant(nanoseconds: max(from.nanoseconds, .min + margin) - margin)
        let start = date(first)
        let end = date(Instant(nanoseconds: min(to.nanoseconds, .max - margin) + margin))
        var offsets = [ZoneRules.Offset(from: first, seconds: Int64(timeZone.secondsFromGMT(for: start)))]
        var cursor = start
        while let next = timeZone.nextDaylightSavingTimeTransition(after: cursor), next <= end, next > cursor
        {
            let at = Instant(seconds: Int64(next.timeIntervalSince1970.rounded()))
            offsets.append(ZoneRules.Offset(from: at, seconds: Int64(timeZone.secondsFromGMT(for: next))))
            cursor = next
        }
        return ZoneRules(offsets: offsets, name: zone)
    }

    private func date(_ instant: Instant) -> Date {
        Date(timeIntervalSince1970: TimeInterval(instant.seconds))
    }
}
