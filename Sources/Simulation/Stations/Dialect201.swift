// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// OCPP 2.0.1 as a station speaks it.
struct Dialect201: StationDialect {
    func boot(_ station: SimulatedStation) -> JSON {
        [
            "reason": "PowerUp",
            "chargingStation": [
                "vendorName": "Amptill", "model": "Simulated 2.0.1",
                "serialNumber": .string(station.plan.identity),
                "firmwareVersion": "1",
            ],
        ]
    }

    func authorize(_ station: SimulatedStation) -> JSON { ["idToken": token(station.visit)] }

    func isAccepted(_ answer: JSON) -> Bool { answer["idTokenInfo"]?["status"]?.string == "Accepted" }

    func isRefused(_ answer: JSON) -> Bool {
        answer["idTokenInfo"]?["status"]?.string.map { $0 != "Accepted" } ?? false
    }

    func isStart(_ call: SimulatedStation.Call) -> Bool {
        call.action == "TransactionEvent" && call.payload["eventType"]?.string == "Started"
    }

    func available(_ station: SimulatedStation, at now: Instant) -> [(String, JSON)] {
        [status("Available", at: now)]
    }

    func charging(_ station: SimulatedStation, at now: Instant) -> [(String, JSON)] { [] }

    func start(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> [(String, JSON)] {
        let trigger = visit.remoteStartID == nil ? "Authorized" : "RemoteStart"
        return [
            status("Occupied", at: now),
            event("Started", trigger, "Charging", "Transaction.Begin", &visit, station, at: now),
        ]
    }

    func sample(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> (String, JSON) {
        event("Updated", "MeterValuePeriodic", "Charging", "Sample.Periodic", &visit, station, at: now)
    }

    func suspended(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> [(String, JSON)] {
        [event("Updated", "ChargingStateChanged", "SuspendedEV", "Other", &visit, station, at: now)]
    }

    func stop(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> [(String, JSON)] {
        let trigger = visit.stopReason == "Remote" ? "RemoteStop" : "EVDeparted"
        return [
            event("Ended", trigger, "EVConnected", "Transaction.End", &visit, station, at: now),
            status("Available", at: now),
        ]
    }

    func command(_ action: String, _ payload: JSON) -> StationRequest {
        switch action {
        case "RequestStartTransaction":
            .start(
                token: payload["idToken"]?["idToken"]?.string ?? "",
                kind: payload["idToken"]?["type"]?.string ?? "Central",
                remoteStartID: payload["remoteStartId"]?.int64)
        case "RequestStopTransaction": .stop(name: payload["transactionId"]?.string, number: nil)
        case "CostUpdated": .other([:])
        case "GetTransactionStatus": .other(["messagesInQueue": false])
        case "TriggerMessage": .other(["status": "NotImplemented"])
        case "Reset", "ChangeAvailability", "ClearCache", "SetDisplayMessage": .other(["status": "Accepted"])
        case "UnlockConnector": .other(["status": "Unlocked"])
        case "DataTransfer": .other(["status": "UnknownVendorId"])
        default: .unknown
        }
    }

    private func token(_ visit: SimulatedStation.Visit?) -> JSON {
        ["idToken": .string(visit?.token ?? ""), "type": .string(visit?.tokenKind ?? "Central")]
    }

    private func status(_ status: String, at now: Instant) -> (String, JSON) {
        (
            "StatusNotification",
            [
                "timestamp": .string(now.iso8601), "connectorStatus": .string(status), "evseId": 1,
                "connectorId": 1,
            ]
        )
    }

    private func event(
        _ type: String, _ trigger: String, _ state: String, _ context: String,
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> (String, JSON) {
        let isStart = type == "Started"
        let info: JSON = .present([
            "transactionId": .string(visit.name), "chargingState": .string(state),
            "remoteStartId": visit.remoteStartID.map { JSON($0) },
            "stoppedReason": type == "Ended" ? .string(visit.stopReason ?? "Local") : nil,
        ])
        let power: Int64 = state == "Charging" && !isStart ? station.plan.power.watts : 0
        let payload: JSON = .present([
            "eventType": .string(type), "timestamp": .string(now.iso8601), "triggerReason": .string(trigger),
            "seqNo": JSON(visit.sequence), "transactionInfo": info,
            "evse": isStart ? ["id": 1, "connectorId": 1] : nil, "idToken": isStart ? token(visit) : nil,
            "meterValue": [
                [
                    "timestamp": .string(now.iso8601),
                    "sampledValue": [
                        value(station.register.wattHours, "Energy.Active.Import.Register", "Wh", context),
                        value(power, "Power.Active.Import", "W", context),
                    ],
                ]
            ],
        ])
        visit.sequence += 1
        return ("TransactionEvent", payload)
    }

    private func value(_ number: Int64, _ measurand: String, _ unit: String, _ context: String) -> JSON {
        [
            "value": JSON(number), "context": .string(context), "measurand": .string(measurand),
            "location": "Outlet",
            "unitOfMeasure": ["unit": .string(unit)],
        ]
    }
}
