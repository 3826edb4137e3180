// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// A message that stations send and that we read field by field.
public protocol IncomingMessage: Sendable {
    /// The name on the wire.
    static var action: String { get }
    /// Whether it may carry money; then its content is never a reason for an error (C15).
    static var mayCarryMoney: Bool { get }
    /// Reads what can be read; what cannot is nil, and noted.
    init(reading payload: JSON, with reader: inout Decoding)
}

extension IncomingMessage {
    /// Most messages carry no money.
    public static var mayCarryMoney: Bool { false }

    /// Reads a payload. Never fails: what the message lacks is in the findings.
    public static func decode(_ payload: JSON, version: OCPPVersion) -> Decoded<Self> {
        var decoding = Decoding(PayloadReader(version: version, mayCarryMoney: mayCarryMoney))
        let message = Self(reading: payload, with: &decoding)
        return Decoded(message: message, findings: decoding.reader.findings, mayCarryMoney: mayCarryMoney)
    }
}

/// The reading of one payload, on its way through the initialiser of its message.
public struct Decoding: Sendable {
    var reader: PayloadReader

    init(_ reader: PayloadReader) { self.reader = reader }
}

/// A message as far as it could be read, with what was odd about it.
public struct Decoded<Message: IncomingMessage>: Sendable {
    /// What could be read.
    public let message: Message
    /// What was odd.
    public let findings: [Finding]
    private let mayCarryMoney: Bool

    init(message: Message, findings: [Finding], mayCarryMoney: Bool) {
        self.message = message
        self.findings = findings
        self.mayCarryMoney = mayCarryMoney
    }

    /// The error that this content calls for, or nil. Always nil where money may be carried (charging.md §3).
    public var refusal: (code: ErrorCode, finding: Finding)? {
        mayCarryMoney ? nil : findings.refusal
    }
}
