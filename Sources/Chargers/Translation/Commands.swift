// SPDX-License-Identifier: Apache-2.0
package import Charging
package import JSONText
package import OCPP
import Quantities

/// Our commands in the words of a version, and the stations' replies in ours.
package enum Commands {
    /// A command as a message.
    package struct Rendered: Hashable, Sendable {
        package let action: String
        package let payload: JSON

        init<Message: OutgoingMessage>(_ message: Message) {
            action = Message.action
            payload = message.payload
        }
    }

    /// The message that asks for a command; nil if the version has none for it.
    package static func render(_ command: StationCommand, in version: OCPPVersion) -> Rendered? {
        version == .v16 ? render16(command) : render2(command)
    }

    private static func render16(_ command: StationCommand) -> Rendered? {
        switch command {
        case .start(let evse, _, let token, _):
            Rendered(V16.RemoteStartTransaction(connectorID: evse, idTag: token.uid))
        case .stop(let number, _): Rendered(V16.RemoteStopTransaction(transaction: number))
        case .trigger(let message, let evse):
            V16.TriggerMessage.Requested(rawValue: message).map {
                Rendered(V16.TriggerMessage($0, connectorID: evse))
            }
        case .reset(let immediately): Rendered(V16.Reset(isHard: immediately))
        case .unlock(let evse, _): Rendered(V16.UnlockConnector(connectorID: evse))
        case .tell(let notice): render16(notice)
        case .readConfiguration(let keys): Rendered(V16.GetConfiguration(keys: keys))
        case .configure(let key, let value): Rendered(V16.ChangeConfiguration(key: key, value: value))
        case .setPassword(let password):
            // 1.6 security paper A00: the key is written as hexadecimal digits of its bytes.
            Rendered(V16.ChangeConfiguration(key: authorizationKey, value: hexadecimal(password)))
        case .availability(let evse, _, let isOperative):
            // 1.6 has no connectors of an EVSE; 0 is the whole station.
            Rendered(V16.ChangeAvailability(connectorID: evse ?? 0, isOperative: isOperative))
        case .clearCache: Rendered(V16.ClearCache())
        case .transactionStatus, .report: nil
        }
    }

    private static func render16(_ notice: CostNotice) -> Rendered {
        switch notice.moment {
        case .running:
            Rendered(
                V16.RunningCost(
                    transaction: notice.number, timestamp: notice.at.iso8601,
                    meterValue: notice.register?.wattHours, cost: notice.cost, isIdle: notice.isIdle,
                    energyPrice: notice.energyPrice, idlePrice: notice.idlePrice))
        case .final:
            Rendered(
                V16.FinalCost(
                    transaction: notice.number, cost: notice.cost, text: notice.text,
                    receiptURL: notice.receiptURL))
        }
    }

    private static func render2(_ command: StationCommand) -> Rendered? {
        switch command {
        case .start(let evse, _, let token, let remoteStartID):
            // P2 IdTokenEnumType: Central is a token that we made ourselves.
            Rendered(
                V201.RequestStartTransaction(
                    evseID: evse, idToken: V201.IDToken(token.uid, type: token.kind ?? "Central"),
                    remoteStartID: remoteStartID))
        case .stop(_, let name): name.map { Rendered(V201.RequestStopTransaction(transaction: $0)) }
        case .trigger(let message, let evse):
            V201.TriggerMessage.Requested(rawValue: message).map {
                Rendered(
                    V201.TriggerMessage(
                        $0, evse: evse.map { V201.EVSE(id: Int64($0), connectorID: nil) }))
            }
        case .reset(let immediately): Rendered(V201.Reset(isImmediate: immediately))
        case .unlock(let evse, let connector):
            Rendered(V201.UnlockConnector(evseID: evse, connectorID: connector))
        case .tell(let notice):
            notice.name.map { Rendered(V201.CostUpdated(transaction: $0, totalCost: notice.cost)) }
        case .readConfiguration, .configure, .setPassword, .availability, .clearCache, .report:
            settings2(command)
        case .transactionStatus(let name): Rendered(V201.GetTransactionStatus(transaction: name))
        }
    }

    private static func settings2(_ command: StationCommand) -> Rendered? {
        switch command {
        case .readConfiguration(let keys):
            let names = keys.compactMap { V201.VariableName($0) }
            return names.isEmpty ? nil : Rendered(V201.GetVariables(names: names))
        case .configure(let key, let value):
            return V201.VariableName(key).map { Rendered(V201.SetVariables($0, value: value)) }
        case .setPassword(let password):
            return V201.VariableName(basicAuthPassword).map {
                Rendered(V201.SetVariables($0, value: password))
            }
        case .availability(let evse, let connector, let isOperative):
            let place = evse.map { V201.EVSE(id: Int64($0), connectorID: connector.map { Int64($0) }) }
            return Rendered(V201.ChangeAvailability(evse: place, isOperative: isOperative))
        case .clearCache: return Rendered(V201.ClearCache())
        case .report(let number): return Rendered(V201.GetBaseReport(requestID: number))
        default: return nil
        }
    }

    /// 1.6 security paper §5.2.1.
    static let authorizationKey = "AuthorizationKey"
    /// P2 §4.4, SecurityCtrlr.
    static let basicAuthPassword = "SecurityCtrlr.BasicAuthPassword"

    private static func hexadecimal(_ text: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: text.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A call of ours as it is kept: without the secret in it (architecture.md, Secrets).
    static func kept(_ frame: Frame) -> Frame {
        guard case .call(let id, let action, var payload) = frame else { return frame }
        switch action {
        case V16.ChangeConfiguration.action where payload["key"]?.string == authorizationKey:
            payload = V16.ChangeConfiguration(key: authorizationKey, value: "***").payload
        case V201.SetVariables.action:
            guard let name = V201.VariableName(basicAuthPassword),
                payload["setVariableData"]?[0]?["variable"]?["name"]?.string == name.variable
            else { return frame }
            payload = V201.SetVariables(name, value: "***").payload
        default: return frame
        }
        return .call(id, action: action, payload: payload)
    }

    /// What became of a command, given how its call ended.
    package static func reply(to command: StationCommand, _ outcome: Conversation.Outcome) -> CommandReply {
        switch outcome {
        case .unknown: .unknown
        case .neverSent: .unreachable
        case .error(let failure): .refused(reason: failure.code.isEmpty ? "Error" : failure.code)
        case .result(let payload): reply(to: command, payload)
        }
    }

    private static func reply(to command: StationCommand, _ payload: JSON) -> CommandReply {
        switch command {
        // 2.x acknowledges with nothing; 1.6 may say that it does not know the vendor.
        case .tell where payload["status"]?.string == nil: return .accepted
        case .readConfiguration:
            let values = V16.GetConfiguration.values(in: payload)
            return .told(values.merging(V201.GetVariables.values(in: payload)) { $1 })
        case .configure, .setPassword:
            let inside = payload["setVariableResult"] != nil
            return word(inside ? V201.SetVariables.status(in: payload) : StatusReply(payload))
        case .transactionStatus:
            // E14: neither going on nor waiting to be told means that nothing more will come.
            let reply = V201.GetTransactionStatus.Reply(payload)
            let isOver = reply.isOngoing == false && !reply.hasMessagesQueued
            return isOver ? .refused(reason: "NotOngoing") : .accepted
        case .start, .stop, .trigger, .reset, .unlock, .tell, .availability, .clearCache, .report:
            return word(StatusReply(payload))
        }
    }

    private static func word(_ reply: StatusReply) -> CommandReply {
        // RebootRequired: it was taken, and counts from the next boot on.
        if ["Accepted", "Scheduled", "Unlocked", "RebootRequired"].contains(reply.status) {
            return .accepted
        }
        // The reason tells more than the status, where a station gives one.
        return .refused(reason: reply.reason ?? (reply.status.isEmpty ? "NoStatus" : reply.status))
    }
}
