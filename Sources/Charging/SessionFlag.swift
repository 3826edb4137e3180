// SPDX-License-Identifier: Apache-2.0

/// What can be unusual about a session. The raw value is the reason of the work item it may open (charging.md
/// §8).
package enum SessionFlag: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Registers fell and rose again from near zero; only proven pieces count.
    case registerReset = "register_reset"
    /// Registers fell in a way nobody can explain.
    case registerFault = "register_fault"
    /// The meter came to the end of its digits and went on from zero.
    case rollover
    /// The start register and the samples are on two scales.
    case twoScales = "two_scales"
    /// The stop register is below the start, or nonsense.
    case badStopRegister = "bad_stop_register"
    /// More energy than the EVSE can deliver.
    case implausibleEnergy = "implausible_energy"
    /// A stop register is known, but no start.
    case noStartRegister = "no_start_register"
    /// It may have charged, and no register that may be billed tells how much.
    case noUsableRegister = "no_usable_register"
    /// It ended, but no start was ever told.
    case orphanEnd = "orphan_end"
    /// Two different stops; the first stands.
    case stopConflict = "stop_conflict"
    /// A signed record held a card number and was not kept: nobody can check it any more.
    case cardInRecord = "card_in_record"
    /// The station has no usable clock and told late: times price nothing.
    case noClock = "no_clock"
    /// The station's clock is wrong; the times were corrected.
    case clockOffset = "clock_offset"
    /// The end register is the last sample, not a stop.
    case estimatedEnd = "estimated_end"
    /// Closed by us, not by the station.
    case closedByServer = "closed_by_server"

    /// Whether a person must look before money is taken.
    package var needsReview: Bool {
        switch self {
        case .registerReset, .registerFault, .twoScales, .badStopRegister, .implausibleEnergy,
            .noStartRegister, .noUsableRegister, .orphanEnd, .stopConflict, .cardInRecord:
            true
        case .rollover, .noClock, .clockOffset, .estimatedEnd, .closedByServer: false
        }
    }

    /// Compares names, for stable lists.
    package static func < (left: SessionFlag, right: SessionFlag) -> Bool { left.rawValue < right.rawValue }
}
