// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// OCPP 1.6J as a station speaks it.
struct Dialect16: StationDialect {
    func boot(_ station: SimulatedStation) -> JSON {
        [
            "chargePointVendor": "Amptill", "chargePointModel": "Simulated 1.6",
            "chargePointSerialNumber": .string(station.plan.identity), "firmwareVersion": "1",
        ]
    }

    func authorize(_ station: SimulatedStation) -> JSON { ["idTag": .string(station.visit?.token ?? "")] }

    func isAccepted(_ answer: JSON) -> Bool { answer["idTagInfo"]?["status"]?.string == "Accepted" }
    func isRefused(_ answer: JSON) -> Bool { !isAccepted(answer) }
    func isStart(_ call: SimulatedStation.Call) -> Bool { call.action == "StartTransaction" }

    func available(_ station: SimulatedStation, at now: Instant) -> [(String, JSON)] {
        [status("Available", connector: 0, at: now), status("Available", connector: 1, at: now)]
    }

    func charging(_ station: SimulatedStation, at now: Instant) -> [(String, JSON)] {
        [status("Charging", connector: 1, at: now)]
    }

    func start(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> [(String, JSON)] {
        [
            status("Preparing", connector: 1, at: now),
            (
                "StartTransaction",
                [
                    "connectorId": 1, "idTag": .string(visit.token),
                    "meterStart": JSON(station.register.wattHours),
                    "timestamp": .string(now.iso8601),
                ]
            ),
        ]
    }

    func sample(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> (String, JSON) {
        let values: JSON = [
            value(station.register.wattHours, "Energy.Active.Import.Register", "Wh"),
            value(station.plan.power.watts, "Power.Active.Import", "W"),
        ]
        return (
            "MeterValues",
            [
                "connectorId": 1, "transactionId": JSON(visit.number ?? 0),
                "meterValue": [["timestamp": .string(now.iso8601), "sampledValue": values]],
            ]
        )
    }

    func suspended(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> [(String, JSON)] {
        [sample(&visit, station, at: now), status("SuspendedEV", connector: 1, at: now)]
    }

    func stop(
        _ visit: inout SimulatedStation.Visit, _ station: SimulatedStation, at now: Instant
    ) -> [(String, JSON)] {
        [
            (
                "StopTransaction",
                [
                    "transactionId": JSON(visit.number ?? 0), "meterStop": JSON(station.register.wattHours),
                    "timestamp": .string(now.iso8601), "reason": .string(visit.stopReason ?? "Local"),
                    "idTag": .string(visit.token),
                ]
            ),
            status("Finishing", connector: 1, at: now), status("Available", connector: 1, at: now),
        ]
    }

    func command(_ action: String, _ payload: JSON) -> StationRequest {
        switch action {
        case "RemoteStartTransaction":
            .start(token: payload["idTag"]?.string ?? "", kind: "Central", remoteStartID: nil)
        case "RemoteStopTransaction": .stop(name: nil, number: payload["transactionId"]?.int64)
        case "GetConfiguration": .other(["configurationKey": [], "unknownKey": payload["key"] ?? []])
        case "ChangeConfiguration": .other(["status": "NotSupported"])
        case "DataTransfer": .other(["status": "UnknownVendorId"])
        case "TriggerMessage": .other(["status": "NotImplemented"])
        case "Reset", "ChangeAvailability", "ClearCache": .other(["status": "Accepted"])
        case "UnlockConnector": .other(["status": "Unlocked"])
        default: .unknown
        }
    }

    private func status(_ status: String, connector: Int64, at now: Instant) -> (String, JSON) {
        (
            "StatusNotification",
            [
                "connectorId": JSON(connector), "errorCode": "NoError", "status": .string(status),
                "timestamp": .string(now.iso8601),
            ]
        )
    }

    private func value(_ number: Int64, _ measurand: String, _ unit: String) -> JSON {
        [
            "value": .string(String(number)), "context": "Sample.Periodic", "measurand": .string(measurand),
            "location": "Outlet", "unit": .string(unit),
        ]
    }
}
