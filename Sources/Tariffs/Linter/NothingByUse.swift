// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `nothing_by_use`: only fees are priced.
    static let nothingByUse = LintRule { tariff in
        let components = tariff.elements.filter { !$0.isReservation }.flatMap(\.components)
        guard components.allSatisfy({ $0.dimension == .flat }) else { return [] }
        return [
            Finding(
                "nothing_by_use", .info, at: "/elements",
                "Nothing depends on how much or how long is charged.")
        ]
    }
}
