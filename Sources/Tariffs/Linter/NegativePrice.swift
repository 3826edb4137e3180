// SPDX-License-Identifier: Apache-2.0

import Quantities

extension LintRule {
    /// `negative_price`: a price below zero pays the driver.
    static let negativePrice = LintRule { component, _, path in
        guard component.price < .zero else { return nil }
        return Finding("negative_price", .error, at: path + "/price", "The price is below zero.")
    }
}
