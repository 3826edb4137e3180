// SPDX-License-Identifier: Apache-2.0
import Billing
import Digests
import HTTPTypes
import Hummingbird
import JSONText
import Logging
import NIOCore
import Quantities
import Storage

/// Takes a request at the counter of the API: who is it, may they, is it well formed, was it answered before? Then
/// the route's handler is asked, and whatever comes of it gets the form of an answer.
struct Clerk: Sendable {
    let desk: Desk
    let hub: LiveHub
    let credentials: Credentials
    let answers: IdempotentAnswers
    let limiter: RateLimiter
    let limits: RateLimits
    /// What tests may turn; nil where nothing may be turned.
    var tests: (any TestControls)?
    /// The line to gateways, to try an account out; nil where there is none.
    var sender: (any GatewaySender)?

    /// The largest body.
    static let bodyLimit = 1 << 20

    /// Answers a request, always.
    func answer(_ route: Route, _ request: Request, _ context: WebContext) async -> Response {
        let id = ID<Owners.Request>(
            at: desk.clock.now, random: UInt128(desk.ids.word()) << 64 | UInt128(desk.ids.word()))
        var headers: HTTPFields = [:]
        var version = request.headers[.amptillVersion]
        var reply: Reply
        do {
            try Self.check(version)
            let caller = try await identify(request, context, &headers)
            if version == nil { version = caller.pinnedVersion }
            try Self.check(version)
            try Self.check(caller, for: route)
            reply = try await serve(route, request, context, caller: caller, id: id)
        } catch {
            reply = refuse(error, request, id)
        }
        reply.headers.append(contentsOf: headers)
        Self.stamp(&reply, request, id, version)
        return reply.response
    }

    /// The problem an error is, logged if it is ours.
    private func refuse(_ error: any Error, _ request: Request, _ id: ID<Owners.Request>) -> Reply {
        let problem = Answers.problem(error)
        if problem.code.status >= 500 {
            desk.log.error(
                "request failed",
                metadata: [
                    "request": "\(id)", "method": "\(request.method)", "path": "\(request.uri.path)",
                    "error": "\(error)",
                ])
        }
        return problem.reply(instance: request.uri.path, request: id.text)
    }

    /// Headers that every answer carries.
    static func stamp(
        _ reply: inout Reply, _ request: Request, _ id: ID<Owners.Request>, _ version: String? = nil
    ) {
        reply.headers[.requestID] = id.text
        let isSpoken = version.map(APIVersion.spoken.contains) ?? false
        reply.headers[.amptillVersion] = isSpoken ? version : APIVersion.current
        if reply.headers[.cacheControl] == nil { reply.headers[.cacheControl] = "no-store" }
        if let trace = Trace(request.headers[.traceparent]) {
            reply.headers[.traceparent] = trace.next(span: id)
        }
    }

    /// Behaviour is pinned by the request, else by the key (api.md §1).
    private static func check(_ version: String?) throws(Problem) {
        guard let version, !APIVersion.spoken.contains(version) else { return }
        throw Problem(
            .unsupportedVersion, "This server speaks \(APIVersion.spoken.joined(separator: ", ")).")
    }

    /// Who calls, if they do not call too often.
    private func identify(
        _ request: Request, _ context: WebContext, _ headers: inout HTTPFields
    ) async throws -> Caller {
        do {
            let caller = try await credentials.caller(of: request)
            switch caller {
            case .key(let key, _):
                try take(key.id.text, limits.key, &headers)
                try Self.check(key, from: context.address)
            case .guest(let checkout): try take(checkout.id.text, limits.guest, &headers)
            case .driver(let token, _): try take(token.secretHash, limits.guest, &headers)
            case .anonymous: try take("ip:" + context.address, limits.anonymous, &headers)
            }
            return caller
        } catch let problem as Problem where problem.code.status == 401 {
            // Whoever guesses credentials is counted by address.
            try take("ip:" + context.address, limits.anonymous, &headers)
            throw problem
        }
    }

    /// A key may be bound to networks.
    private static func check(_ key: APIKeyRecord, from address: String) throws(Problem) {
        guard let networks = key.allowedIps else { return }
        guard networks.contains(where: { PrivateAddress.isInside(address, network: $0) }) else {
            throw Problem(.ipNotAllowed, "The key \(key.hint) may not be used from \(address).")
        }
    }

