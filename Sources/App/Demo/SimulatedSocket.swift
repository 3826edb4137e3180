// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Quantities
import Simulation

/// Carries a simulated station's frames over a real WebSocket, so that the demonstration goes through the same door as
/// any charger.
struct SimulatedSocket: Sendable {
    let host: String
    let port: Int
    let password: String?

    /// The server did not let the station in.
    struct Refused: Error {}

    /// Runs one connection until it closes; `exchange` is given each frame and a writer.
    func run(
        identity: String, version: String,
        _ exchange:
            @Sendable @escaping (NIOAsyncChannelInboundStream<WebSocketFrame>, FrameWriter) async throws ->
            Void
    ) async throws {
        let upgrade = try await connect(identity: identity, version: version)
        guard case .open(let channel) = try await upgrade.get() else { throw Refused() }
        try await channel.executeThenClose { inbound, outbound in
            try await exchange(inbound, FrameWriter(outbound: outbound))
        }
    }

    private enum Upgrade: Sendable {
        case open(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>)
        case refused
    }

    private func connect(identity: String, version: String) async throws -> EventLoopFuture<Upgrade> {
        let head = request(identity: identity, version: version)
        return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(maxFrameSize: 1 << 20) {
                        channel, _ in
                        channel.eventLoop.makeCompletedFuture {
                            .open(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                        }
                    }
                    let configuration = NIOTypedHTTPClientUpgradeConfiguration(
                        upgradeRequestHead: head, upgraders: [upgrader],
                        notUpgradingCompletionHandler: { channel in
                            channel.close(promise: nil)
                            return channel.eventLoop.makeSucceededFuture(.refused)
                        })
                    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: .init(upgradeConfiguration: configuration))
                }
            }
    }

    private func request(identity: String, version: String) -> HTTPRequestHead {
        var headers = HTTPHeaders([
            ("host", "\(host):\(port)"), ("sec-websocket-protocol", "ocpp\(version)"),
            ("content-length", "0"),
        ])
        if let password {
            let pair = Data("\(identity):\(password)".utf8).base64EncodedString()
            headers.add(name: "authorization", value: "Basic \(pair)")
        }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ocpp/\(identity)", headers: headers)
    }
}

/// Writes text frames of a client: masked, as RFC 6455 §5.3 demands.
struct FrameWriter: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

    func write(_ texts: [String]) async throws {
        for text in texts {
            let frame = WebSocketFrame(
                fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: text))
            try await outbound.write(frame)
        }
    }

    func pong(_ data: ByteBuffer) async throws {
        try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: data))
    }
}
