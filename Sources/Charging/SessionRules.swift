// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What a fold needs to know besides the facts.
package struct SessionRules: Hashable, Sendable {
    /// The rules of folding in this build; stored with each fold, so that an audit knows what it compares.
    package static let version = 2

    /// The most the EVSE can deliver; nil if nobody knows, then 4 MW.
    package var powerMax: Power?
    /// How far a station's clock may be from ours before its times are doubted (charging.md §7).
    package var clockTolerance: Elapsed
    /// How much later than the station's clock ours is: the median over the connection's last live messages.
    /// Up to the tolerance it is ignored.
    package var clockOffset: Elapsed
    /// How the operator has said that the station's meter values are to be read.
    package var meter: StationMeter

    package init(
        powerMax: Power?, clockTolerance: Elapsed = .seconds(120), clockOffset: Elapsed = .zero,
        meter: StationMeter? = nil
    ) {
        self.powerMax = powerMax
        self.clockTolerance = clockTolerance
        self.clockOffset = clockOffset
        self.meter = meter ?? StationMeter()
    }

    /// What is added to the station's times: its offset, or nothing up to the tolerance.
    package var clockShift: Elapsed {
        clockOffset > clockTolerance || clockOffset < .zero - clockTolerance ? clockOffset : .zero
    }
}
