// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Billing
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Carries events to subscribers over HTTP.
///
/// A name is looked up here and the request goes to the address that was looked at, so that a name cannot point
/// somewhere else a moment later. No redirect is followed, for the same reason.
struct WebhookPost: WebhookSender {
    let allowsPrivate: Bool

    /// Any 2xx within this time counts (api.md §3.11).
    private static let patience = TimeAmount.seconds(10)

    func post(_ request: WebhookRequest) async -> WebhookAnswer {
        guard let host = WebhookURL(request.url)?.host else { return WebhookAnswer(error: "no address") }
        do {
            let address = try await address(of: host)
            guard allowsPrivate || !PrivateAddress.isPrivate(address) else {
                return WebhookAnswer(error: "\(host) is a private address")
            }
            return try await send(request, to: host, at: address)
        } catch {
            return WebhookAnswer(error: Self.words(for: error))
        }
    }

    private func send(_ request: WebhookRequest, to host: String, at address: String) async throws
        -> WebhookAnswer
    {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(5), read: Self.patience)
        configuration.httpVersion = .http1Only
        configuration.dnsOverride = [host: address]
        let client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
            configuration: configuration)
        let outcome: Result<WebhookAnswer, any Error>
        do {
            var outgoing = HTTPClientRequest(url: request.url)
            outgoing.method = .POST
            for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
            outgoing.body = .bytes(ByteBuffer(bytes: request.body))
            let response = try await client.execute(outgoing, timeout: Self.patience)
            outcome = .success(WebhookAnswer(status: Int64(response.status.code)))
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        return try outcome.get()
    }

    /// The first address of a name. The system's resolver blocks, so it is asked on a thread that may.
    private func address(of host: String) async throws -> String {
        if PrivateAddress.isAddress(host) { return host }
        return try await NIOThreadPool.singleton.runIfActive {
            let found = try SocketAddress.makeAddressResolvingHost(host, port: 443)
            guard let address = found.ipAddress else {
                throw NoAddress(host: host)
            }
            return address
        }
    }

    /// What an operator reads about it; nothing of the request.
    private static func words(for error: any Error) -> String {
        if let error = error as? HTTPClientError { return error.shortDescription }
        return String("\(error)".prefix(200))
    }
}

/// A name behind which there is no address of the network.
private struct NoAddress: Error {
    let host: String
}
