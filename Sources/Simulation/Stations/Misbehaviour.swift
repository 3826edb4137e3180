// SPDX-License-Identifier: Apache-2.0

package import JSONText

/// The ways in which a simulated station misbehaves, each like real stations do. The names are those of
/// `Tests/Peers/charger/misbehaving.py`; a test compares them.
package enum Misbehaviour: String, CaseIterable, Hashable, Sendable {
    case lostReplyResend = "lost-reply-resend"
    case duplicateStop = "duplicate-stop"
    case lateStopAfterOffline = "late-stop-after-offline"
    case outOfOrderMeter = "out-of-order-meter"
    case unknownTransactionStop = "unknown-transaction-stop"
    case rejectedTagDeliversEnergy = "rejected-tag-delivers-energy"
    case registerReset = "register-reset"
    case rollover
    case missingBegin = "missing-begin"
    case kwhUnitMix = "kwh-unit-mix"
    case clock1970 = "clock-1970"
    case statusBeforeStop = "status-before-stop"
    case stopWithoutStart = "stop-without-start"
    case meterAfterStop = "meter-after-stop"
    case zeroEnergy = "zero-energy"
    case reconnectStorm = "reconnect-storm"

    /// What it does, in a sentence.
    package var summary: String {
        switch self {
        case .lostReplyResend:
            "Start and stop are answered, the answers get lost, both are sent again under new message ids."
        case .duplicateStop:
            "The stop comes three times: twice the same, then with another register. The first one counts."
        case .lateStopAfterOffline:
            "The line is dead for most of the session; samples and stop arrive afterwards with their old times."
        case .outOfOrderMeter:
            "Samples arrive shuffled, one of them after the stop. The total never goes down."
        case .unknownTransactionStop:
            "A stop for a transaction that the server never heard of. It must be answered and kept."
        case .rejectedTagDeliversEnergy:
            "The token is refused but the station charges anyway (MaxEnergyOnInvalidId) and reports it."
        case .registerReset: "The meter loses its register in the middle and goes on from zero."
        case .rollover: "A nine-digit Wh register passes 999 999 999 and goes on at zero."
        case .missingBegin:
            "The start carries no usable register: 0 in 1.6, no reading at all in 2.x. Samples are absolute."
        case .kwhUnitMix: "Samples alternate between Wh and kWh with decimals; each names its unit."
        case .clock1970: "The station lost its clock. Energy is right; the times cannot price anything."
        case .statusBeforeStop:
            "After an outage the station first says Available, then delivers the stop of the session before."
        case .stopWithoutStart:
            "The start was lost in a reset. 1.6 sends transactionId -1, 2.x an Ended with both readings."
        case .meterAfterStop:
            "Closing samples follow the stop, one of them higher. They are evidence, not energy."
        case .zeroEnergy:
            "Forty minutes plugged in, not one watt-hour. Nothing is charged, the hold is released."
        case .reconnectStorm:
            "N stations lose the line in the middle of a session and all come back at once with a full queue."
        }
    }

    /// What a bill is to be compared with; energies in Wh.
    package struct Truth: Hashable, Sendable {
        package var sessions: Int64
        package var energy: Int64
        /// What the registers prove.
        package var provable: Int64
        /// A person must look before money is taken.
        package var isReviewed: Bool
        package var note: String

        /// As the verdict line has it.
        package var json: JSON {
            [
                "sessions": JSON(sessions), "energy_wh": JSON(energy), "provable_wh": JSON(provable),
                "review": .bool(isReviewed), "note": .string(note),
            ]
        }
    }

    /// What really happened when so many stations of this version did it.
    package func truth(version: String, stations: Int64 = 1) -> Truth {
        let is16 = version == "1.6"
        func fiveKilowattHours(review: Bool = false, _ note: String = "") -> Truth {
            Truth(sessions: 1, energy: 5000, provable: 5000, isReviewed: review, note: note)
        }
        return switch self {
        case .lostReplyResend, .lateStopAfterOffline, .outOfOrderMeter, .kwhUnitMix, .statusBeforeStop,
            .meterAfterStop:
            fiveKilowattHours()
        case .duplicateStop: fiveKilowattHours(review: true, "the third stop contradicts the first")
        case .rollover: fiveKilowattHours("10^9 - 999998000 + 3000; a site may demand review of any rollover")
        case .missingBegin: fiveKilowattHours(review: is16, "first sample counts as the start")
        case .clock1970:
            fiveKilowattHours("times are flagged; time prices come from receive times or are dropped")
        case .unknownTransactionStop:
            Truth(sessions: 0, energy: 5000, provable: 0, isReviewed: true, note: "no start register")
        case .rejectedTagDeliversEnergy:
            Truth(
                sessions: 1, energy: 800, provable: 800, isReviewed: true,
                note: "delivered without authorisation")
        case .registerReset:
            Truth(
                sessions: 1, energy: 5000, provable: 4500, isReviewed: true,
                note: "2000 before, 500 to 3000 after")
        case .stopWithoutStart:
            is16
                ? Truth(
                    sessions: 0, energy: 5000, provable: 0, isReviewed: true,
                    note: "an orphan with the end register only")
                : fiveKilowattHours(review: true, "an orphan with both registers")
        case .zeroEnergy: Truth(sessions: 1, energy: 0, provable: 0, isReviewed: false, note: "")
        case .reconnectStorm:
            Truth(
                sessions: stations, energy: 1000 * stations, provable: 1000 * stations, isReviewed: false,
                note: "1000 Wh per station")
        }
    }
}
