// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Billing
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Payments
import Simulation

/// Carries requests to gateways: the Sandbox on our own server is asked in process, everything else over HTTPS.
///
/// What matters is to keep two troubles apart: nothing left (DNS, connect, TLS), or it left and nobody knows (payments.md
/// §5.3, F17). Whatever is not certainly the first is the second.
struct GatewayLine: GatewaySender {
    private let sandbox: SandboxHost
    private let sandboxPrefix: String
    private let client: HTTPClient
    /// Longer answers are not read: a doubt.
    private static let answerLimit = 8 << 20

    init(sandbox: SandboxHost, publicURL: String, client: HTTPClient) {
        self.sandbox = sandbox
        sandboxPrefix = publicURL + "/sandbox/v1/"
        self.client = client
    }

    /// A client that connects within 3 s, follows nobody elsewhere and never repeats a request by itself.
    static func client() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(3)
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    /// Ends its connections.
    func close() async {
        // The process ends: whatever a connection still had to say is found out by a look-up.
        try? await client.shutdown()
    }

    func crashPoint(_ moment: String) async { sandbox.crashPoint(moment) }

    func send(_ request: GatewayRequest) async -> SentAnswer {
        if request.url.hasPrefix(sandboxPrefix) { return await sandbox.office.send(request) }
        var wish = HTTPClientRequest(url: request.url)
        wish.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) {
            wish.headers.add(name: name, value: value)
        }
        wish.headers.replaceOrAdd(name: "User-Agent", value: "Amptill")
        if !request.body.isEmpty { wish.body = .bytes(ByteBuffer(bytes: request.body)) }
        let outgoing = wish
        let limit = Duration.seconds(request.timeoutSeconds)
        return await withTaskGroup(of: SentAnswer.self) { group in
            group.addTask { await exchange(outgoing, within: request.timeoutSeconds) }
            group.addTask {
                // Cancelled as soon as the answer is there.
                try? await Task.sleep(for: limit)
                return .lost
            }
            let first = await group.next() ?? .lost
            group.cancelAll()
            return first
        }
    }

    private func exchange(_ request: HTTPClientRequest, within seconds: Int64) async -> SentAnswer {
        do {
            let response = try await client.execute(request, timeout: .seconds(seconds))
            let body = try await response.body.collect(upTo: Self.answerLimit)
            return .answered(GatewayAnswer(status: Int(response.status.code), body: Array(buffer: body)))
        } catch {
            return Self.leftNothing(error) ? .notSent : .lost
        }
    }

    /// Whether this error came before the first byte of the request.
    private static func leftNothing(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: neverConnected.contains { $0 == error }
        case is NIOConnectionError, is NIOSSLExtraError: true
        // What an address without a name answers to a connection; an open one never fails so.
        case let error as IOError:
            [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN].contains(error.errnoCode)
        case NIOSSLError.handshakeFailed: true
        default: false
        }
    }

    private static let neverConnected: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .invalidURL, .emptyHost,
        .emptyScheme, .missingSocketPath, .alreadyShutdown,
    ]
}
