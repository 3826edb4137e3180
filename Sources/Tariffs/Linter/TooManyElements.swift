// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `too_many_elements`: a station with the usual `MaxElements` cannot hold so many prices; OCPP 2.1 then asks for
    /// cost that the server computes (tariffs.md §6).
    static let tooManyElements = LintRule(inSurroundings: { tariff, surroundings in
        [false, true].flatMap { isReserved in
            TariffDimension.allCases.compactMap { dimension in
                let count = tariff.elements.count { element in
                    element.isReservation == isReserved
                        && element.components.contains { $0.dimension == dimension }
                }
                guard count > surroundings.maximumPrices else { return nil }
                return Finding(
                    "too_many_elements", .info, at: "/elements",
                    "\(count) prices of \(dimension.rawValue) are more than the \(surroundings.maximumPrices) that "
                        + "many stations can hold; the server then computes the cost.")
            }
        }
    })
}
