// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `step_large`: a step above 1 kWh or 15 minutes bills much that was not used.
    static let stepLarge = LintRule { component, _, path in
        guard let step = component.stepSize, component.dimension != .flat else { return nil }
        let most: Int64 = component.dimension == .energy ? 1000 : 900
        guard step > most else { return nil }
        return Finding(
            "step_large", .warning, at: path + "/step_size",
            "Quantities are rounded up to multiples of \(step) \(component.dimension == .energy ? "Wh" : "s")."
        )
    }
}