    /// Counts a call; the answer's headers tell how many are left.
    func take(_ name: String, _ bucket: RateLimits.Bucket, _ headers: inout HTTPFields) throws(Problem) {
        let verdict = limiter.take(name, of: bucket)
        headers[.rateLimitLimit] = String(verdict.limit)
        headers[.rateLimitRemaining] = String(verdict.remaining)
        headers[.rateLimitReset] = String(verdict.resetSeconds)
        guard verdict.isAllowed else {
            throw Problem(
                .rateLimited, "Try again in \(verdict.retrySeconds) s.",
                retryAfterSeconds: verdict.retrySeconds)
        }
    }

    private static func check(_ caller: Caller, for route: Route) throws(Problem) {
        if route.scopes.contains(caller.scope) || route.scopes.contains(.anonymous) {
            guard caller.sites == nil || Narrowing.isOpen(route) else {
                throw Problem(
                    .scopeMissing, "This key is for some sites, and this cannot be told apart by site.",
                    extras: ["needed": .array(route.scopes.map { .string($0.rawValue) })])
            }
            return
        }
        let needed = route.scopes.map(\.rawValue).sorted()
        guard caller.organisation != nil else {
            throw Problem(.unauthenticated, "This needs a credential: \(needed.joined(separator: ", ")).")
        }
        throw Problem(
            .scopeMissing, "A \(caller.scope.rawValue) credential may not do this.",
            extras: ["needed": .array(needed.map(JSON.string))])
    }

    private func serve(
        _ route: Route, _ request: Request, _ context: WebContext, caller: Caller, id: ID<Owners.Request>
    ) async throws -> Reply {
        let query = Query(request.uri.query)
        try Self.refuseCards(in: request, query)
        try query.check(against: route.query)
        var request = request
        let bytes = try await Self.bytes(of: &request, for: route)
        let isRehearsal = route.canRehearse && query.flag("dry_run")
        let once = isRehearsal ? nil : try Once(request, route, caller, context, bytes)
        let body = try Self.body(bytes, of: request, for: route)
        var call = Call(
            desk: desk, hub: hub, clerk: self, caller: caller, requestID: id, address: context.address,
            request: request,
            parameters: [:], query: query, body: body, bytes: bytes, onceName: once?.scope)
        for (name, value) in context.parameters { call.parameters[String(name)] = Query.decoded(value) }
        if isRehearsal { return try await rehearse(route, call) }
        guard let once else { return try await Expansion(call: call)(route.handler(call)) }
        return try await atMostOnce(once, route, call)
    }

    /// What would come of it: the whole verb runs, and nothing of it stays (api.md §1, Dry run).
    private func rehearse(_ route: Route, _ call: Call) async throws -> Reply {
        var reply = try await Store.$isRehearsal.withValue(true) { try await route.handler(call) }
        reply.status = .ok
        reply.headers[.location] = nil
        return reply
    }

    /// Nothing of a request that is kept or logged may hold a card number (I29); the body is looked at when it is read.
    private static func refuseCards(in request: Request, _ query: Query) throws(Problem) {
        try CardNumbers.refuse(in: .string(Query.decoded(request.uri.path[...])))
        for item in query.items {
            try CardNumbers.refuse(in: .string(item.name))
            try CardNumbers.refuse(in: .string(item.value))
        }
        if let key = request.headers[.idempotencyKey] { try CardNumbers.refuse(in: .string(key)) }
    }

    /// At most once for a key: a repeat is answered like the first.
    private func atMostOnce(_ once: Once, _ route: Route, _ call: Call) async throws -> Reply {
        switch try await answers.claim(once.scope, requestHash: once.requestHash) {
        case .first: break
        case .repeated(let answer): return Reply(repeating: answer)
        case .reused:
            throw Problem(.idempotencyKeyReused, "This Idempotency-Key came with another body before.")
        case .running:
            throw Problem(.idempotencyInProgress, "The first request still runs.", retryAfterSeconds: 1)
        }
        do {
            let reply = try await route.handler(call)
            try await remember(reply, once, hiding: route.secrets)
            return reply
        } catch {
            let problem = Answers.problem(error)
            // A refusal is an answer too; what is our fault, or was refused at the counter, may be tried again.
            if [402, 404, 409, 412, 422, 428].contains(problem.code.status) {
                let reply = problem.reply(instance: call.path, request: call.requestID.text)
                try await remember(reply, once, hiding: [])
            } else {
                try await answers.forget(once.scope)
            }
            throw error
        }
    }

