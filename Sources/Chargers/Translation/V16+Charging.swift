// SPDX-License-Identifier: Apache-2.0
import Charging
import JSONText
import OCPP
import Quantities

/// OCPP 1.6 in the words of the trade. A connector of 1.6 is an EVSE to us; its own connector is always 1.
extension V16 {
    /// What a call means; nil if nothing comes of it but a line in the journal.
    static func translate(_ call: Conversation.Call, _ arrival: Arrival) -> Translated? {
        switch call.action {
        case Heartbeat.action: .heartbeat
        case BootNotification.action:
            .checked(BootNotification.decode(call.payload, version: .v16)) { .boot($0.boot) }
        case StatusNotification.action:
            .checked(StatusNotification.decode(call.payload, version: .v16)) { .status($0.report) }
        case Authorize.action:
            .checked(Authorize.decode(call.payload, version: .v16)) {
                .authorize(PresentedToken(uid: $0.idTag ?? ""))
            }
        case StartTransaction.action:
            .checked(StartTransaction.decode(call.payload, version: .v16)) {
                .transaction($0.report(arrival))
            }
        case MeterValues.action:
            .checked(MeterValues.decode(call.payload, version: .v16)) { $0.message(arrival) }
        case StopTransaction.action:
            .checked(StopTransaction.decode(call.payload, version: .v16)) {
                .transaction($0.report(arrival))
            }
        case DataTransfer.action: translate(DataTransfer.decode(call.payload, version: .v16))
        default: nil
        }
    }

    /// Of the vendors' own messages we know those about costs (OCA California pricing paper).
    private static func translate(_ decoded: Decoded<DataTransfer>) -> Translated {
        let transfer = decoded.message
        guard transfer.vendorID == DataTransfer.costVendor else {
            return .journal(
                action: DataTransfer.action, answer: DataTransfer.answer(.unknownVendorID), decoded.findings)
        }
        let isKnown = transfer.messageID == "ConnectorUnplugged"
        return .journal(
            action: isKnown ? "ConnectorUnplugged" : DataTransfer.action,
            answer: DataTransfer.answer(isKnown ? .accepted : .unknownMessageID), decoded.findings)
    }
}

extension V16.BootNotification {
    fileprivate var boot: StationBoot {
        StationBoot(
            vendor: vendor ?? "", model: model ?? "", serialNumber: serialNumber,
            firmwareVersion: firmwareVersion)
    }
}

extension V16.StatusNotification {
    fileprivate var report: StatusReport {
        StatusReport(
            evse: Int(clamping: connectorID ?? 0), connector: 1, status: EVSEStatus(wire: status ?? ""),
            wireStatus: status ?? "", measuredAt: timestamp?.instant,
            error: errorCode == "NoError" ? nil : errorCode)
    }
}

extension EVSEStatus {
    /// A status of either version. 1.6 tells nine; what is neither free nor broken is in use.
    init(wire: String) {
        self =
            switch wire {
            case "Available": .available
            case "Charging": .charging
            case "Preparing", "SuspendedEV", "SuspendedEVSE", "Finishing", "Occupied": .occupied
            case "Reserved": .reserved
            case "Unavailable": .unavailable
            case "Faulted": .faulted
            default: .unknown
            }
    }
}

extension V16.StartTransaction {
    fileprivate func report(_ arrival: Arrival) -> TransactionReport {
        let measuredAt = timestamp?.instant
        let offline = arrival.isReplay(measuredAt)
        let token = idTag.map { PresentedToken(uid: $0) }
        let register = meterStartMilliwattHours.map { Energy(milliwattHours: $0) }
        let kinds: [Fact.Kind] = [.started(register: register)] + (token.map { [.token($0)] } ?? [])
        return TransactionReport(
            reference: .new, evse: connectorID.map { Int(clamping: $0) }, connector: 1, token: token,
            facts: kinds.map {
                Fact($0, measuredAt: measuredAt, receivedAt: arrival.receivedAt, offline: offline)
            },
            offline: offline)
    }
}

extension V16.StopTransaction {
    /// The samples come before the end, as they were measured. A number that cannot be read counts as 0, which
    /// is nobody's (1.6 errata 3.18).
    fileprivate func report(_ arrival: Arrival) -> TransactionReport {
        let measuredAt = timestamp?.instant
        let offline = arrival.isReplay(measuredAt)
        let token = idTag.map { PresentedToken(uid: $0) }
        let register = meterStopMilliwattHours.map { Energy(milliwattHours: $0) }
        let kinds: [Fact.Kind] =
            (token.map { [.token($0)] } ?? []) + [.ended(register: register, reason: reason)]
        let readings = transactionData.flatMap { $0.facts(arrival, offline: offline, fallback: measuredAt) }
        return TransactionReport(
            reference: .number(transactionID ?? 0), token: token,
            facts: readings
                + kinds.map {
                    Fact($0, measuredAt: measuredAt, receivedAt: arrival.receivedAt, offline: offline)
                },
            offline: offline)
    }
}

extension V16.MeterValues {
    /// With a number they belong to that transaction; without, to whatever ran there at the time (C61).
    fileprivate func message(_ arrival: Arrival) -> StationMessage {
        let evse = connectorID.map { Int(clamping: $0) }
        let facts = meterValues.flatMap { value in
            value.facts(arrival, offline: arrival.isReplay(value.timestamp?.instant))
        }
        guard let transactionID else { return .readings(evse: evse ?? 0, facts: facts) }
        return .transaction(
            TransactionReport(
                reference: .number(transactionID), evse: evse, connector: 1, facts: facts,
                offline: facts.contains(where: \.offline)))
    }
}
