// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A small client for the Amptill API: one credential, which is an API key, a guest token or a driver token.
struct Amptill: Sendable {
    let server: URL
    var credential: String?

    /// A refusal (RFC 9457): `code` is for programs, `detail` for people.
    struct Problem: Error, Decodable {
        let code: String
        let detail: String
    }

    func get<Answer: Decodable>(_ path: String, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await send("GET", path, body: nil, key: nil)
    }

    /// `key` is the Idempotency-Key: send the same one when you send the same wish again.
    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable & Sendable, key: String = UUID().uuidString
    ) async throws -> Answer {
        try await send("POST", path, body: JSONEncoder.api.encode(body), key: key)
    }

    /// Long poll: comes back as soon as the answer fits.
    func wait<Answer: Decodable>(
        _ path: String, seconds: Int = 60, until fits: (Answer) -> Bool
    ) async throws -> Answer {
        var answer: Answer = try await get(path)
        for _ in 0..<max(1, seconds / 5) where !fits(answer) { answer = try await get(path + "?wait=5") }
        guard fits(answer) else { throw Problem(code: "timeout", detail: path) }
        return answer
    }

    private func send<Answer: Decodable>(
        _ method: String, _ path: String, body: Data?, key: String?
    ) async throws -> Answer {
        guard let url = URL(string: path, relativeTo: server) else { throw URLError(.badURL) }
        var request = URLRequest(url: url, timeoutInterval: 60)
        request.httpMethod = method
        request.httpBody = body
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let credential { request.setValue("Bearer " + credential, forHTTPHeaderField: "Authorization") }
        if let key { request.setValue(key, forHTTPHeaderField: "Idempotency-Key") }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let http = response as? HTTPURLResponse, http.statusCode < 300 else {
            throw try JSONDecoder.api.decode(Problem.self, from: data)
        }
        return try JSONDecoder.api.decode(Answer.self, from: data)
    }
}

/// An amount of money: minor units, never a floating-point number.
struct Money: Codable, Sendable, CustomStringConvertible {
    var amount: Int64
    var currency: String
    var description: String { "\(amount) \(currency)" }
}

/// Checks that an event comes from us.
enum Webhook {
    /// `header` is `Amptill-Signature`: `t=<seconds>,v1=<hex>[,v1=<hex>]`; `body` is what came, byte for byte.
    static func isGenuine(_ body: Data, header: String, secret: String, now: Int64, tolerance: Int64 = 300)
        -> Bool
    {
        let parts = header.split(separator: ",").map {
            $0.split(separator: "=", maxSplits: 1).map(String.init)
        }
        guard let time = parts.first(where: { $0.first == "t" })?.last, let seconds = Int64(time),
            abs(now - seconds) <= tolerance
        else { return false }
        let signed = Data((time + ".").utf8) + body
        let key = SymmetricKey(data: Data(secret.utf8))
        return parts.contains { part in
            guard part.first == "v1", let code = part.last.flatMap({ bytes(ofHex: $0) }) else { return false }
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: key)
        }
    }

    private static func bytes(ofHex text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

extension JSONEncoder {
    /// The names of the API.
    static var api: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }
}

extension JSONDecoder {
    /// The names of the API.
    static var api: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}
