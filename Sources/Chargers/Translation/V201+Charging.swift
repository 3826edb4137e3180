// SPDX-License-Identifier: Apache-2.0
import Charging
import JSONText
import OCPP
import Quantities

/// OCPP 2.0.1 in the words of the trade; 2.1 speaks the same way, and adds what is in `V21+Charging`.
extension V201 {
    /// What a call means; nil if nothing comes of it but a line in the journal.
    static func translate(
        _ call: Conversation.Call, in version: OCPPVersion, _ arrival: Arrival
    ) -> Translated? {
        switch call.action {
        case V16.Heartbeat.action: .heartbeat
        case BootNotification.action:
            .checked(BootNotification.decode(call.payload, version: version)) { .boot($0.boot) }
        case StatusNotification.action:
            .checked(StatusNotification.decode(call.payload, version: version)) { .status($0.report) }
        case Authorize.action:
            .checked(Authorize.decode(call.payload, version: version)) {
                .authorize($0.idToken?.presented ?? PresentedToken(uid: ""))
            }
        case TransactionEvent.action:
            .checked(TransactionEvent.decode(call.payload, version: version)) {
                .transaction($0.report(arrival))
            }
        case MeterValues.action:
            .checked(MeterValues.decode(call.payload, version: version)) { $0.message(arrival) }
        case NotifyReport.action:
            acknowledged(NotifyReport.decode(call.payload, version: version))
        case NotifyEvent.action:
            acknowledged(NotifyEvent.decode(call.payload, version: version))
        default: version == .v21 ? V21.translate(call) : nil
        }
    }

    /// Read, kept and acknowledged; nothing is decided by it yet.
    static func acknowledged<Message: IncomingMessage>(_ decoded: Decoded<Message>) -> Translated {
        noted(decoded) { _ in .object([]) }
    }

    /// Read and kept; the answer needs no decision.
    static func noted<Message: IncomingMessage>(
        _ decoded: Decoded<Message>, answer: (Message) -> JSON
    ) -> Translated {
        if let (code, finding) = decoded.refusal {
            return .refuse(code, finding.description, decoded.findings)
        }
        return .journal(action: Message.action, answer: answer(decoded.message), decoded.findings)
    }
}

extension V201.BootNotification {
    fileprivate var boot: StationBoot {
        StationBoot(
            vendor: vendor ?? "", model: model ?? "", serialNumber: serialNumber,
            firmwareVersion: firmwareVersion, reason: reason)
    }
}

extension V201.StatusNotification {
    fileprivate var report: StatusReport {
        StatusReport(
            evse: Int(clamping: evseID ?? 0), connector: Int(clamping: connectorID ?? 1),
            status: EVSEStatus(wire: status ?? ""), wireStatus: status ?? "", measuredAt: timestamp?.instant)
    }
}

extension V201.IDToken {
    var presented: PresentedToken { PresentedToken(uid: idToken, kind: type) }
}

extension ChargingState {
    /// A charging state of 2.x; nil for a word that we do not know.
    fileprivate init?(wire: String) {
        switch wire {
        case "Charging": self = .charging
        case "SuspendedEV": self = .suspendedByVehicle
        case "SuspendedEVSE": self = .suspendedByStation
        case "EVConnected": self = .connected
        case "Idle": self = .idle
        default: return nil
        }
    }
}

extension V201.TransactionEvent {
    /// One event as facts: what it says itself in the order of a session, its readings before the end.
    fileprivate func report(_ arrival: Arrival) -> TransactionReport {
        let measuredAt = timestamp?.instant
        func fact(_ kind: Fact.Kind) -> Fact {
            Fact(
                kind, measuredAt: measuredAt, receivedAt: arrival.receivedAt, sequence: seqNo,
                offline: isOffline)
        }
        var facts: [Fact] = []
        if eventType == "Started" { facts.append(fact(.started(register: nil))) }
        if let idToken { facts.append(fact(.token(idToken.presented))) }
        if let state = chargingState.flatMap(ChargingState.init(wire:)) { facts.append(fact(.state(state))) }
        facts += meterValues.flatMap {
            $0.facts(arrival, sequence: seqNo, offline: isOffline, fallback: measuredAt)
        }
        if eventType == "Ended" {
            // P2 TransactionType: a reason that is not told is Local.
            facts.append(fact(.ended(register: nil, reason: stoppedReason ?? "Local")))
        }
        return TransactionReport(
            reference: .named(transactionID ?? ""), evse: evse?.id.map { Int(clamping: $0) },
            connector: evse?.connectorID.map { Int(clamping: $0) }, token: idToken?.presented,
            remoteStartID: remoteStartID, facts: facts, offline: isOffline,
            lack: eventType == nil ? "A TransactionEvent does not say whether it is a start or an end." : nil)
    }
}

extension V201.MeterValues {
    fileprivate func message(_ arrival: Arrival) -> StationMessage {
        .readings(
            evse: Int(clamping: evseID ?? 0),
            facts: meterValues.flatMap { $0.facts(arrival, offline: false) })
    }
}
