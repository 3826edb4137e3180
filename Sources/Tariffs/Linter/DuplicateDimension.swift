// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `duplicate_dimension`: only the first component of a dimension in an element counts.
    static let duplicateDimension = LintRule { element, path in
        element.components.enumerated().compactMap { index, component in
            let isFirst = !element.components.prefix(index).contains { $0.dimension == component.dimension }
            guard !isFirst else { return nil }
            return Finding(
                "duplicate_dimension", .warning, at: "\(path)/price_components/\(index)",
                "An earlier component of this element already prices \(component.dimension.rawValue).")
        }
    }
}
