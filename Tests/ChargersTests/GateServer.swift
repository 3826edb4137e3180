// SPDX-License-Identifier: Apache-2.0
import Chargers
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// A gate on a free port, whose other half answers every request with its path.
struct GateServer {
    let port: Int
    let server: Server<Gate>

    /// Runs `body` against the gate, and takes it down afterwards.
    static func run(
        decide: @escaping @Sendable (UpgradeRequest) async -> Gate.Decision,
        serve: @escaping @Sendable (StationSocket) async -> Void = GateServer.echo,
        times: Gate.Times = Gate.Times(), messageBytes: Int = 4 << 20,
        _ body: @Sendable (GateServer) async throws -> Void
    ) async throws {
        let gate = Gate(
            responder: { request, writer, _ in
                let body = ByteBuffer(string: "served \(request.uri.path)")
                let fields: HTTPFields = [.contentLength: String(body.readableBytes)]
                var out = try await writer.writeHead(HTTPResponse(status: .ok, headerFields: fields))
                try await out.write(body)
                try await out.finish(nil)
            },
            decide: decide, serve: serve, times: times, messageBytes: messageBytes)
        let (ports, running) = AsyncStream<Int>.makeStream()
        let server = Server(
            childChannelSetup: gate, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                running.yield(channel.localAddress?.port ?? 0)
                running.finish()
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var port = 0
            for await found in ports { port = found }
            do {
                try await body(GateServer(port: port, server: server))
            } catch {
                group.cancelAll()
                throw error
            }
            try await server.shutdownGracefully()
            try await group.waitForAll()
        }
    }

    /// A logger that says nothing.
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Sends every message back.
    static let echo: @Sendable (StationSocket) async -> Void = { socket in
        await socket.serve { socket.write($0) }
    }

    /// A handshake for a path, with more header lines.
    static func handshake(_ path: String, _ more: String = "") -> String {
        """
        GET \(path) HTTP/1.1\r
        Host: localhost\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \(more)\r

        """
    }
}
