// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
package import JSONText
import Storage

/// The OpenAPI 3.1 document, made from the same table that registers the handlers.
package struct OpenAPI: Sendable {
    private let table: RouteTable
    private let server: String

    package init(_ table: RouteTable, server: String) {
        self.table = table
        self.server = server
    }

    /// The whole document.
    package var document: JSON {
        var schemas = Schemas()
        var paths: [(path: String, operations: [JSON.Member])] = []
        for route in table.routes {
            let operation = JSON.Member(
                route.method.rawValue.lowercased(), self.operation(of: route, &schemas))
            if let index = paths.firstIndex(where: { $0.path == route.path }) {
                paths[index].operations.append(operation)
            } else {
                paths.append((route.path, [operation]))
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Amptill", "version": .string(APIVersion.current),
                "summary": "The till for EV charging: from the car to the bank.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": .string(server)]],
            "security": [["key": []]],
            "paths": .object(paths.map { JSON.Member($0.path, .object($0.operations)) }),
            "components": [
                "securitySchemes": [
                    "key": [
                        "type": "http", "scheme": "bearer",
                        "description": "An API key (`amp_…`) or a guest token (`gst_…`).",
                    ]
                ],
                "schemas": .object(schemas.all + [JSON.Member("Problem", Self.problem)]),
            ],
        ]
    }

    private func operation(of route: Route, _ schemas: inout Schemas) -> JSON {
        var members: [JSON.Member] = [
            .init("operationId", .string(Self.name(of: route))), .init("summary", .string(route.summary)),
            .init("tags", [.string(Self.tag(of: route))]),
            .init("x-scopes", .array(route.scopes.map(\.rawValue).sorted().map(JSON.string))),
        ]
        if route.scopes.contains(.anonymous) { members.append(.init("security", [[:], ["key": []]])) }
        let parameters = parameters(of: route, &schemas)
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if let body = body(of: route, &schemas) { members.append(.init("requestBody", body)) }
        members.append(.init("responses", responses(of: route, &schemas)))
        return .object(members)
    }

    private func parameters(of route: Route, _ schemas: inout Schemas) -> [JSON] {
        var parameters: [JSON] = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { step in
            [
                "name": .string(String(step.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": ["type": "string"],
            ]
        }
        for parameter in route.query {
            let schema = schemas.schema(of: parameter.shape, isRequest: true)
            parameters.append([
                "name": .string(parameter.name), "in": "query", "description": .string(parameter.note),
                "schema": parameter.isRepeatable ? ["type": "array", "items": schema] : schema,
                "explode": true, "style": parameter.name == "metadata" ? "deepObject" : "form",
            ])
        }
        if route.method == .post, !route.takesRawBody {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": .bool(route.needsIdempotencyKey),
                "schema": ["type": "string", "minLength": 1, "maxLength": 255],
                "description": "The same key and body again give the same answer and no second effect.",
            ])
        }
        if route.method == .patch {
            parameters.append([
                "name": "If-Match", "in": "header", "required": true, "schema": ["type": "string"],
                "description": "The version that was read, in quotation marks.",
            ])
        }
        return parameters
    }

    private func body(of route: Route, _ schemas: inout Schemas) -> JSON? {
        if route.takesRawBody {
            return ["required": true, "content": ["application/json": ["schema": [:]]]]
        }
        guard let shape = route.request, !shape.fields.isEmpty else { return nil }
        return [
            "required": .bool(shape.fields.contains(where: \.isRequired)),
            "content": ["application/json": ["schema": schemas.schema(of: shape, isRequest: true)]],
        ]
    }

    private func responses(of route: Route, _ schemas: inout Schemas) -> JSON {
        var responses: [JSON.Member] = []
        for status in Set(route.answers.map(\.status)).sorted() {
            var content: [JSON.Member] = []
            for answer in route.answers where answer.status == status {
                switch answer.content {
                case .nothing: continue
                case .json(let shape):
                    content.append(
                        .init("application/json", ["schema": schemas.schema(of: shape, isRequest: false)]))
                case .bytes(let types):
                    content += types.map { .init($0, ["schema": ["type": "string"]]) }
                }
            }
            let description = JSON.string(Self.words[status] ?? "Answer.")
            responses.append(
                .init(
                    String(status),
                    content.isEmpty
                        ? ["description": description]
                        : ["description": description, "content": .object(content)]))
        }
        let codes = Dictionary(grouping: route.allProblems, by: \.status)
        for status in codes.keys.sorted() where !route.answers.contains(where: { $0.status == status }) {
            let names = (codes[status] ?? []).map(\.rawValue).sorted()
            responses.append(
                .init(
                    String(status),
                    [
                        "description": .string(names.map { "`\($0)`" }.joined(separator: ", ")),
                        "content": [
                            "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
                        ],
                        "x-codes": .array(names.map(JSON.string)),
                    ]))
        }
        return .object(responses)
    }

    private static let words = [
        200: "Done.", 201: "Made.", 202: "Taken; the outcome comes later.", 204: "Done.", 503: "Not ready.",
    ]

    /// `GET /v1/sites/{id}` is `get_sites_id`.
    private static func name(of route: Route) -> String {
        let steps = route.path.split(separator: "/").dropFirst().map { step in
            step.filter { $0 != "{" && $0 != "}" }
        }
        return ([route.method.rawValue.lowercased()] + steps).joined(separator: "_")
    }

    private static func tag(of route: Route) -> String {
        route.path.split(separator: "/").dropFirst().first.map(String.init) ?? "root"
    }

    private static let problem: JSON = [
        "type": "object", "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail", "code", "retryable", "request_id"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string"], "instance": ["type": "string"],
            "code": ["type": "string", "enum": .array(Problem.Code.allCases.map { .string($0.rawValue) })],
            "param": ["type": ["string", "null"], "description": "JSON Pointer into the body, or `?name`."],
            "retryable": [
                "type": "boolean",
                "description": "Whether the same request with the same Idempotency-Key may be sent again.",
            ],
            "request_id": ["type": "string"],
        ],
    ]
}

