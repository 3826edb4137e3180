// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Payments
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// localstripe on a free port of the loopback interface, for as long as this value lives.
final class LocalStripe: Sendable {
    /// It ends when this does.
    private let input: Pipe
    let url: String

    /// What is wrong with it.
    struct Trouble: Error { let why: String }

    init() async throws {
        // A Python takes long to begin, and the threads that all tests share are few.
        let (input, line) = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try Self.start() }) }
        }
        self.input = input
        guard let port = try JSON.parse(line)["port"]?.int64 else { throw Trouble(why: "no port") }
        url = "http://127.0.0.1:\(port)"
    }

    /// Starts it: what it listens to, and its first line.
    private static func start() throws -> (input: Pipe, line: [UInt8]) {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Peers/gateways/local_stripe.py")
        let process = Process()
        process.executableURL = URL(filePath: GatewayPeer.python ?? "")
        process.arguments = [script.path()]
        let (input, output) = try GatewayPeer.starting.withLock { _ in
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            return (input, output)
        }
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            guard let more = try output.fileHandleForReading.read(upToCount: 1), !more.isEmpty else {
                throw Trouble(why: "localstripe did not start")
            }
            line += more
        }
        return (input, line)
    }

    deinit {
        // its end is the end of its input; closing an input that is gone already changes nothing
        try? input.fileHandleForWriting.close()
    }

    /// Sends a request as it is.
    func send(_ request: GatewayRequest) async throws -> GatewayAnswer {
        guard let address = URL(string: request.url) else { throw Trouble(why: "no address: \(request.url)") }
        var wish = URLRequest(url: address)
        wish.httpMethod = request.method
        wish.httpBody = request.body.isEmpty ? nil : Data(request.body)
        for (name, value) in request.headers { wish.setValue(value, forHTTPHeaderField: name) }
        let (body, answer) = try await URLSession.shared.data(for: wish)
        guard let answer = answer as? HTTPURLResponse else { throw Trouble(why: "no HTTP") }
        return GatewayAnswer(status: answer.statusCode, body: Array(body))
    }

    /// What localstripe itself says that is so.
    func look(_ path: String) async throws -> JSON {
        let request = GatewayRequest(
            method: "GET", url: url + path, headers: ["Authorization": "Bearer sk_test_looking"], body: [])
        return try JSON.parse(try await send(request).body)
    }
}
