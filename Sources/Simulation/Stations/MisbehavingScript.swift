// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// What each misbehaving station says, in the words of its version. The same as `misbehaving.py` says.
struct MisbehavingScript {
    private static let energy = "Energy.Active.Import.Register"
    /// Wh on the meter when a scenario begins, unless it says otherwise.
    private static let register: Int64 = 4_812_345

    let version: String
    let now: Instant
    let name: String
    let badToken: String
    private var begin: Instant
    /// The number of the next event of 2.x.
    private var sequence: Int64 = 0
    private var token = "TAG1"

    init(version: String, at now: Instant, name: String, badToken: String) {
        self.version = version
        self.now = Instant(seconds: now.milliseconds / 1000)
        self.name = name
        self.badToken = badToken
        begin = self.now - .hours(1)
    }

    private var is16: Bool { version == "1.6" }
    private func at(_ step: Int64) -> Instant { begin + .minutes(5 * step) }

    /// The whole script; it is used once.
    func steps(_ misbehaviour: Misbehaviour) -> [MisbehavingStep] {
        var script = self
        let signOn: [MisbehavingStep] = [.connect, script.boot(), script.status("Available", at: 0)]
        return signOn + script.visit(misbehaviour) + [.cut]
    }

    // MARK: scenarios

    private mutating func visit(_ misbehaviour: Misbehaviour) -> [MisbehavingStep] {
        let r = Self.register
        switch misbehaviour {
        case .lostReplyResend:
            let start = begin(r)
            let samples = samples(r + 2000, r + 4000)
            let end = end(r + 5000, at: 3)
            return [start, .cut, .connect, start] + samples + [end, .cut, .connect, end]
        case .duplicateStop:
            let start = start(r)
            let end = end(r + 5000, at: 3)
            return start + [end, end, self.end(r + 9000, at: 4, reason: "Other")]
        case .lateStopAfterOffline:
            let start = start(r) + samples(r + 500)
            let queued = (Int64(2)..<10).map { sample(r + 500 * $0, at: $0) }
            return start + [.cut, .connect] + queued + [end(r + 5000, at: 10)]
        case .outOfOrderMeter:
            let start = start(r)
            let samples = (Int64(1)..<5).map { sample(r + 1000 * $0, at: $0) }
            return start + [samples[2], samples[0], samples[3], end(r + 5000, at: 5), samples[1]]
        case .registerReset:
            return start(r) + samples(r + 1000, r + 2000, 500, 1500) + [end(3000, at: 5)]
        case .rollover: return start(999_998_000) + samples(999_999_000, 0, 1500) + [end(3000, at: 4)]
        case .missingBegin: return start(nil) + samples(r, r + 2500) + [end(r + 5000, at: 3)]
        case .zeroEnergy: return start(r) + (Int64(1)...7).map { sample(r, at: $0) } + [end(r, at: 8)]
        default: return rarer(misbehaviour)
        }
    }

    private mutating func rarer(_ misbehaviour: Misbehaviour) -> [MisbehavingStep] {
        let r = Self.register
        switch misbehaviour {
        case .unknownTransactionStop: return [end(r + 5000, at: 6, number: 987_654_321)]
        case .rejectedTagDeliversEnergy:
            token = badToken
            return start(r) + samples(r + 400) + [end(r + 800, at: 2, reason: "DeAuthorized")]
        case .kwhUnitMix:
            let start = start(r)
            let values = [("4813.345", "kWh"), ("4814345", "Wh"), ("4815.345", "kWh")]
            let samples = zip(Int64(1)..., values).map { sample(text: $1.0, unit: $1.1, at: $0) }
            return start + samples + [end(r + 5000, at: 4)]
        case .clock1970:
            begin = Instant(seconds: 180)
            return start(r) + samples(r + 2500) + [end(r + 5000, at: 2)]
        case .statusBeforeStop:
            return start(r) + [.cut, .connect, status("Available", at: 4)]
                + [sample(r + 2500, at: 1), end(r + 5000, at: 3)]
        case .stopWithoutStart:
            sequence = 2
            return [end(r + 5000, at: 6, reason: "PowerLoss", number: -1, startRegister: r)]
        case .meterAfterStop:
            return start(r) + [
                end(r + 5000, at: 3), sample(r + 5000, at: 3, context: "Transaction.End"),
                sample(r + 5010, at: 4),
                status("Available", at: 4),
            ]
        default:
            let queue = (Int64(1)..<6).map { sample(r + 200 * $0, at: $0) }
            return [begin(r), .cut, .gather, .connect, status("Available", at: 6)] + queue + [
                end(r + 1000, at: 6)
            ]
        }
    }

    // MARK: messages

    private func boot() -> MisbehavingStep {
        let payload: JSON =
            is16
            ? ["chargePointVendor": "Amptill", "chargePointModel": "Misbehaving"]
            : ["reason": "PowerUp", "chargingStation": ["vendorName": "Amptill", "model": "Misbehaving"]]
        return .call(.init(action: "BootNotification", payload: { _ in payload }))
    }

