// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// Something unusual about a message: where, how bad, and what we made of it.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// How much of the message was lost.
    public enum Severity: String, Hashable, Sendable {
        /// Odd in form, read as it was meant.
        case note
        /// A field or a sample was passed over.
        case dropped
        /// Something the message needs is missing or unreadable.
        case missing
    }

    /// What a strict reader would call it; decides the error code where errors are answered.
    public enum Violation: Hashable, Sendable {
        /// A required field is absent or unreadable.
        case occurrence
        /// A field has the wrong type or is too long.
        case type
    }

    /// Where in the payload.
    public let path: JSONPointer
    /// How bad.
    public let severity: Severity
    /// The broken rule, if it is one of the schema.
    public let violation: Violation?
    /// One sentence: what was found, and what was done.
    public let message: String

    public init(
        _ severity: Severity, at path: JSONPointer, violation: Violation? = nil, _ message: String
    ) {
        self.path = path
        self.severity = severity
        self.violation = violation
        self.message = message
    }

    public var description: String { path.text.isEmpty ? message : "\(path.text): \(message)" }
}

extension [Finding] {
    /// The error that a strict reader owes for these; what is missing weighs more than what is misshapen.
    var refusal: (code: ErrorCode, finding: Finding)? {
        if let missing = first(where: { $0.violation == .occurrence }) {
            return (.occurrenceConstraintViolation, missing)
        }
        if let misshapen = first(where: { $0.violation == .type }) {
            return (.typeConstraintViolation, misshapen)
        }
        return nil
    }
}
