// SPDX-License-Identifier: Apache-2.0

/// Why a call is answered with an error. The spelling is that of the version (C11).
public enum ErrorCode: String, Hashable, Sendable, CaseIterable {
    /// The action is known, but not offered.
    case notSupported = "NotSupported"
    /// The action is not known.
    case notImplemented = "NotImplemented"
    /// Our own failure before anything was stored; nothing else is ever called this (C45).
    case internalError = "InternalError"
    /// The payload is incomplete.
    case protocolError = "ProtocolError"
    /// Not now, or not for you.
    case securityError = "SecurityError"
    /// The payload has not the form of the action.
    case formatViolation = "FormatViolation"
    /// A field has a value it must not have.
    case propertyConstraintViolation = "PropertyConstraintViolation"
    /// A field is missing, or there too often.
    case occurrenceConstraintViolation = "OccurrenceConstraintViolation"
    /// A field has the wrong type.
    case typeConstraintViolation = "TypeConstraintViolation"
    /// Anything else.
    case genericError = "GenericError"
    /// The frame itself cannot be read (2.x).
    case rpcFrameworkError = "RpcFrameworkError"
    /// No such message type number (2.x).
    case messageTypeNotSupported = "MessageTypeNotSupported"

    /// The code's text. 1.6 has its own names for two (J §4.2.3) and lacks two more.
    public func text(in version: OCPPVersion) -> String {
        guard version == .v16 else { return rawValue }
        return switch self {
        case .formatViolation: "FormationViolation"
        case .occurrenceConstraintViolation: "OccurenceConstraintViolation"
        case .rpcFrameworkError, .messageTypeNotSupported: "GenericError"
        default: rawValue
        }
    }
}
