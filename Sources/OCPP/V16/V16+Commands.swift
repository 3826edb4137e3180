// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V16 {
    /// Start a session (1.6 §5.11). The connector is always named (charging.md §9).
    public struct RemoteStartTransaction: OutgoingMessage {
        public static let action = "RemoteStartTransaction"
        /// The connector, above 0.
        public var connectorID: Int
        /// The token to charge with, at most 20 characters.
        public var idTag: String

        public init(connectorID: Int, idTag: String) {
            self.connectorID = connectorID
            self.idTag = idTag
        }

        public var payload: JSON { ["connectorId": JSON(connectorID), "idTag": .string(idTag)] }
    }

    /// Stop a session (1.6 §5.12).
    public struct RemoteStopTransaction: OutgoingMessage {
        public static let action = "RemoteStopTransaction"
        /// The number we gave.
        public var transaction: Int64

        public init(transaction: Int64) { self.transaction = transaction }

        public var payload: JSON { ["transactionId": JSON(transaction)] }
    }

    /// Say something again (1.6 §5.17).
    public struct TriggerMessage: OutgoingMessage {
        public static let action = "TriggerMessage"
        /// What can be asked for.
        public enum Requested: String, Hashable, Sendable, CaseIterable {
            case bootNotification = "BootNotification"
            case diagnosticsStatusNotification = "DiagnosticsStatusNotification"
            case firmwareStatusNotification = "FirmwareStatusNotification"
            case heartbeat = "Heartbeat"
            case meterValues = "MeterValues"
            case statusNotification = "StatusNotification"
        }
        /// Which message.
        public var requested: Requested
        /// About which connector, above 0; nil for all.
        public var connectorID: Int?

        public init(_ requested: Requested, connectorID: Int? = nil) {
            self.requested = requested
            self.connectorID = connectorID
        }

        public var payload: JSON {
            .present([
                "requestedMessage": .string(requested.rawValue), "connectorId": connectorID.map { JSON($0) },
            ])
        }
    }

    /// Start again from the beginning (1.6 §5.14).
    public struct Reset: OutgoingMessage {
        public static let action = "Reset"
        /// Hard: at once, without ending sessions in good order.
        public var isHard: Bool

        public init(isHard: Bool) { self.isHard = isHard }

        public var payload: JSON { ["type": isHard ? "Hard" : "Soft"] }
    }

    /// Let go of the plug (1.6 §5.18).
    public struct UnlockConnector: OutgoingMessage {
        public static let action = "UnlockConnector"
        /// The connector, above 0.
        public var connectorID: Int

        public init(connectorID: Int) { self.connectorID = connectorID }

        public var payload: JSON { ["connectorId": JSON(connectorID)] }
    }

    /// Take a connector out of service or back (1.6 §5.2).
    public struct ChangeAvailability: OutgoingMessage {
        public static let action = "ChangeAvailability"
        /// 0 for the whole station.
        public var connectorID: Int
        /// In service?
        public var isOperative: Bool

        public init(connectorID: Int, isOperative: Bool) {
            self.connectorID = connectorID
            self.isOperative = isOperative
        }

        public var payload: JSON {
            ["connectorId": JSON(connectorID), "type": isOperative ? "Operative" : "Inoperative"]
        }
    }

    /// Change a setting (1.6 §5.3).
    public struct ChangeConfiguration: OutgoingMessage {
        public static let action = "ChangeConfiguration"
        /// At most 50 characters.
        public var key: String
        /// At most 500 characters.
        public var value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }

        public var payload: JSON { ["key": .string(key), "value": .string(value)] }
    }

    /// Forget all tokens that were remembered (1.6 §5.4).
    public struct ClearCache: OutgoingMessage {
        public static let action = "ClearCache"
        public init() {}
        public var payload: JSON { [:] }
    }
}
