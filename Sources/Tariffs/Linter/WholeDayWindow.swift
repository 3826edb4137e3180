// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `whole_day_window`: equal bounds are the whole day (D5), which is seldom what was meant.
    static let wholeDayWindow = LintRule { element, path in
        guard let start = element.restriction?.startTime, start == element.restriction?.endTime else {
            return []
        }
        return [
            Finding(
                "whole_day_window", .warning, at: path + "/restrictions/end_time",
                "A window that ends when it starts is the whole day.")
        ]
    }
}
