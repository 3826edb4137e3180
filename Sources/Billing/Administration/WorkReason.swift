// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Why a person is asked about charging (charging.md §8). Other questions, e.g. of payments, have reasons of their own and
/// are only written down.
package enum WorkReason: String, Sendable, Hashable, CaseIterable {
    case orphanStop = "orphan_stop"
    case orphanReading = "orphan_reading"
    case orphanEnd = "orphan_end"
    case noStartRegister = "no_start_register"
    case noUsableRegister = "no_usable_register"
    case unpaidEnergy = "unpaid_energy"
    case stopConflict = "stop_conflict"
    case registerReset = "register_reset"
    case registerFault = "register_fault"
    case twoScales = "two_scales"
    case badStopRegister = "bad_stop_register"
    case implausibleEnergy = "implausible_energy"
    case cardInRecord = "card_in_record"
    case noClock = "no_clock"
    case lateFact = "late_fact"
    case uninterpreted
    case oversized
    case startUnknown = "start_unknown"

    /// What can be decided, the most usual first.
    package var decisions: [WorkDecision] {
        switch self {
        case .orphanStop: [.attach, .billFromRegister, .waive]
        case .orphanReading: [.done, .nothingToDo]
        case .orphanEnd: [.billAsMeasured, .waive]
        case .noStartRegister: [.billFromRegister, .billEnergy, .waive]
        case .noUsableRegister: [.billEnergy, .waive]
        case .unpaidEnergy: [.billToAccount, .waive]
        case .stopConflict: [.firstStop, .secondStop, .lastSample, .waive]
        case .registerReset, .registerFault, .twoScales, .badStopRegister, .implausibleEnergy, .cardInRecord:
            [.billAsMeasured, .billEnergy, .waive]
        case .noClock: [.billEnergyOnly, .correctTimes]
        case .lateFact: [.credit, .charge, .ignore]
        case .uninterpreted: [.readAgain, .close]
        case .oversized: [.close]
        case .startUnknown: [.askStation, .releaseHold]
        }
    }

    /// What happens by itself when nobody decides; each favours the driver.
    package var standardDecision: WorkDecision? {
        switch self {
        case .unpaidEnergy: .waive
        case .noClock: .billEnergyOnly
        default: nil
        }
    }

    /// After how long it happens.
    var patience: Elapsed? {
        switch self {
        case .unpaidEnergy: .hours(24 * 30)
        case .noClock: .hours(24 * 7)
        default: nil
        }
    }

    /// Whether it keeps a session from being billed.
    var isReview: Bool {
        switch self {
        case .orphanEnd, .noStartRegister, .noUsableRegister, .unpaidEnergy, .stopConflict, .registerReset,
            .registerFault, .twoScales, .badStopRegister, .implausibleEnergy, .cardInRecord:
            true
        case .orphanStop, .orphanReading, .noClock, .lateFact, .uninterpreted, .oversized, .startUnknown:
            false
        }
    }
}

/// What a person can decide about a question; the raw value is the API's word.
package enum WorkDecision: String, Sendable, Hashable, CaseIterable {
    /// The message belongs to a session that we know; needs `session`.
    case attach
    /// Bill from a start register that a person read off; needs `register_wh`.
    case billFromRegister = "bill_from_register"
    /// Bill what the registers prove.
    case billAsMeasured = "bill_as_measured"
    /// Bill a given energy; needs `energy_wh`.
    case billEnergy = "bill_energy"
    /// Bill an account; needs `account`, unless the token's is known.
    case billToAccount = "bill_to_account"
    /// Bill energy without any time.
    case billEnergyOnly = "bill_energy_only"
    /// It went on from then to then; needs `started_at` and `ended_at`.
    case correctTimes = "correct_times"
    case firstStop = "first_stop"
    case secondStop = "second_stop"
    /// None of the stops: the last sample before.
    case lastSample = "last_sample"
    /// Bill nothing.
    case waive
    /// Give back what was too much.
    case credit
    /// Take what was too little; the account's, never a guest's.
    case charge
    /// Leave the bill as it is.
    case ignore
    /// Read the message again with the present version.
    case readAgain = "read_again"
    case askStation = "ask_station"
    case releaseHold = "release_hold"
    case close
    /// Done by hand, or nothing to do: written down, nothing else.
    case done
    case nothingToDo = "nothing_to_do"

    /// What it means for the fold of a session; nil if it is no judgement of readings, or lacks what it needs.
    func judgement(register: Energy?, energy: Energy?) -> Judgement? {
        switch self {
        case .billAsMeasured, .billToAccount: .asMeasured
        case .billEnergyOnly: .energyOnly
        case .firstStop: .stop(.first)
        case .secondStop: .stop(.second)
        case .lastSample: .stop(.lastSample)
        case .waive: .waived
        case .billEnergy: energy.map { .energy($0) }
        case .billFromRegister: register.map { .startRegister($0) }
        default: nil
        }
    }

    /// The same of an answer, which may also tell times.
    func judgement(_ answer: DecideWorkItem.Answer) -> Judgement? {
        guard self == .correctTimes else {
            return judgement(register: answer.register, energy: answer.energy)
        }
        guard let from = answer.startedAt, let to = answer.endedAt, from < to else { return nil }
        return .times(from: from, to: to)
    }

    /// What to say where an answer lacks what this decision needs.
    var incomplete: AdministrationRefusal {
        switch self {
        case .correctTimes:
            .invalid(
                field: "/ended_at",
                "When it started and when it ended are needed, the end after the start.")
        case .billEnergy: .invalid(field: "/energy_wh", "This decision needs a number of Wh.")
        default: .invalid(field: "/register_wh", "This decision needs a number of Wh.")
        }
    }

    /// Whether the numbers of a decision can be true of a session, running or final.
    func check(energy: Energy?, register: Energy?, for session: SessionRecord) throws {
        if let energy, energy < .zero {
            throw AdministrationRefusal.invalid(field: "/energy_wh", "Energy is never negative.")
        }
        if let register, let end = session.folded.endRegister, register > end {
            throw AdministrationRefusal.invalid(
                field: "/register_wh", "A start register is not above the end register of \(end).")
        }
    }

    /// The decisions by which a session in review is billed or not.
    package static let reviews: [WorkDecision] = [
        .billAsMeasured, .billEnergy, .billEnergyOnly, .firstStop, .secondStop, .lastSample,
        .billFromRegister,
        .billToAccount, .waive,
    ]
}
