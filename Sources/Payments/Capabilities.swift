// SPDX-License-Identifier: Apache-2.0

/// What may be done with one authorisation. It belongs to this authorisation and never to a gateway; what is not stated
/// is the conservative value (payments.md §5.1).
package struct Capabilities: Hashable, Sendable, Codable {
    /// Whether the hold may be raised, and how often.
    package var incrementsLeft = 0
    /// Whether the hold may be lowered.
    package var canDecrement = false
    /// Whether the rest is given back by the gateway itself after a capture; otherwise it is voided explicitly.
    package var releasesRemainder = false
    /// Whether our own reference is enough to void it.
    package var canVoidByReference = false
    /// Whether part of a capture may be given back.
    package var canRefundPartially = false
    /// Whether a capture that failed may be asked for again.
    package var canCaptureAgain = false
    /// The smallest amount it takes; minor units.
    package var minimumCharge: Int64?

    /// The conservative values.
    package init() {}

    /// Whether the hold may be raised.
    package var canIncrement: Bool { incrementsLeft > 0 }
}