    private func status(_ state: String, at step: Int64) -> MisbehavingStep {
        let time = JSON.string(stamp(at(step)))
        let payload: JSON =
            is16
            ? ["connectorId": 1, "errorCode": "NoError", "status": .string(state), "timestamp": time]
            : [
                "timestamp": time, "connectorStatus": state == "Available" ? "Available" : "Occupied",
                "evseId": 1,
                "connectorId": 1,
            ]
        return .call(.init(action: "StatusNotification", payload: { _ in payload }))
    }

    private mutating func start(_ register: Int64?) -> [MisbehavingStep] {
        [status("Preparing", at: 0), begin(register)]
    }

    /// 1.6 has no way to leave the register out; stations that do not know it yet send 0.
    private mutating func begin(_ register: Int64?) -> MisbehavingStep {
        let time = at(0)
        guard is16 else {
            var event = event("Started", "Authorized", time)
            event["evse"] = ["id": 1, "connectorId": 1]
            event["idToken"] = idToken
            if let register {
                event["meterValue"] = [reading(time, JSON(register), "Wh", "Transaction.Begin")]
            }
            return transaction(event, isStart: true)
        }
        let payload: JSON = [
            "connectorId": 1, "idTag": .string(token), "meterStart": JSON(register ?? 0),
            "timestamp": .string(stamp(time)),
        ]
        return .call(.init(action: "StartTransaction", payload: { _ in payload }, isStart: true))
    }

    private mutating func samples(_ registers: Int64...) -> [MisbehavingStep] {
        zip(Int64(1)..., registers).map { sample($1, at: $0) }
    }

    private mutating func sample(
        _ register: Int64, at step: Int64, context: String = "Sample.Periodic"
    ) -> MisbehavingStep {
        sample(text: String(register), unit: "Wh", at: step, context: context)
    }

    private mutating func sample(
        text: String, unit: String, at step: Int64, context: String = "Sample.Periodic"
    ) -> MisbehavingStep {
        let time = at(step)
        guard is16 else {
            var event = event("Updated", "MeterValuePeriodic", time)
            event["meterValue"] = [reading(time, .number(text), unit, context)]
            return transaction(event)
        }
        let sampled: JSON = [
            "value": .string(text), "context": .string(context), "measurand": .string(Self.energy),
            "unit": .string(unit), "location": "Outlet",
        ]
        let stamped = stamp(time)
        return .call(
            .init(
                action: "MeterValues",
                payload: { number in
                    [
                        "connectorId": 1, "transactionId": JSON(number),
                        "meterValue": [["timestamp": .string(stamped), "sampledValue": [sampled]]],
                    ]
                }))
    }

    private mutating func end(
        _ register: Int64, at step: Int64, reason: String = "Local", number: Int64? = nil,
        startRegister: Int64? = nil
    ) -> MisbehavingStep {
        let time = at(step)
        guard is16 else {
            let triggers = ["DeAuthorized": "Deauthorized", "Local": "StopAuthorized"]
            var event = event("Ended", triggers[reason] ?? "AbnormalCondition", time, reason: reason)
            let before = startRegister.map { [reading(at(0), JSON($0), "Wh", "Transaction.Begin")] } ?? []
            event["meterValue"] = .array(before + [reading(time, JSON(register), "Wh", "Transaction.End")])
            if startRegister != nil {
                event["idToken"] = idToken
                event["evse"] = ["id": 1, "connectorId": 1]
            }
            return transaction(event)
        }
        let (tag, stamped) = (token, stamp(time))
        return .call(
            .init(
                action: "StopTransaction",
                payload: { given in
                    [
                        "transactionId": JSON(number ?? given), "idTag": .string(tag),
                        "meterStop": JSON(register),
                        "timestamp": .string(stamped), "reason": .string(reason),
                    ]
                }))
    }

    // MARK: events of 2.x

    private var idToken: JSON { ["idToken": .string(token), "type": "ISO14443"] }

    private func transaction(_ event: [String: JSON], isStart: Bool = false) -> MisbehavingStep {
        let payload = JSON.object(event.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) })
        return .call(.init(action: "TransactionEvent", payload: { _ in payload }, isStart: isStart))
    }

    private mutating func event(
        _ type: String, _ trigger: String, _ time: Instant, reason: String? = nil
    ) -> [String: JSON] {
        defer { sequence += 1 }
        let age = now - time
        var info: JSON = ["transactionId": .string(name)]
        if let reason { info = ["transactionId": .string(name), "stoppedReason": .string(reason)] }
        return [
            "eventType": .string(type), "timestamp": .string(stamp(time)), "triggerReason": .string(trigger),
            "seqNo": JSON(sequence),
            // an old event says that it is a replay
            "offline": .bool(age > .minutes(2) && age < .hours(24)), "transactionInfo": info,
        ]
    }

    private func reading(_ time: Instant, _ value: JSON, _ unit: String, _ context: String) -> JSON {
        [
            "timestamp": .string(stamp(time)),
            "sampledValue": [
                [
                    "value": value, "context": .string(context), "measurand": .string(Self.energy),
                    "location": "Outlet", "unitOfMeasure": ["unit": .string(unit)],
                ]
            ],
        ]
    }

    /// Whole seconds and `Z`.
    private func stamp(_ instant: Instant) -> String {
        let text = instant.iso8601
        guard let point = text.firstIndex(of: ".") else { return text }
        return text[..<point] + "Z"
    }
}
