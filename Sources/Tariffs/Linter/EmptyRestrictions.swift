// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `empty_restrictions`: an empty object is the same as none.
    static let emptyRestrictions = LintRule { element, path in
        guard element.restriction == Restriction() else { return [] }
        return [
            Finding(
                "empty_restrictions", .info, at: path + "/restrictions",
                "Without conditions it can be left out.")
        ]
    }
}
