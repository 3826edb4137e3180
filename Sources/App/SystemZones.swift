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
        // One day on either side: local dates and windows reach beyond the span itself.
        let start = date(from - .hours(48))
        let end = date(to + .hours(48))
        var offsets = [
            ZoneRules.Offset(from: from - .hours(48), seconds: Int64(timeZone.secondsFromGMT(for: start)))
        ]
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
