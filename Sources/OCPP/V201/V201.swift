// SPDX-License-Identifier: Apache-2.0
import JSONText

/// The messages of OCPP 2.0.1. Those of 2.1 are the same with more fields, and are read by the same types.
public enum V201 {
    /// A token (P2 IdTokenType).
    public struct IDToken: Hashable, Sendable {
        /// The identifier, compared without case, never trimmed (C23). 36 characters, 255 in 2.1.
        public var idToken: String
        /// Its kind, e.g. `ISO14443`; 2.1 lets anybody add kinds.
        public var type: String

        public init(_ idToken: String, type: String) {
            self.idToken = idToken
            self.type = type
        }

        var json: JSON { ["idToken": .string(idToken), "type": .string(type)] }

        static let types = [
            "Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization",
            "DirectPayment", "EVCCID", "VIN",
        ]
    }

    /// What is said of a token (P2 IdTokenInfoType).
    public struct IDTokenInfo: Hashable, Sendable {
        /// May it charge?
        public var status: AuthorizationStatus
        /// Nanoseconds after the epoch at which this answer stops being true.
        public var expiresAtNanoseconds: Int64?
        /// The group of the token.
        public var group: IDToken?

        public init(
            _ status: AuthorizationStatus, expiresAtNanoseconds: Int64? = nil, group: IDToken? = nil
        ) {
            self.status = status
            self.expiresAtNanoseconds = expiresAtNanoseconds
            self.group = group
        }

        var json: JSON {
            .present([
                "status": .string(status.rawValue),
                "cacheExpiryDateTime": expiresAtNanoseconds.map { .string(Timestamp.text(nanoseconds: $0)) },
                // A longer group has no place in 2.0.1; without it the answer still holds.
                "groupIdToken": group.flatMap { $0.idToken.count <= 36 ? $0.json : nil },
            ])
        }
    }

    /// The words of P2 AuthorizationStatusEnumType.
    public enum AuthorizationStatus: String, Hashable, Sendable, CaseIterable {
        case accepted = "Accepted"
        case blocked = "Blocked"
        case concurrentTx = "ConcurrentTx"
        case expired = "Expired"
        case invalid = "Invalid"
        case noCredit = "NoCredit"
        case notAllowedTypeEVSE = "NotAllowedTypeEVSE"
        case notAtThisLocation = "NotAtThisLocation"
        case notAtThisTime = "NotAtThisTime"
        case unknown = "Unknown"
    }

    /// An EVSE, and perhaps one of its connectors (P2 EVSEType).
    public struct EVSE: Hashable, Sendable {
        /// From 1.
        public let id: Int64?
        /// From 1, if told.
        public let connectorID: Int64?

        public init(id: Int64?, connectorID: Int64?) {
            self.id = id
            self.connectorID = connectorID
        }

        var json: JSON {
            .present(["id": id.map { JSON($0) }, "connectorId": connectorID.map { JSON($0) }])
        }
    }
}

extension PayloadReader {
    /// A token.
    mutating func token(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> V201
        .IDToken?
    {
        guard var token = object(key, &fields, presence) else { return nil }
        let limit = version == .v21 ? 255 : 36
        let idToken = text("idToken", &token, .required, limit: limit)
        // In 2.1 the kind is open text (P2 §3.44); an unknown one is taken as it is.
        let type = word("type", &token, .required, among: V201.IDToken.types)
        _ = any("additionalInfo", &token)
        finish(token)
        guard let idToken else { return nil }
        return V201.IDToken(idToken, type: type ?? "Central")
    }

    /// An EVSE.
    mutating func evse(_ key: String, _ fields: inout Fields) -> V201.EVSE? {
        guard var evse = object(key, &fields) else { return nil }
        let id = integer("id", &evse, .required)
        let connectorID = integer("connectorId", &evse)
        finish(evse)
        return V201.EVSE(id: id, connectorID: connectorID)
    }
}
