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
    /// Tell the running or final cost (2.x CostUpdated). `cost` is a decimal text with the currency's digits.
    case cost(name: String, cost: String)
    /// Ask whether a transaction is still going on (2.x GetTransactionStatus).
    case transactionStatus(name: String)
}

/// What the station said to a command. `accepted` means "asked", never "done" (1.6 errata 3.32, 3.33).
package enum CommandReply: Hashable, Sendable, Codable {
    /// It will try.
    case accepted
    /// It will not, in the station's word.
    case refused(reason: String)
    /// Nothing was heard in time, or the connection broke after the call was sent.
    case unknown
    /// The call never left: the station is not connected.
    case unreachable
}
