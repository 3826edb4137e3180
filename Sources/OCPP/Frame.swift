// SPDX-License-Identifier: Apache-2.0
public import JSONText

/// One OCPP-J message as it stands on the wire (J §4.2, P4 §4.2).
public enum Frame: Hashable, Sendable {
    /// A question: `[2, id, action, payload]`.
    case call(MessageID, action: String, payload: JSON)
    /// Its answer: `[3, id, payload]`.
    case callResult(MessageID, payload: JSON)
    /// Its refusal: `[4, id, code, description, details]`.
    case callError(MessageID, Failure)
    /// 2.1: the answer could not be used: `[5, id, code, description, details]`.
    case callResultError(MessageID, Failure)
    /// 2.1: a message that wants no answer: `[6, id, action, payload]`.
    case send(MessageID, action: String, payload: JSON)

    /// The words of an error. The code is text, since stations send codes of other versions.
    public struct Failure: Hashable, Sendable {
        /// One of `ErrorCode`, in the version's spelling.
        public var code: String
        /// One sentence, at most 255 characters.
        public var description: String
        /// Anything more, an object.
        public var details: JSON

        public init(code: String, description: String = "", details: JSON = .object([])) {
            self.code = code
            self.description = description
            self.details = details
        }

        /// A failure of ours, in the spelling of a version.
        public init(_ code: ErrorCode, in version: OCPPVersion, _ description: String) {
            self.init(code: code.text(in: version), description: String(description.prefix(255)))
        }
    }

    /// What ties it to its partner.
    public var id: MessageID {
        switch self {
        case .call(let id, _, _), .callResult(let id, _), .callError(let id, _), .callResultError(let id, _),
            .send(let id, _, _):
            id
        }
    }

    /// The message's name, if it carries one.
    public var action: String? {
        switch self {
        case .call(_, let action, _), .send(_, let action, _): action
        case .callResult, .callError, .callResultError: nil
        }
    }

    /// The bytes of the frame, keys sorted (C16).
    public var bytes: [UInt8] { json.serialized(sortedKeys: true) }

    private var json: JSON {
        switch self {
        case .call(let id, let action, let payload): [2, id.json, .string(action), payload]
        case .callResult(let id, let payload): [3, id.json, payload]
        case .callError(let id, let failure): Self.error(4, id, failure)
        case .callResultError(let id, let failure): Self.error(5, id, failure)
        case .send(let id, let action, let payload): [6, id.json, .string(action), payload]
        }
    }

    private static func error(_ type: Int, _ id: MessageID, _ failure: Failure) -> JSON {
        [JSON(type), id.json, .string(failure.code), .string(failure.description), failure.details]
    }
}
