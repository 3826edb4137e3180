// SPDX-License-Identifier: Apache-2.0

/// How the meter values of a station are to be read, as its operator has said; by itself as OCPP says (charging.md §6).
package struct StationMeter: Hashable, Sendable, Codable {
    /// Where the billed register is measured.
    package var location: Location
    /// Whether its samples count from zero in each transaction, while the start is told by the meter's own register.
    package var countsFromZero: Bool

    package init(location: Location = .outlet, countsFromZero: Bool = false) {
        self.location = location
        self.countsFromZero = countsFromZero
    }

    /// A place at which a station measures; OCPP writes these words with a capital (1.6 §7.27, P2 LocationEnumType).
    package enum Location: String, Hashable, Sendable, Codable, CaseIterable {
        case outlet, inlet, body

        /// The word of OCPP.
        package var wire: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
    }
}
