// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `idle_grace_from_start`: `min_duration` counts from the start of the session, not from the end of charging
    /// (ocpi#566); a grace after charging is `grace_s`.
    static let idleGraceFromStart = LintRule { component, element, path in
        guard component.dimension == .parking, let seconds = element.restriction?.minDurationSeconds,
            seconds > 0
        else { return nil }
        return Finding(
            "idle_grace_from_start", .info, at: path,
            "Idle time is priced from \(durationWords(seconds)) after the start of the session, not after the end of "
                + "charging.")
    }
}