/// The named schemas that a document uses, collected while it is written.
struct Schemas {
    private(set) var all: [JSON.Member] = []

    /// The schema of an object, by reference if it has a name.
    mutating func schema(of shape: ObjectShape, isRequest: Bool) -> JSON {
        guard let name = shape.name else { return inline(shape, isRequest) }
        if !all.contains(where: { $0.key == name }) {
            // The place is taken first, so that the order of the document does not depend on nesting.
            all.append(JSON.Member(name, .null))
            let schema = inline(shape, isRequest)
            if let index = all.firstIndex(where: { $0.key == name }) { all[index].value = schema }
        }
        return ["$ref": .string("#/components/schemas/" + name)]
    }

    /// The schema of a value.
    mutating func schema(of shape: Shape, isRequest: Bool) -> JSON {
        switch shape {
        case .text(let kind, let limit): kind.schema(limit)
        case .integer(let range):
            .present([
                "type": "integer", "format": "int64",
                "minimum": range.lowerBound > Int64.min ? JSON(range.lowerBound) : nil,
                "maximum": range.upperBound < Int64.max ? JSON(range.upperBound) : nil,
            ])
        case .flag: ["type": "boolean"]
        case .word(let words): ["type": "string", "enum": .array(words.map(JSON.string))]
        case .list(let shape, let limit):
            .present([
                "type": "array", "items": schema(of: shape, isRequest: isRequest),
                "maxItems": isRequest ? JSON(Int64(limit)) : nil,
            ])
        case .object(let shape): schema(of: shape, isRequest: isRequest)
        case .texts:
            [
                "type": "object", "maxProperties": 50,
                "additionalProperties": ["type": "string", "maxLength": 500],
            ]
        case .map(let shape):
            ["type": "object", "additionalProperties": schema(of: shape, isRequest: isRequest)]
        case .anything(let note): ["description": .string(note)]
        }
    }

    private mutating func inline(_ shape: ObjectShape, _ isRequest: Bool) -> JSON {
        let properties = shape.fields.map { field -> JSON.Member in
            var schema = schema(of: field.shape, isRequest: isRequest)
            if !isRequest, field.name != "id", case .text(.id(let prefix), _) = field.shape,
                Expansion.paths[prefix] != nil
            {
                // With `?expand` the object stands here.
                schema = ["anyOf": [schema, ["type": "object"]]]
            }
            if !field.isRequired { schema = Self.nullable(schema) }
            if !field.note.isEmpty { schema = Self.described(schema, field.note) }
            return JSON.Member(field.name, schema)
        }
        // An answer always carries every field; what is absent is null.
        let required = shape.fields.filter { $0.isRequired || !isRequest }.map { JSON.string($0.name) }
        return .present([
            "type": "object", "properties": .object(properties),
            "required": required.isEmpty ? nil : .array(required),
            "additionalProperties": false,
        ])
    }

    private static func nullable(_ schema: JSON) -> JSON {
        if let choices = schema["anyOf"]?.array { return ["anyOf": .array(choices + [["type": "null"]])] }
        guard let type = schema["type"]?.string else {
            return schema["$ref"] == nil ? schema : ["anyOf": [schema, ["type": "null"]]]
        }
        var members = schema.object ?? []
        if let index = members.firstIndex(where: { $0.key == "type" }) {
            members[index].value = [.string(type), "null"]
        }
        if let index = members.firstIndex(where: { $0.key == "enum" }) {
            members[index].value = .array((members[index].value.array ?? []) + [.null])
        }
        return .object(members)
    }

    private static func described(_ schema: JSON, _ note: String) -> JSON {
        guard schema["description"] == nil else { return schema }
        return schema.adding(["description": .string(note)])
    }
}

extension Shape.TextKind {
    /// The schema of a text of this kind.
    fileprivate func schema(_ limit: Int) -> JSON {
        var members: [JSON.Member] = [.init("type", "string"), .init("maxLength", JSON(Int64(limit)))]
        let (format, pattern): (String?, String?) =
            switch self {
            case .plain, .timeZone, .phone: (nil, nil)
            case .id(let prefix): (nil, "^\(prefix)_")
            case .instant: ("date-time", nil)
            case .date: ("date", nil)
            case .decimal: (nil, "^-?[0-9]+([.][0-9]+)?$")
            case .currency: (nil, "^[A-Z]{3}$")
            case .country: (nil, "^[A-Z]{2}$")
            case .email: ("email", nil)
            case .url: ("uri", nil)
            }
        if let format { members.append(.init("format", .string(format))) }
        if let pattern { members.append(.init("pattern", .string(pattern))) }
        return .object(members)
    }
}
