// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `no_fallback`: a dimension that is priced only under restrictions is free whenever none of them holds (D28).
    static let noFallback = LintRule { tariff in
        let session = tariff.elements.filter { !$0.isReservation }
        return [TariffDimension.energy, .time, .parking].compactMap { dimension in
            let pricing = session.filter { element in
                element.components.contains { $0.dimension == dimension }
            }
            guard !pricing.isEmpty, pricing.allSatisfy(\.isRestricted) else { return nil }
            return Finding(
                "no_fallback", .warning, at: "/elements",
                "\(dimension.rawValue) is free whenever no restriction of its elements holds.")
        }
    }
}

extension TariffElement {
    /// Whether some condition can keep the element from applying.
    fileprivate var isRestricted: Bool { restriction.map { $0 != Restriction() } ?? false }
}
