// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V201 {
    /// Start a session (P2 F01, F02). The EVSE is always named.
    public struct RequestStartTransaction: OutgoingMessage {
        public static let action = "RequestStartTransaction"
        /// The EVSE, above 0.
        public var evseID: Int
        /// The token to charge with.
        public var idToken: IDToken
        /// Comes back in the events of the session; unique for the station.
        public var remoteStartID: Int64

        public init(evseID: Int, idToken: IDToken, remoteStartID: Int64) {
            self.evseID = evseID
            self.idToken = idToken
            self.remoteStartID = remoteStartID
        }

        public var payload: JSON {
            ["evseId": JSON(evseID), "idToken": idToken.json, "remoteStartId": JSON(remoteStartID)]
        }
    }

    /// Stop a session (P2 F03).
    public struct RequestStopTransaction: OutgoingMessage {
        public static let action = "RequestStopTransaction"
        /// The station's name for it.
        public var transaction: String

        public init(transaction: String) { self.transaction = transaction }

        public var payload: JSON { ["transactionId": .string(transaction)] }
    }

    /// Is the session going on, and do you hold messages of it? (P2 E14)
    public struct GetTransactionStatus: OutgoingMessage {
        public static let action = "GetTransactionStatus"
        /// The station's name for it.
        public var transaction: String

        public init(transaction: String) { self.transaction = transaction }

        public var payload: JSON { ["transactionId": .string(transaction)] }

        /// What the station says.
        public struct Reply: Hashable, Sendable {
            /// Whether it is going on; nil if not told.
            public let isOngoing: Bool?
            /// Whether messages wait to be delivered; unreadable counts as yes, which only waits longer.
            public let hasMessagesQueued: Bool

            public init(_ payload: JSON) {
                isOngoing = payload["ongoingIndicator"]?.bool
                hasMessagesQueued = payload["messagesInQueue"]?.bool ?? true
            }
        }
    }

    /// Show the cost so far (P2 I02, I03).
    public struct CostUpdated: OutgoingMessage {
        public static let action = "CostUpdated"
        /// The station's name for the session.
        public var transaction: String
        /// A decimal text with the currency's digits.
        public var totalCost: String

        public init(transaction: String, totalCost: String) {
            self.transaction = transaction
            self.totalCost = totalCost
        }

        public var payload: JSON { ["totalCost": .number(totalCost), "transactionId": .string(transaction)] }
    }

    /// Say something again (P2 F06).
    public struct TriggerMessage: OutgoingMessage {
        public static let action = "TriggerMessage"
        /// What can be asked for and is of use to us.
        public enum Requested: String, Hashable, Sendable, CaseIterable {
            case bootNotification = "BootNotification"
            case firmwareStatusNotification = "FirmwareStatusNotification"
            case heartbeat = "Heartbeat"
            case logStatusNotification = "LogStatusNotification"
            case meterValues = "MeterValues"
            case statusNotification = "StatusNotification"
            case transactionEvent = "TransactionEvent"
        }
        /// Which message.
        public var requested: Requested
        /// About what; nil for all.
        public var evse: EVSE?

        public init(_ requested: Requested, evse: EVSE? = nil) {
            self.requested = requested
            self.evse = evse
        }

        public var payload: JSON {
            .present(["requestedMessage": .string(requested.rawValue), "evse": evse?.json])
        }
    }

    /// Start again from the beginning (P2 B11, B12).
    public struct Reset: OutgoingMessage {
        public static let action = "Reset"
        /// At once, or when no session is left.
        public var isImmediate: Bool

        public init(isImmediate: Bool) { self.isImmediate = isImmediate }

        public var payload: JSON { ["type": isImmediate ? "Immediate" : "OnIdle"] }
    }

    /// Let go of the plug (P2 F05).
    public struct UnlockConnector: OutgoingMessage {
        public static let action = "UnlockConnector"
        /// The EVSE, above 0.
        public var evseID: Int
        /// Its connector, above 0.
        public var connectorID: Int

        public init(evseID: Int, connectorID: Int) {
            self.evseID = evseID
            self.connectorID = connectorID
        }

        public var payload: JSON { ["evseId": JSON(evseID), "connectorId": JSON(connectorID)] }
    }

    /// Take a station, an EVSE or a connector out of service or back (P2 G03, G04).
    public struct ChangeAvailability: OutgoingMessage {
        public static let action = "ChangeAvailability"
        /// Nil for the whole station.
        public var evse: EVSE?
        /// In service?
        public var isOperative: Bool

        public init(evse: EVSE?, isOperative: Bool) {
            self.evse = evse
            self.isOperative = isOperative
        }

        public var payload: JSON {
            .present(["evse": evse?.json, "operationalStatus": isOperative ? "Operative" : "Inoperative"])
        }
    }
}
