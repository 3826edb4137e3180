// SPDX-License-Identifier: Apache-2.0
import JSONText

/// The messages of OCPP 1.6.
public enum V16 {
    /// What is said of a token (1.6 §7.14).
    public struct IDTagInfo: Hashable, Sendable {
        /// May it charge?
        public var status: AuthorizationStatus
        /// Nanoseconds after the epoch at which this answer stops being true.
        public var expiresAtNanoseconds: Int64?
        /// The group of the token.
        public var parentIDTag: String?

        public init(
            _ status: AuthorizationStatus, expiresAtNanoseconds: Int64? = nil, parentIDTag: String? = nil
        ) {
            self.status = status
            self.expiresAtNanoseconds = expiresAtNanoseconds
            self.parentIDTag = parentIDTag
        }

        var json: JSON {
            .present([
                "status": .string(status.rawValue),
                "expiryDate": expiresAtNanoseconds.map { .string(Timestamp.text(nanoseconds: $0)) },
                // A group of more than 20 characters has no place in 1.6; without it the answer still holds.
                "parentIdTag": parentIDTag.flatMap { $0.count <= 20 ? .string($0) : nil },
            ])
        }
    }

    /// The words of 1.6 §7.2.
    public enum AuthorizationStatus: String, Hashable, Sendable, CaseIterable {
        case accepted = "Accepted"
        case blocked = "Blocked"
        case expired = "Expired"
        case invalid = "Invalid"
        case concurrentTx = "ConcurrentTx"
    }
}

/// Whether a station may work: the same three words in all versions.
public enum RegistrationStatus: String, Hashable, Sendable, CaseIterable {
    case accepted = "Accepted"
    case pending = "Pending"
    case rejected = "Rejected"
}
