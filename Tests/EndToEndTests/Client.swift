// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A program that uses the API, as an integrator would write it.
struct Client: Sendable {
    let server: URL
    var key: String?

    /// An answer of the server.
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        /// The body as JSON; null if it is none.
        // pages are no JSON, and a test then reads `text`
        var json: JSON { (try? JSON.parse(body)) ?? .null }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 30
        // Cookies ignore ports: a jar would carry the language one test chose to the servers of the others.
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        return URLSession(configuration: configuration, delegate: StayHere(), delegateQueue: nil)
    }()

    func get(_ path: String, accept: String = "application/json") async throws -> Answer {
        try await send("GET", path, body: nil, headers: ["Accept": accept])
    }

    func post(_ path: String, _ body: JSON = [:], idempotencyKey: String? = nil) async throws -> Answer {
        var headers = ["Content-Type": "application/json", "Accept": "application/json"]
        if let idempotencyKey { headers["Idempotency-Key"] = idempotencyKey }
        return try await send("POST", path, body: body.serialized(), headers: headers)
    }

    /// A form as a browser without JavaScript sends it.
    func submit(_ path: String, _ fields: [String: String] = [:], cookie: String? = nil) async throws
        -> Answer
    {
        let body = fields.map { "\($0.key)=\(Self.escaped($0.value))" }.joined(separator: "&")
        var headers = ["Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"]
        if let cookie { headers["Cookie"] = cookie }
        return try await send("POST", path, body: Array(body.utf8), headers: headers)
    }

    func send(_ method: String, _ path: String, body: [UInt8]?, headers: [String: String]) async throws
        -> Answer
    {
        guard let url = path.hasPrefix("http") ? URL(string: path) : URL(string: server.absoluteString + path)
        else {
            throw Trouble("no address: \(path)")
        }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        let data: Data
        let response: URLResponse
        do {
            (data, response) = try await Self.session.data(for: request)
        } catch {
            throw Trouble("\(method) \(url): \(error)")
        }
        guard let http = response as? HTTPURLResponse else { throw Trouble("no HTTP answer from \(url)") }
        var fields: [String: String] = [:]
        for (name, value) in http.allHeaderFields { fields["\(name)".lowercased()] = "\(value)" }
        return Answer(status: http.statusCode, headers: fields, body: Array(data))
    }

    /// Asks again until the answer fits; the last answer if it never did.
    func poll(
        _ path: String, within limit: Duration = .seconds(30), until fits: (JSON) -> Bool
    ) async throws -> JSON {
        let deadline = ContinuousClock.now + limit
        var last = JSON.null
        while ContinuousClock.now < deadline {
            // While a killed server is down there is no answer; the next look decides.
            if let answer = try? await get(path) {
                last = answer.json
                if answer.status == 200, fits(last) { return last }
            }
            // a poll of another process, bounded by the deadline
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Trouble("\(path) did not become what was wanted; last: \(last.text(pretty: true))")
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// Redirects are answers that tests want to see.
private final class StayHere: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
