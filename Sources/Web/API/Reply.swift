import Digests
// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Hummingbird
import JSONText
import NIOCore

/// What a handler answers.
struct Reply: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var content: Content

    /// What stands in the body.
    enum Content: Sendable {
        case nothing
        case json(JSON)
        /// Bytes of a media type: a document, a picture, an export.
        case bytes([UInt8], type: String)
        /// Written while it happens.
        case stream(ResponseBody)
    }

    /// 200 with an object.
    static func ok(_ json: JSON) -> Reply { Reply(status: .ok, content: .json(json)) }

    /// 201 with the new object and where it is.
    static func created(_ json: JSON, at location: String) -> Reply {
        Reply(status: .created, headers: [.location: location], content: .json(json))
    }

    /// 202: taken, the outcome comes later, at `location`.
    static func accepted(_ json: JSON, at location: String) -> Reply {
        Reply(status: .accepted, headers: [.location: location], content: .json(json))
    }

    /// 200 with bytes.
    static func bytes(_ bytes: [UInt8], type: String) -> Reply {
        Reply(status: .ok, content: .bytes(bytes, type: type))
    }

    /// The bytes of the body; nil for a stream.
    var bytes: [UInt8]? {
        switch content {
        case .nothing: []
        case .json(let json): json.serialized(sortedKeys: false)
        case .bytes(let bytes, _): bytes
        case .stream: nil
        }
    }

    /// As Hummingbird sends it.
    var response: Response {
        var headers = headers
        switch content {
        case .nothing: return Response(status: status, headers: headers)
        case .json:
            if headers[.contentType] == nil { headers[.contentType] = "application/json; charset=utf-8" }
        case .bytes(_, let type): headers[.contentType] = type
        case .stream(let body): return Response(status: status, headers: headers, body: body)
        }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes ?? [])))
    }
}

extension Problem {
    /// The answer that carries it.
    func reply(instance: String, request: String) -> Reply {
        var reply = Reply(
            status: HTTPResponse.Status(code: code.status),
            content: .json(json(instance: CardNumbers.removed(from: instance), request: request)))
        reply.headers[.contentType] = "application/problem+json; charset=utf-8"
        if let retryAfterSeconds { reply.headers[.retryAfter] = String(retryAfterSeconds) }
        if code.status == 401 { reply.headers[.wwwAuthenticate] = "Bearer realm=\"amptill\"" }
        return reply
    }
}
