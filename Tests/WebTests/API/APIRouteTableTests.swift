// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPTypes
import JSONText
import Testing
import Web

@Suite("API: the table of routes and its document", .timeLimit(.minutes(2)))
struct APIRouteTableTests {
    static let document = OpenAPI(.all, server: "https://charge.example").document

    @Test("no route is registered twice")
    func unique() {
        let names = RouteTable.all.routes.map { "\($0.method) \($0.path)" }

        #expect(Set(names).count == names.count)
        #expect(names.count > 60)
    }

    @Test("every route is in the document, and every operation of the document is a route")
    func bothWays() {
        let routes = Set(RouteTable.all.routes.map { "\($0.method.rawValue.lowercased()) \($0.path)" })
        let operations = Set(
            (Self.document["paths"]?.object ?? []).flatMap { path in
                (path.value.object ?? []).map { "\($0.key) \(path.key)" }
            })

        #expect(routes == operations)
    }

    @Test(
        "every route answers: nothing in the table is without a handler",
        arguments: RouteTable.all.routes.map(\.path))
    func registered(_ path: String) async throws {
        let server = try await APIServer.shared()
        for route in RouteTable.all.routes where route.path == path {
            let target = path.split(separator: "/").map { $0.hasPrefix("{") ? "nobody" : $0 }.joined(
                separator: "/")
            let client = try await server.tenant().client
            let answer = try await client.send(
                route.method.rawValue, "/" + target, body: route.request == nil ? nil : Array("{}".utf8),
                headers: ["Idempotency-Key": "k", "If-Match": "1"])
            #expect(
                answer.headers["amptill-version"] != nil, "\(route.method) \(path) answered \(answer.status)")
            #expect(
                answer["detail"]?.string != "There is no such page.",
                "\(route.method) \(path) is not registered")
        }
    }

    @Test("the document says of each operation who may call it, what it takes and what it answers")
    func contents() throws {
        for route in RouteTable.all.routes {
            let operation = try #require(
                Self.document["paths"]?[route.path]?[route.method.rawValue.lowercased()])
            #expect(operation["x-scopes"]?.array?.count == route.scopes.count)
            let statuses = Set((operation["responses"]?.object ?? []).map(\.key))
            let wanted = Set(
                route.answers.map { String($0.status) } + route.allProblems.map { String($0.status) })
            #expect(statuses == wanted, "\(route.method) \(route.path)")
            let key = operation["parameters"]?.array?.first { $0["name"] == "Idempotency-Key" }
            #expect((key?["required"] == true) == route.needsIdempotencyKey)
        }
    }

    @Test("references lead somewhere, and operations have names of their own")
    func references() {
        var names: [String] = []
        var broken: [String] = []
        func walk(_ value: JSON) {
            if let name = value["operationId"]?.string { names.append(name) }
            if let reference = value["$ref"]?.string,
                Self.document[at: JSONPointer(text: String(reference.dropFirst()))]?.object == nil
            {
                broken.append(reference)
            }
            for member in value.object ?? [] { walk(member.value) }
            for element in value.array ?? [] { walk(element) }
        }
        walk(Self.document)

        #expect(broken.isEmpty)
        #expect(Set(names).count == names.count)
        #expect(names.count == RouteTable.all.routes.count)
    }

    @Test("a name of a schema means one shape")
    func schemaNames() {
        var shapes: [String: [String]] = [:]
        func note(_ shape: ObjectShape) {
            if let name = shape.name {
                let fields = shape.fields.map { "\($0.name) \($0.isRequired)" }
                #expect(shapes[name] == nil || shapes[name] == fields, "\(name) is two things")
                shapes[name] = fields
            }
            for field in shape.fields { note(field.shape) }
        }
        func note(_ shape: Shape) {
            switch shape {
            case .object(let object): note(object)
            case .list(let inner, _), .map(let inner): note(inner)
            default: return
            }
        }
        for route in RouteTable.all.routes {
            if let request = route.request { note(request) }
            for case .json(let shape) in route.answers.map(\.content) { note(shape) }
        }
        #expect(shapes.count > 40)
    }

    @Test("the server serves the document")
    func served() async throws {
        let server = try await APIServer.shared()

        let answer = try await server.anonymous.get("/openapi.json")

        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer["openapi"] == "3.1.0")
        #expect(answer["servers"]?[0]?["url"]?.string == server.url.absoluteString)
        #expect(answer["paths"] == Self.document["paths"])
    }
}
