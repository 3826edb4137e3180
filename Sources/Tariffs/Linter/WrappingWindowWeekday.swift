// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `wrapping_window_weekday`: a window over midnight ends at midnight of the days listed (D7).
    static let wrappingWindowWeekday = LintRule { element, path in
        guard let restriction = element.restriction, let days = restriction.weekdays, days.count < 7,
            let start = restriction.startTime, let end = restriction.endTime, end.minuteOfDay > 0,
            end.minuteOfDay < start.minuteOfDay
        else { return [] }
        return [
            Finding(
                "wrapping_window_weekday", .warning, at: path + "/restrictions/day_of_week",
                "After midnight it is the next weekday: write one element from \(start) to 00:00 and one from 00:00 "
                    + "to \(end) with its own days.")
        ]
    }
}
