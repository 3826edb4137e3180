// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `step_zero`: OCPI asks for a step of at least 1; here 0 bills exactly (D18).
    static let stepZero = LintRule { component, _, path in
        guard component.stepSize == 0, component.dimension != .flat else { return nil }
        return Finding(
            "step_zero", .warning, at: path + "/step_size",
            "A step of 0 is none; other systems may refuse it.")
    }
}
