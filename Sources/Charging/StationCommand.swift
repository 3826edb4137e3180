// SPDX-License-Identifier: Apache-2.0

/// What a station can be asked to do; the body of an outbox parcel to a station, rendered by the door.
package enum StationCommand: Hashable, Sendable, Codable {
    /// Start a session (1.6 RemoteStartTransaction, 2.x RequestStartTransaction). `evse` and `connector` are
    /// above 0.
    case start(evse: Int, connector: Int, token: PresentedToken, remoteStartID: Int64)
    /// Stop a session (1.6 RemoteStopTransaction by number, 2.x RequestStopTransaction by name).
    case stop(number: Int64, name: String?)
    /// Report a message again, e.g. `StatusNotification`.
    case trigger(message: String, evse: Int?)
    /// Restart.
    case reset(immediately: Bool)
    /// Let go of the plug.
    case unlock(evse: Int, connector: Int)
    /// Let it show the cost (1.6 DataTransfer of the California paper, 2.x CostUpdated).
    case tell(CostNotice)
    /// Ask for settings (1.6 GetConfiguration by key, none for all; 2.x GetVariables by `Component.Variable`).
    case readConfiguration(keys: [String])
    /// Change a setting (1.6 ChangeConfiguration; 2.x SetVariables of `Component.Variable`).
    case configure(key: String, value: String)
    /// Give it a new password of its own (1.6 AuthorizationKey, 2.x BasicAuthPassword). Empty once it was taken.
    case setPassword(String)
    /// In service or not: the whole station, one EVSE, or one connector of it.
    case availability(evse: Int?, connector: Int?, isOperative: Bool)
    /// Forget what it remembers about tokens.
    case clearCache
    /// List all its variables in NotifyReports (2.x GetBaseReport).
    case report(number: Int64)
    /// Ask whether a transaction is still going on (2.x GetTransactionStatus).
    case transactionStatus(name: String)
}

/// What the station said to a command. `accepted` means "asked", never "done" (1.6 errata 3.32, 3.33).
package enum CommandReply: Hashable, Sendable, Codable {
    /// It will try.
    case accepted
    /// The settings that it was asked for, by key.
    case told([String: String])
    /// It will not, in the station's word.
    case refused(reason: String)
    /// Nothing was heard in time, or the connection broke after the call was sent.
    case unknown
    /// The call never left: the station is not connected.
    case unreachable
}
