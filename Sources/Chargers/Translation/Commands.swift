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
        case .transactionStatus: nil
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
        case .readConfiguration: nil
        case .transactionStatus(let name): Rendered(V201.GetTransactionStatus(transaction: name))
        }
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
        case .readConfiguration: return .told(V16.GetConfiguration.values(in: payload))
        case .transactionStatus:
            // E14: neither going on nor waiting to be told means that nothing more will come.
            let reply = V201.GetTransactionStatus.Reply(payload)
            let isOver = reply.isOngoing == false && !reply.hasMessagesQueued
            return isOver ? .refused(reason: "NotOngoing") : .accepted
        case .start, .stop, .trigger, .reset, .unlock, .tell:
            let reply = StatusReply(payload)
            if ["Accepted", "Scheduled", "Unlocked"].contains(reply.status) { return .accepted }
            // The reason tells more than the status, where a station gives one.
            return .refused(reason: reply.reason ?? (reply.status.isEmpty ? "NoStatus" : reply.status))
        }
    }
}
