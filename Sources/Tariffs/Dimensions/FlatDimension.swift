// SPDX-License-Identifier: Apache-2.0

/// A fee, once in the reservation and once in the session (D10, D11). Never stepped.
enum FlatDimension {
    /// What is priced: one fee, at the first piece at which some fee matches.
    static let quantity: Int128 = 1
}
