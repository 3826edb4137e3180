// SPDX-License-Identifier: Apache-2.0
package import HTTPTypes

/// One route of the API: what registers its handler and what documents it are the same value.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// With `{…}` for what varies, e.g. `/v1/sites/{id}`.
    package let path: String
    /// Who may call it.
    package let scopes: Set<Scope>
    /// One sentence for the documentation.
    package let summary: String
    /// Whether an `Idempotency-Key` must be sent (€ in api.md).
    package var needsIdempotencyKey = false
    /// What may stand in the query.
    let query: [Query.Parameter]
    /// The body it reads; nil for none.
    package let request: ObjectShape?
    /// Whether the body is read as it is, by its own rules (webhooks).
    var takesRawBody = false
    /// The answers that are no problem, by status.
    package let answers: [Answer]
    /// The problems of its own, besides those that any route can have.
    package let problems: [Problem.Code]
    /// Whether it understands `dry_run`.
    var canRehearse = false
    /// Fields of the answer that are told once and never kept for a repeat.
    var secrets: Set<String> = []
    let handler: @Sendable (Call) async throws -> Reply

    /// One kind of answer.
    package struct Answer: Sendable {
        package let status: Int
        package let content: Content

        /// What the body holds.
        package enum Content: Sendable {
            case nothing
            case json(ObjectShape)
            /// Bytes of these media types.
            case bytes([String])
        }

        /// 200 with an object.
        static func ok(_ shape: ObjectShape) -> Answer { Answer(status: 200, content: .json(shape)) }
        /// 201 with an object.
        static func created(_ shape: ObjectShape) -> Answer { Answer(status: 201, content: .json(shape)) }
        /// 202 with an object.
        static func accepted(_ shape: ObjectShape) -> Answer { Answer(status: 202, content: .json(shape)) }
        /// 200 with bytes.
        static func bytes(_ types: String...) -> Answer { Answer(status: 200, content: .bytes(types)) }
        /// Whether identifiers in it can become objects.
        var showsObjects: Bool {
            guard case .json(let shape) = content else { return false }
            return shape.mentionsObjects
        }

        /// 200 with a page of a list.
        static func page(of shape: ObjectShape) -> Answer { .ok(.page(of: shape)) }
    }

    /// A route that reads.
    static func get(
        _ path: String, _ scopes: Set<Scope>, _ summary: String, query: [Query.Parameter] = [],
        answers: [Answer], problems: [Problem.Code] = [],
        _ handler: @escaping @Sendable (Call) async throws -> Reply
    ) -> Route {
        Route(
            method: .get, path: path, scopes: scopes, summary: summary,
            query: answers.contains(where: \.showsObjects) ? query + [Expansion.parameter] : query,
            request: nil,
            answers: answers, problems: problems, handler: handler)
    }

    /// A route that makes or does something.
    static func post(
        _ path: String, _ scopes: Set<Scope>, _ summary: String, query: [Query.Parameter] = [],
        request: ObjectShape = ObjectShape(nil, []), answers: [Answer], problems: [Problem.Code] = [],
        _ handler: @escaping @Sendable (Call) async throws -> Reply
    ) -> Route {
        Route(
            method: .post, path: path, scopes: scopes, summary: summary, query: query, request: request,
            answers: answers, problems: problems, handler: handler)
    }

    /// A route that changes an object of a known version.
    static func patch(
        _ path: String, _ scopes: Set<Scope>, _ summary: String, request: ObjectShape, answers: [Answer],
        problems: [Problem.Code] = [], _ handler: @escaping @Sendable (Call) async throws -> Reply
    ) -> Route {
        Route(
            method: .patch, path: path, scopes: scopes, summary: summary, query: [], request: request,
            answers: answers, problems: problems + [.ifMatchRequired, .versionConflict], handler: handler)
    }

    /// A route that removes something.
    static func delete(
        _ path: String, _ scopes: Set<Scope>, _ summary: String, problems: [Problem.Code] = [],
        _ handler: @escaping @Sendable (Call) async throws -> Reply
    ) -> Route {
        Route(
            method: .delete, path: path, scopes: scopes, summary: summary, query: [], request: nil,
            answers: [Answer(status: 204, content: .nothing)], problems: problems, handler: handler)
    }

    /// The same route, with an `Idempotency-Key` required.
    var once: Route {
        var route = self
        route.needsIdempotencyKey = true
        return route
    }

    /// The same route, which can also be asked what it would do: `?dry_run=true` (api.md §1).
    var rehearsable: Route {
        var route = Route(
            method: method, path: path, scopes: scopes, summary: summary,
            query: query + [
                Query.Parameter(
                    name: "dry_run", shape: .flag,
                    note: "The full answer, with status 200; nothing is stored and no gateway is asked.")
            ],
            request: request,
            answers: answers
                + (answers.contains { $0.status == 200 }
                    ? [] : answers.prefix(1).map { Answer(status: 200, content: $0.content) }),
            problems: problems, handler: handler)
        (route.needsIdempotencyKey, route.secrets, route.canRehearse) = (needsIdempotencyKey, secrets, true)
        return route
    }

    /// The same route, whose answer holds something that is told once.
    func tellingOnce(_ fields: String...) -> Route {
        var route = self
        route.secrets = Set(fields)
        return route
    }

    /// The problems that this route can answer with.
    package var allProblems: [Problem.Code] {
        var codes: [Problem.Code] = [
            .rateLimited, .internal, .storageUnavailable, .unsupportedVersion, .cardNumberInRequest,
        ]
        if scopes != [.anonymous] { codes += [.unauthenticated, .keyRevoked, .keyExpired, .scopeMissing] }
        codes.append(.ipNotAllowed)
        if path.contains("{") { codes.append(.notFound) }
        if !query.isEmpty { codes += [.unknownField, .invalidField] }
        if request != nil, !takesRawBody {
            codes += [
                .malformedJSON, .unknownField, .missingField, .invalidField, .cardNumberInRequest,
                .bodyTooLarge,
                .unsupportedMediaType,
            ]
        }
        if method != .get { codes.append(.readOnlyMode) }
        if method == .post { codes += [.idempotencyInProgress, .idempotencyKeyReused] }
        if needsIdempotencyKey { codes.append(.idempotencyKeyRequired) }
        var seen: Set<Problem.Code> = []
        return (codes + problems).filter { seen.insert($0).inserted }
    }
}

extension ObjectShape {
    /// Whether a field other than its own id is an identifier of something that can be read.
    var mentionsObjects: Bool {
        fields.contains { field in
            switch field.shape {
            case .text(.id(let prefix), _): field.name != "id" && Expansion.paths[prefix] != nil
            case .list(.object(let shape), _): field.name == "data" && shape.mentionsObjects
            default: false
            }
        }
    }

    /// A page of a list (api.md §1, Pagination).
    static func page(of shape: ObjectShape) -> ObjectShape {
        ObjectShape(
            shape.name.map { $0 + "Page" },
            [
                .must("data", .list(shape)), .must("has_more", .flag),
                .may("next", .text(.plain, max: 2000), "The address of the next page, filters kept."),
            ])
    }

    /// A list that is always whole.
    static func list(of shape: ObjectShape) -> ObjectShape {
        ObjectShape(nil, [.must("data", .list(shape))])
    }
}
