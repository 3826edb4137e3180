// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `per_minute_energy`: charging is priced by time alone, which new public stations in California may not do
    /// (4 CCR §4002.11).
    static let perMinuteEnergy = LintRule { tariff in
        let components = tariff.elements.filter { !$0.isReservation }.flatMap(\.components)
        guard components.contains(where: { $0.dimension == .time && $0.price > .zero }),
            !components.contains(where: { $0.dimension == .energy && $0.price > .zero })
        else { return [] }
        return [
            Finding(
                "per_minute_energy", .info, at: "/elements",
                "Charging is priced by time alone; new public stations in California must price the energy.")
        ]
    }
}