    private func remember(_ reply: Reply, _ once: Once, hiding secrets: Set<String>) async throws {
        var kept = reply
        if case .json(let json) = reply.content, case .object(let members) = json, !secrets.isEmpty {
            kept.content = .json(
                .object(members.map { secrets.contains($0.key) ? JSON.Member($0.key, .null) : $0 }))
        }
        var headers: [String: String] = [:]
        for name in [HTTPField.Name.contentType, .location] {
            headers[name.canonicalName] = kept.response.headers[name]
        }
        try await answers.remember(
            IdempotentAnswers.Answer(
                status: Int64(kept.status.code), headers: headers, body: kept.bytes ?? []),
            for: once.scope, requestHash: once.requestHash)
    }

    private static func bytes(of request: inout Request, for route: Route) async throws -> [UInt8] {
        guard route.request != nil || route.takesRawBody else { return [] }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > bodyLimit {
            throw Problem(.bodyTooLarge, "A body has at most 1 MiB.")
        }
        return Array(try await request.collectBody(upTo: bodyLimit).readableBytesView)
    }

    private static func body(_ bytes: [UInt8], of request: Request, for route: Route) throws(Problem) -> Body
    {
        guard let shape = route.request, !route.takesRawBody else { return Body([:]) }
        guard !bytes.isEmpty else {
            let empty = Body([:])
            try shape.check(empty.json)
            return empty
        }
        let type = request.headers[.contentType] ?? ""
        guard type.split(separator: ";").first?.lowercased() == "application/json" else {
            throw Problem(.unsupportedMediaType, "Send Content-Type: application/json.")
        }
        return try Body(parsing: bytes, as: shape)
    }
}

/// The identity of a request that must have its effect once (api.md §1, Idempotency).
struct Once: Sendable {
    /// Organisation, kind of credential, method, path and key, hashed.
    let scope: String
    /// SHA-256 of the body.
    let requestHash: String

    /// Nil if the request has no key and needs none.
    init?(
        _ request: Request, _ route: Route, _ caller: Caller, _ context: WebContext, _ bytes: [UInt8]
    ) throws(Problem) {
        guard route.method == .post, let key = request.headers[.idempotencyKey] else {
            guard route.needsIdempotencyKey else { return nil }
            throw Problem(
                .idempotencyKeyRequired, "Send Idempotency-Key with a value of your own, e.g. a UUID.")
        }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw Problem(
                .idempotencyKeyRequired, "An Idempotency-Key has 1 to 255 visible ASCII characters.")
        }
        // Two people without a credential are told apart by their address: a key one of them uses is not the other's.
        let owner = caller.account?.text ?? caller.organisation?.text ?? "address " + context.address
        let parts = [owner, caller.scope.rawValue, request.method.rawValue, request.uri.path, key]
        scope = SHA256Digest.hex(of: Array(parts.joined(separator: "\n").utf8))
        requestHash = SHA256Digest.hex(of: bytes)
    }
}

extension Reply {
    /// The answer that was given before.
    init(repeating answer: IdempotentAnswers.Answer) {
        self.init(status: HTTPResponse.Status(code: Int(answer.status)), content: .nothing)
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        headers[.idempotentReplayed] = "true"
        content = .bytes(answer.body, type: headers[.contentType] ?? "application/json; charset=utf-8")
    }
}

/// A place in a distributed trace (W3C Trace Context): the answer continues the request's.
struct Trace: Sendable {
    private let id: Substring
    private let flags: Substring

    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; nil for anything else.
    init?(_ text: String?) {
        let parts = (text ?? "").split(separator: "-")
        guard parts.count == 4, parts[0] == "00", parts[1].count == 32, parts[2].count == 16,
            parts[3].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } })
        else { return nil }
        id = parts[1]
        flags = parts[3]
    }

    /// The same trace with a span of ours.
    func next(span: ID<Owners.Request>) -> String {
        "00-\(id)-\(SHA256Digest.hex(of: Array(span.text.utf8)).prefix(16))-\(flags)"
    }
}

extension HTTPField.Name {
    static let requestID = known("Request-Id")
    static let amptillVersion = known("Amptill-Version")
    static let idempotencyKey = known("Idempotency-Key")
    static let idempotentReplayed = known("Idempotent-Replayed")
    static let traceparent = known("traceparent")
    static let rateLimitLimit = known("RateLimit-Limit")
    static let rateLimitRemaining = known("RateLimit-Remaining")
    static let rateLimitReset = known("RateLimit-Reset")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is the name of a header") }
        return name
    }
}
