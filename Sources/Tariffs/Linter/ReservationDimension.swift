// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// `reservation_dimension`: a reservation has no energy and no parking, only time and a fee (OCPI mod_tariffs).
    static let reservationDimension = LintRule { component, element, path in
        guard element.isReservation, component.dimension == .energy || component.dimension == .parking else {
            return nil
        }
        return Finding(
            "reservation_dimension", .error, at: path + "/type",
            "\(component.dimension.rawValue) never occurs in a reservation.")
    }
}
