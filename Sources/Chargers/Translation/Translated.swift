// SPDX-License-Identifier: Apache-2.0
package import Charging
package import JSONText
package import OCPP
package import Quantities

/// What a call of a station means to us.
package enum Translated: Sendable {
    /// `Billing` stores it and says what to answer.
    case tell(StationMessage, [Finding])
    /// Answered from memory with the time; never stored (charging.md §2).
    case heartbeat
    /// Stored in the station's journal under this name, answered with a payload that needs no decision.
    case journal(action: String, answer: JSON, [Finding])
    /// Kept, and answered with an error.
    case refuse(ErrorCode, String, [Finding])
}

/// When a call came in, and over how old a connection.
package struct Arrival: Hashable, Sendable {
    /// When we received it.
    package let receivedAt: Instant
    /// When the station connected; older 1.6 messages were sent late.
    package let connectedAt: Instant

    package init(receivedAt: Instant, connectedAt: Instant) {
        self.receivedAt = receivedAt
        self.connectedAt = connectedAt
    }

    /// Whether something measured then was sent late; clocks may differ by two minutes (charging.md §7).
    func isReplay(_ measuredAt: Instant?) -> Bool {
        guard let measuredAt else { return false }
        return measuredAt < connectedAt - .minutes(2)
    }
}

extension Translated {
    /// What a call means. `isAdmitted` is false until a boot was accepted that we had not accepted before.
    package static func of(
        _ call: Conversation.Call, in version: OCPPVersion, _ arrival: Arrival, isAdmitted: Bool
    ) -> Translated {
        switch Catalogue.verdict(on: call.action, in: version) {
        case .notImplemented: return .refuse(.notImplemented, "There is no such message", [])
        case .notSupported: return .refuse(.notSupported, "This message is not for a central system", [])
        case .expected: break
        }
        // 1.6 §4.2.1, J-err 3.10: before the boot is accepted only transaction messages are taken.
        let isOpen = call.action == "BootNotification" || Catalogue.mayCarryMoney(call.action, in: version)
        guard isAdmitted || isOpen else {
            return .refuse(.securityError, "The station is not accepted yet", [])
        }
        let translated =
            version == .v16
            ? V16.translate(call, arrival) : V201.translate(call, in: version, arrival)
        if let translated { return translated }
        return journal(call, in: version, arrival)
    }

    /// Of these nothing comes but a line in the journal.
    private static func journal(
        _ call: Conversation.Call, in version: OCPPVersion, _ arrival: Arrival
    ) -> Translated {
        let (findings, refusal) = JournalMessage.check(call.action, call.payload, in: version)
        if let (code, finding) = refusal { return .refuse(code, finding.description, findings) }
        let now = arrival.receivedAt.nanoseconds
        guard
            let answer = StandardAnswer.payload(
                to: call.action, call.payload, in: version, atNanoseconds: now)
        else {
            return .refuse(.propertyConstraintViolation, "Nothing in it can be answered", findings)
        }
        return .journal(action: call.action, answer: answer, findings)
    }

    /// The message, or the refusal that its content calls for.
    static func checked<Message: IncomingMessage>(
        _ decoded: Decoded<Message>, _ translate: (Message) -> StationMessage
    ) -> Translated {
        if let (code, finding) = decoded.refusal {
            return .refuse(code, finding.description, decoded.findings)
        }
        return .tell(translate(decoded.message), decoded.findings)
    }
}

extension Timestamp {
    /// The point in time.
    var instant: Instant { Instant(nanoseconds: nanoseconds) }
}

extension MeterValue {
    /// The readings of this value as facts. `fallback` is the message's own time, where a value has none.
    func facts(_ arrival: Arrival, sequence: Int64? = nil, offline: Bool, fallback: Instant? = nil) -> [Fact]
    {
        samples.compactMap(\.reading).map {
            Fact(
                .reading($0), measuredAt: timestamp?.instant ?? fallback, receivedAt: arrival.receivedAt,
                sequence: sequence, offline: offline)
        }
    }
}

extension Sample {
    /// What we read of it; nil for measurands that are only kept in the frame.
    fileprivate var reading: Reading? {
        guard let (measurand, value) = measured else { return nil }
        return Reading(measurand, value: value, context: context, location: location, phase: phase)
    }

    private var measured: (Measurand, Int64)? {
        switch measurand {
        case "Energy.Active.Import.Register": milliwattHours.map { (.importRegister, $0) }
        case "Energy.Active.Import.Interval": milliwattHours.map { (.importInterval, $0) }
        case "Energy.Active.Export.Register": milliwattHours.map { (.exportRegister, $0) }
        case "Power.Active.Import": milliwatts.map { (.power, $0) }
        case "Current.Import": microamperes.map { (.current, $0) }
        case "SoC", "Display.PresentSOC": millionthsOfPercent.map { (.stateOfCharge, $0) }
        default: nil
        }
    }
}
