// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `dst_ambiguous`: a price for an hour of one night means two hours, or none, when the clocks change (D26).
    static let dstAmbiguous = LintRule(inSurroundings: { tariff, surroundings in
        tariff.elements.enumerated().compactMap { number, element in
            guard let restriction = element.restriction, let first = restriction.startDate,
                let end = restriction.endDate, restriction.startTime != restriction.endTime
            else { return nil }
            let days = first.daysSinceEpoch..<end.daysSinceEpoch
            // A window on many days is a daily price; one for a day or two is a price for just these hours.
            guard days.count <= 2 else { return nil }
            let nights = days.compactMap { day in
                surroundings.zone.map { $0.change(on: day) } ?? usualChange(on: day)
            }
            guard nights.contains(where: restriction.touches) else { return nil }
            return Finding(
                "dst_ambiguous", .info, at: "/elements/\(number)/restrictions",
                "The clocks change in this window: an hour occurs twice or not at all.")
        }
    })

    /// The minutes of a day whose clock reading is ambiguous or missing where nothing is known about the place: the
    /// last Sunday of March and October in Europe, the second of March and the first of November in North America.
    private static func usualChange(on number: Int64) -> Range<Int>? {
        let date = CivilDate(daysSinceEpoch: number)
        guard date.weekday == 7 else { return nil }
        let (_, month, day) = date.parts
        let isEuropean = day > 24 && (month == 3 || month == 10)
        let isAmerican = (month == 3 && (8...14).contains(day)) || (month == 11 && day <= 7)
        return isEuropean || isAmerican ? 60..<180 : nil
    }
}

extension ZoneRules {
    /// The minutes of a local day that its clocks show twice or skip; nil if there are none.
    fileprivate func change(on day: Int64) -> Range<Int>? {
        for (before, after) in zip(offsets, offsets.dropFirst()) where before.seconds != after.seconds {
            let low = after.from.seconds + min(before.seconds, after.seconds)
            let high = after.from.seconds + max(before.seconds, after.seconds)
            let midnight = day * 86_400
            guard (midnight..<midnight + 86_400).contains(low) else { continue }
            return Int((low - midnight) / 60)..<Int((high - midnight + 59) / 60)
        }
        return nil
    }
}

extension Restriction {
    /// Whether the window holds some of these minutes of the day, but not the whole day.
    fileprivate func touches(_ minutes: Range<Int>) -> Bool {
        let start = startTime?.minuteOfDay ?? 0
        let end = endTime.map { $0.minuteOfDay == 0 ? 1440 : $0.minuteOfDay } ?? 1440
        let windows = start < end ? [start..<end] : [start..<1440, 0..<end]
        return windows.contains { $0.overlaps(minutes) }
    }
}
