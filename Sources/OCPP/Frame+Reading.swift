// SPDX-License-Identifier: Apache-2.0
import JSONText

extension Frame {
    /// What bytes from a station turned out to be.
    public enum Reading: Hashable, Sendable {
        /// A frame, perhaps with oddities of its envelope.
        case frame(Frame, [Finding])
        /// Nothing we can use. `answer` is what the version wants said about it, nil for silence (C10).
        case unusable(why: String, answer: Frame?)
    }

    /// The most bytes a frame may have and still be interpreted, inflated: 1 MiB (charging.md §1; C14).
    public static let interpretedBytes = 1 << 20
    /// The most bytes we read at all, to be able to refuse by message id: 4 MiB.
    public static let readBytes = 4 << 20

    /// Wider than what fields may hold, so that one long string costs a field and not the message.
    private static let limits = JSON.Limits(
        depth: 128, stringBytes: readBytes, numberCharacters: 4096, totalBytes: readBytes)

    /// Reads one frame. A transaction message is never lost for the form of its envelope (C15).
    public static func read(_ bytes: some Collection<UInt8>, version: OCPPVersion) -> Reading {
        var repeated: [JSONPointer] = []
        let document: JSON
        do throws(JSONError) {
            document = try JSON.parse(bytes, limits: limits, repeatedKeys: &repeated)
        } catch {
            return .unusable(
                why: "not JSON: \(error)", answer: unreadable(version, "The message is not JSON"))
        }
        guard case .array(let parts) = document else {
            return .unusable(
                why: "not an array but \(document.kind)",
                answer: unreadable(version, "The message is no array"))
        }
        let findings = repeated.map {
            Finding(.note, at: $0, "the key appears twice; the first value counts")
        }
        return read(parts, version: version, findings: findings, length: bytes.count)
    }

    private static func read(
        _ parts: [JSON], version: OCPPVersion, findings: [Finding], length: Int
    ) -> Reading {
        let type = parts.first?.int64
        let id = parts.count > 1 ? MessageID(parts[1]) : nil
        guard let id else {
            return .unusable(why: "no readable id", answer: unreadable(version, "The message has no id"))
        }
        if length > interpretedBytes, type == 2 || type == 6 {
            let failure = Failure(.genericError, in: version, "The message is longer than 1 MiB")
            return .unusable(why: "too long", answer: type == 2 ? .callError(id, failure) : nil)
        }
        switch type {
        case 2: return readCall(id, parts, version: version, findings: findings)
        case 3: return .frame(.callResult(id, payload: parts.count > 2 ? parts[2] : .object([])), findings)
        case 4: return .frame(.callError(id, failure(parts)), findings)
        case 5 where version == .v21: return .frame(.callResultError(id, failure(parts)), findings)
        case 6 where version == .v21:
            guard parts.count > 2, let action = parts[2].string else {
                return .unusable(why: "SEND without an action", answer: nil)
            }
            let (payload, odd) = payload(parts)
            return .frame(.send(id, action: action, payload: payload), findings + odd)
        default:
            // J §4.1.3: a message of unknown type shall be ignored; 2.1 has a code for it.
            let failure = Failure(.messageTypeNotSupported, in: version, "There is no such message type")
            return .unusable(
                why: "unknown message type", answer: version == .v21 ? .callError(id, failure) : nil)
        }
    }

    private static func readCall(
        _ id: MessageID, _ parts: [JSON], version: OCPPVersion, findings: [Finding]
    ) -> Reading {
        guard parts.count > 2, let action = parts[2].string, !action.isEmpty, action.utf8.count <= 255 else {
            let failure = Failure(.formatViolation, in: version, "The call names no action")
            return .unusable(why: "CALL without an action", answer: .callError(id, failure))
        }
        let (payload, odd) = payload(parts)
        return .frame(.call(id, action: action, payload: payload), findings + odd)
    }

    /// The payload of a CALL or SEND: an object, or an empty one in place of whatever else stands there.
    private static func payload(_ parts: [JSON]) -> (JSON, [Finding]) {
        guard parts.count > 3 else {
            return (.object([]), [Finding(.note, at: .root, "no payload; read as an empty object")])
        }
        guard case .object = parts[3] else {
            let message = "the payload is \(parts[3].kind); read as an empty object"
            return (.object([]), [Finding(.dropped, at: .root, message)])
        }
        let rest = Finding(
            .note, at: .root, "\(parts.count) elements; those after the fourth are passed over")
        return (parts[3], parts.count > 4 ? [rest] : [])
    }

    private static func failure(_ parts: [JSON]) -> Failure {
        Failure(
            code: parts.count > 2 ? parts[2].string ?? "" : "",
            description: parts.count > 3 ? parts[3].string ?? "" : "",
            details: parts.count > 4 ? parts[4] : .object([]))
    }

    /// 2.x answers a message without a readable id with an error to `-1`; 1.6 stays silent.
    private static func unreadable(_ version: OCPPVersion, _ why: String) -> Frame? {
        version == .v16 ? nil : .callError(.unreadable, Failure(.rpcFrameworkError, in: version, why))
    }
}
