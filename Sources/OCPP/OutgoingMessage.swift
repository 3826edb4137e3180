// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// A message that we send to stations.
public protocol OutgoingMessage: Hashable, Sendable {
    /// The name on the wire.
    static var action: String { get }
    /// The payload, valid for the schema of its version.
    var payload: JSON { get }
}

/// The `status` of a station's reply, and its reason where the version has one.
public struct StatusReply: Hashable, Sendable {
    /// The word, e.g. `Accepted`; empty if the reply has none.
    public let status: String
    /// Why, in the station's code (2.x statusInfo.reasonCode).
    public let reason: String?

    /// Reads a reply; whatever is unreadable is empty.
    public init(_ payload: JSON) {
        status = payload["status"]?.string ?? ""
        reason = payload["statusInfo"]?["reasonCode"]?.string
    }
}
