// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One thing a station told about one session. A session is a fold over its facts; no fact changes another.
///
/// The fold sorts by (`measuredAt`, `sequence`, `order`), so neither order of arrival nor repetition matters
/// (I18).
package struct Fact: Hashable, Sendable, Codable {
    /// What happened.
    package var kind: Kind
    /// When the station says it happened; nil if it did not say, or said nonsense.
    package var measuredAt: Instant?
    /// When we received it.
    package var receivedAt: Instant
    /// The station's sequence number (2.x seqNo), if any.
    package var sequence: Int64?
    /// Its place in the order of receipt at this station; given when it is stored.
    package var order: Int64
    /// Whether it was sent late (2.x `offline`, or a 1.6 message older than its connection).
    package var offline: Bool

    /// A fact.
    package init(
        _ kind: Kind, measuredAt: Instant?, receivedAt: Instant, sequence: Int64? = nil, order: Int64 = 0,
        offline: Bool = false
    ) {
        self.kind = kind
        self.measuredAt = measuredAt
        self.receivedAt = receivedAt
        self.sequence = sequence
        self.order = order
        self.offline = offline
    }

    /// What can happen to a session.
    package enum Kind: Hashable, Sendable, Codable {
        /// It began, with the register at that moment if told (1.6 meterStart).
        case started(register: Energy?)
        /// A meter value.
        case reading(Reading)
        /// What the vehicle and the station are doing changed.
        case state(ChargingState)
        /// Who it is for, or who stopped it.
        case token(PresentedToken)
        /// A limit of the station or of ours became active.
        case limit(String)
        /// It ended, with the register at that moment if told (1.6 meterStop) and the reason in the station's
        /// word.
        case ended(register: Energy?, reason: String?)
        /// A signed record held a card number and was not kept; its SHA-256, 64 hexadecimal digits. The readings beside it
        /// are facts of their own.
        case withheld(record: String)
        /// A person decided what its readings leave in doubt. No station ever tells this.
        case judged(Judgement)
    }
}

/// What the vehicle and the station are doing, as far as it matters for a price (charging.md §12).
package enum ChargingState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Energy may flow.
    case charging
    /// The vehicle asks for none.
    case suspendedByVehicle
    /// The station gives none.
    case suspendedByStation
    /// Plugged in, before or after charging (2.x EVConnected): the fold decides which by what came before.
    case connected
    /// No vehicle, or finished (2.x Idle).
    case idle
}

/// One meter value (OCPP sampledValue), exact.
package struct Reading: Hashable, Sendable, Codable {
    /// What was measured.
    package var measurand: Measurand
    /// The value in the measurand's unit of ours: mWh, mW, µA, percent × 10⁶ for state of charge.
    package var value: Int64
    /// When in the session: `Transaction.Begin`, `Sample.Periodic`, …
    package var context: String
    /// Where: `Outlet`, `Inlet`, `Body`, `EV`, `Cable`.
    package var location: String
    /// Phase, or nil for the sum of all.
    package var phase: String?

    /// A meter value.
    package init(
        _ measurand: Measurand, value: Int64, context: String = "Sample.Periodic",
        location: String = "Outlet",
        phase: String? = nil
    ) {
        self.measurand = measurand
        self.value = value
        self.context = context
        self.location = location
        self.phase = phase
    }
}

/// What a reading can be of. Others are kept in the frame and not read.
package enum Measurand: String, Hashable, Sendable, Codable, CaseIterable {
    /// Energy.Active.Import.Register, in mWh: the only one that is billed (C50).
    case importRegister
    /// Energy.Active.Import.Interval, in mWh: kept, never mixed with registers (C52).
    case importInterval
    /// Energy.Active.Export.Register, in mWh.
    case exportRegister
    /// Power.Active.Import, in mW.
    case power
    /// Current.Import, in µA.
    case current
    /// SoC, in millionths of a percent.
    case stateOfCharge
}
