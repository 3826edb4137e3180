// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPTypes
import JSONText
import Testing
import Web

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A program that uses the API. Every answer it gets is compared with its documentation: status, shape, problem code.
struct APIClient: Sendable {
    let url: URL
    var key: String?

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        /// The body as JSON; null if it is none.
        var json: JSON { (try? JSON.parse(body)) ?? .null }  // pages are no JSON, and tests read `text` then
        var text: String { String(decoding: body, as: UTF8.self) }
        var code: String? { json["code"]?.string }
        subscript(name: String) -> JSON? { json[name] }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, headers: headers)
    }

    func post(
        _ path: String, _ body: JSON? = nil, key idempotencyKey: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var headers = headers
        if let idempotencyKey { headers["Idempotency-Key"] = idempotencyKey }
        return try await send("POST", path, body: body?.serialized(), headers: headers)
    }

    func patch(_ path: String, _ body: JSON, version: Int64?) async throws -> Answer {
        try await send(
            "PATCH", path, body: body.serialized(), headers: version.map { ["If-Match": "\"\($0)\""] } ?? [:])
    }

    /// Makes something and gives its id.
    func made(_ path: String, _ body: JSON, key idempotencyKey: String? = nil) async throws -> String {
        let answer = try await post(path, body, key: idempotencyKey)
        guard answer.status == 201, let id = answer["id"]?.string else {
            throw Trouble("POST \(path): \(answer.status) \(answer.text)")
        }
        return id
    }

    func send(
        _ method: String, _ path: String, body: [UInt8]? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        let text = path.hasPrefix("http") ? path : url.absoluteString + path
        guard let target = URL(string: text) else { throw Trouble("no address: \(text)") }
        var request = URLRequest(url: target, timeoutInterval: 60)
        request.httpMethod = method
        request.httpBody = body.map { Data($0) }
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await Self.session.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw Trouble("no answer from \(text)") }
        var fields: [String: String] = [:]
        for (name, value) in response.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
        let answer = Answer(status: response.statusCode, headers: fields, body: Array(data))
        if path.hasPrefix("/v1/") { Documentation.check(answer, method: method, path: path) }
        return answer
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        // Cookies ignore ports: a jar would carry what one test chose to the servers of the others.
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        return URLSession(configuration: configuration)
    }()
}

/// Compares what the API does with what the route table says of it.
enum Documentation {
    static func check(_ answer: APIClient.Answer, method: String, path: String) {
        let path = path.split(separator: "?")[0]
        guard let route = route(method, String(path)) else {
            #expect(answer.code == "not_found", "no route is documented for \(method) \(path)")
            return
        }
        let name = "\(method) \(route.path) → \(answer.status)"
        #expect(answer.headers["request-id"]?.hasPrefix("req_") == true, "\(name) has no Request-Id")
        let type = answer.headers["content-type"] ?? ""
        if type.hasPrefix("application/problem+json") {
            let code = answer.code.flatMap(Problem.Code.init(rawValue:))
            #expect(
                code.map { route.allProblems.contains($0) } == true, "\(name): undocumented \(answer.text)")
            #expect(code?.status == answer.status, "\(name): \(answer.text)")
            return
        }
        let documented = route.answers.filter { $0.status == answer.status }
        #expect(!documented.isEmpty, "\(name) is not documented: \(answer.text)")
        guard type.hasPrefix("application/json") else { return }
        let shapes = documented.compactMap { answer -> ObjectShape? in
            if case .json(let shape) = answer.content { shape } else { nil }
        }
        guard let shape = shapes.first else {
            Issue.record("\(name): JSON is not documented")
            return
        }
        do throws(Problem) {
            try shape.check(answer.json, .answer)
            missing(in: answer.json, of: shape, name)
        } catch {
            Issue.record("\(name): \(error.detail) at \(error.place?.text ?? ""): \(answer.text)")
        }
    }

    /// Every field of the shape is written, if only as null.
    private static func missing(in json: JSON, of shape: ObjectShape, _ name: String) {
        for field in shape.fields {
            #expect(json[field.name] != nil, "\(name): the answer does not write \"\(field.name)\"")
            guard case .list(.object(let inner), _) = field.shape, let first = json[field.name]?[0] else {
                continue
            }
            missing(in: first, of: inner, name + " /" + field.name)
        }
    }

    static func route(_ method: String, _ path: String) -> Route? {
        let steps = path.split(separator: "/")
        let fitting = RouteTable.all.routes.filter { route in
            let pattern = route.path.split(separator: "/")
            return route.method.rawValue == method && pattern.count == steps.count
                && zip(pattern, steps).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return fitting.min { $0.path.count(where: { $0 == "{" }) < $1.path.count(where: { $0 == "{" }) }
    }
}
