// SPDX-License-Identifier: Apache-2.0
import Chargers
import HummingbirdCore
import NIOCore
import OCPP
import Quantities
import Testing

@Suite("The gate", .timeLimit(.minutes(1)))
struct GateTests {
    private static func guest(compresses: Bool = false) throws -> Guest {
        Guest(
            station: try #require(StationID("sta_1")), identity: "CP1", version: .v16, compresses: compresses,
            pulse: Pulse { Instant(seconds: 0) })
    }

    static func accepting(compresses: Bool = false) throws
        -> @Sendable (UpgradeRequest) async -> Gate.Decision
    {
        let guest = try guest(compresses: compresses)
        return { _ in .accept(guest) }
    }

    private static let elsewhere: @Sendable (UpgradeRequest) async -> Gate.Decision = { _ in .http }

    /// Opens a WebSocket; the head of the answer is taken.
    static func open(_ server: GateServer, _ more: String = "") async throws -> RawClient {
        let client = try await RawClient.connect(to: server.port)
        try await client.send(GateServer.handshake("/ocpp/CP1", more))
        let head = try #require(await client.readThrough("\r\n\r\n"))
        try #require(head.hasPrefix("HTTP/1.1 101"))
        return client
    }

    @Test("plain requests are served, one after another on one connection")
    func plain() async throws {
        try await GateServer.run(decide: Self.elsewhere) { server in
            let client = try await RawClient.connect(to: server.port)

            try await client.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await client.readThrough("served /one")?.hasPrefix("HTTP/1.1 200") == true)
            try await client.send("GET /two HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await client.readThrough("served /two")?.hasPrefix("\r\nHTTP/1.1 200") != nil)
            await client.close()
        }
    }

    @Test("a request with another upgrade is served, and then closed")
    func otherUpgrade() async throws {
        try await GateServer.run(decide: Self.elsewhere) { server in
            let client = try await RawClient.connect(to: server.port)

            try await client.send(
                "GET /page HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n"
            )

            let answer = String(decoding: await client.readToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.lowercased().contains("connection: close"))
            #expect(answer.hasSuffix("served /page"))
        }
    }

    @Test("a WebSocket for another path is answered by whoever serves pages")
    func otherPath() async throws {
        try await GateServer.run(decide: Self.elsewhere) { server in
            let client = try await RawClient.connect(to: server.port)

            try await client.send(GateServer.handshake("/chat"))

            #expect(String(decoding: await client.readToEnd(), as: UTF8.self).hasSuffix("served /chat"))
        }
    }

    @Test("a connection that has served HTTP is not upgraded, but answered")
    func secondRequest() async throws {
        try await GateServer.run(decide: try Self.accepting()) { server in
            let client = try await RawClient.connect(to: server.port)
            try await client.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await client.readThrough("served /one")

            try await client.send(GateServer.handshake("/ocpp/CP1"))

            #expect(String(decoding: await client.readToEnd(), as: UTF8.self).hasSuffix("served /ocpp/CP1"))
        }
    }

    @Test("C2: a refusal is answered with its status and its fields, and closed", arguments: [401, 404, 429])
    func refused(status: Int) async throws {
        try await GateServer.run(decide: { _ in
            .refuse(Gate.Refusal(status, "No", fields: [("WWW-Authenticate", "Basic realm=\"ocpp\"")]))
        }) { server in
            let client = try await RawClient.connect(to: server.port)

            try await client.send(GateServer.handshake("/ocpp/CP1"))

            let answer = String(decoding: await client.readToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
            #expect(answer.contains("WWW-Authenticate: Basic realm=\"ocpp\""))
            #expect(answer.contains("Connection: close") && answer.hasSuffix("No\n"))
        }
    }

    @Test("a decision that takes too long is a 503 with Retry-After, not a hang")
    func slowDecision() async throws {
        let times = Gate.Times(decision: .seconds(1))
        let (stream, hold) = AsyncStream<Void>.makeStream()
        try await GateServer.run(
            decide: { _ in
                for await _ in stream {}
                return .http
            }, times: times
        ) { server in
            let client = try await RawClient.connect(to: server.port)
            try await client.send(GateServer.handshake("/ocpp/CP1"))

            let answer = String(decoding: await client.readToEnd(), as: UTF8.self)

            #expect(answer.hasPrefix("HTTP/1.1 503") && answer.contains("Retry-After: 10"))
            hold.finish()
        }
    }

    @Test("a connection that never speaks is closed at the deadline")
    func silentConnection() async throws {
        try await GateServer.run(decide: Self.elsewhere, times: Gate.Times(request: .milliseconds(50))) {
            let client = try await RawClient.connect(to: $0.port)

            #expect(await client.readToEnd() == [])
        }
    }

    @Test("a client that half-closes before its first request is closed")
    func halfClosedEarly() async throws {
        try await GateServer.run(decide: Self.elsewhere) { server in
            let client = try await RawClient.connect(to: server.port)
            try await client.send("GET / HT")

            try await client.halfClose()

            _ = await client.readToEnd()
        }
    }

    @Test("a request that is no HTTP is answered with 400")
    func garbage() async throws {
        try await GateServer.run(decide: Self.elsewhere) { server in
            let client = try await RawClient.connect(to: server.port)

            try await client.send("hello\r\n\r\n")

            #expect(String(decoding: await client.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test("the handshake answers the key and names our subprotocol; bytes sent along with it are not lost")
    func handshake() async throws {
        try await GateServer.run(decide: try Self.accepting()) { server in
            let client = try await RawClient.connect(to: server.port)

            let early = clientFrame("early")
            try await client.send(
                Array(GateServer.handshake("/ocpp/CP1", "Sec-WebSocket-Protocol: ocpp1.6\r\n").utf8) + early)

            let head = try #require(await client.readThrough("\r\n\r\n"))
            // The key and its answer of RFC 6455 §1.3.
            #expect(head.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
            #expect(head.contains("Sec-WebSocket-Protocol: ocpp1.6"))
            #expect(await client.readFrame()?.text == "early")
            await client.close()
        }
    }

    @Test("fragments are joined, control frames between them are answered, close is echoed")
    func fragments() async throws {
        try await GateServer.run(decide: try Self.accepting()) { server in
            let client = try await Self.open(server)

            try await client.send(clientFrame(Array("he".utf8), first: 0x01))
            try await client.send(clientFrame(Array("!".utf8), first: 0x89))
            try await client.send(clientFrame(Array("ll".utf8), first: 0x00))
            try await client.send(clientFrame(Array("o".utf8), first: 0x80))

            #expect(await client.readFrame() == ServerFrame(first: 0x8A, payload: Array("!".utf8)))
            #expect(await client.readFrame() == ServerFrame(first: 0x81, payload: Array("hello".utf8)))
            try await client.send(clientFrame([0x03, 0xE8], first: 0x88))
            #expect(await client.readFrame()?.closeCode == 1000)
            #expect(await client.readToEnd() == [])
        }
    }

    @Test(
        "a broken WebSocket is closed with its code",
        arguments: [
            (clientFrame([0x61], masked: false), 1002), (clientFrame([0x61], first: 0x80), 1002),
            (clientFrame([0x61], first: 0xC1), 1002), (clientFrame([0x61], first: 0x83), 1002),
            (clientFrame([0x61], first: 0x01) + clientFrame([0x61], first: 0x81), 1002),
            ([0x81, 0xFF, 0, 0, 0, 0, 0x7F, 0, 0, 0] as [UInt8], 1009),
        ])
    func broken(bytes: [UInt8], code: Int) async throws {
        try await GateServer.run(decide: try Self.accepting()) { server in
            let client = try await Self.open(server)

            try await client.send(bytes)

            #expect(await client.readFrame()?.closeCode == code)
            await client.close()
        }
    }

    @Test("C14: a message up to the limit passes, a longer one in fragments is closed with 1009")
    func size() async throws {
        try await GateServer.run(decide: try Self.accepting(), messageBytes: 100_000) { server in
            let client = try await Self.open(server)

            let long = [UInt8](repeating: 0x61, count: 100_000)
            try await client.send(clientFrame(long))
            #expect(await client.readFrame()?.payload == long)

            try await client.send(clientFrame(long, first: 0x01))
            try await client.send(clientFrame([0x61], first: 0x80))
            #expect(await client.readFrame()?.closeCode == 1009)
            await client.close()
        }
    }

    @Test("C6: we ping, and silence means offline")
    func silence() async throws {
        let times = Gate.Times(ping: .milliseconds(100), silence: .seconds(2))
        try await GateServer.run(decide: try Self.accepting(), times: times) { server in
            let client = try await Self.open(server)

            #expect(await client.readFrame()?.opcode == 9)
            let rest = await client.readToEnd()
            #expect(rest.count >= 2 && rest.allSatisfy { $0 == 0x89 || $0 == 0 })
        }
    }

    @Test("who answers pings outlives who does not")
    func signOfLife() async throws {
        let times = Gate.Times(ping: .milliseconds(400), silence: .seconds(6))
        try await GateServer.run(decide: try Self.accepting(), times: times) { server in
            let silent = try await Self.open(server)
            let alive = try await Self.open(server)
            async let end = silent.readToEnd()

            // Sixteen answered pings take longer than silence may last.
            for _ in 0..<16 {
                #expect(await alive.readFrame()?.opcode == 9)
                try await alive.send(clientFrame([], first: 0x8A))
            }

            #expect(await end.count > 2)
            await alive.close()
        }
    }

    @Test("a half-closed socket is closed")
    func halfClosed() async throws {
        try await GateServer.run(decide: try Self.accepting()) { server in
            let client = try await Self.open(server)

            try await client.halfClose()

            #expect(await client.readToEnd() == [])
        }
    }

    @Test("shutdown does not wait for stations or for silent connections")
    func shutdown() async throws {
        let times = Gate.Times(closing: .milliseconds(50))
        try await GateServer.run(decide: try Self.accepting(), times: times) { server in
            let client = try await Self.open(server)
            let silent = try await RawClient.connect(to: server.port)
            let idle = try await RawClient.connect(to: server.port)
            try await idle.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await idle.readThrough("served /one")

            try await server.server.shutdownGracefully()

            #expect(await client.readFrame()?.closeCode == 1001)
            #expect(await silent.readToEnd() == [])
            #expect(await idle.readToEnd() == [])
        }
    }

    @Test("C13: compressed messages are inflated, fragmented too, and long answers are compressed")
    func deflate() async throws {
        try await GateServer.run(decide: try Self.accepting(compresses: true)) { server in
            let client = try await RawClient.connect(to: server.port)
            try await client.send(
                GateServer.handshake(
                    "/ocpp/CP1", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"))
            let head = try #require(await client.readThrough("\r\n\r\n"))
            #expect(
                head.contains("permessage-deflate; server_no_context_takeover; client_no_context_takeover"))

            // "Hello" compressed, RFC 7692 §7.2.3.1.
            let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
            try await client.send(clientFrame(hello, first: 0xC1))
            #expect(await client.readFrame()?.text == "Hello")
            try await client.send(clientFrame(Array(hello[..<3]), first: 0x41))
            try await client.send(clientFrame(Array(hello[3...]), first: 0x80))
            #expect(await client.readFrame()?.text == "Hello")

            let long = Array(String(repeating: "sampledValue ", count: 100).utf8)
            try await client.send(clientFrame(long))
            let answer = try #require(await client.readFrame())
            #expect(answer.isCompressed && answer.payload.count < 100)
            // What we compressed we can read: sent back, it comes again as the same bytes.
            try await client.send(clientFrame(answer.payload, first: 0xC1))
            #expect(await client.readFrame() == answer)
            await client.close()
        }
    }

    @Test("C13: a message that would inflate beyond the limit is stopped there")
    func bomb() async throws {
        let decide = try Self.accepting(compresses: true)
        try await GateServer.run(decide: decide, messageBytes: 100_000) { server in
            let client = try await Self.open(server)
            // A long message of ours comes back compressed: 100,000 times one letter make some hundred bytes.
            try await client.send(clientFrame([UInt8](repeating: 0x61, count: 100_000)))
            let compressed = try #require(await client.readFrame())
            try #require(compressed.isCompressed && compressed.payload.count < 1000)

            // Twice that content in one message: its last block is not final, so blocks can be strung together.
            let twice = compressed.payload + [0x00, 0x00, 0xFF, 0xFF] + compressed.payload
            try await client.send(clientFrame(twice, first: 0xC1))

            #expect(await client.readFrame()?.closeCode == 1009)
            await client.close()
        }
    }

    @Test("what cannot be inflated closes the socket")
    func brokenDeflate() async throws {
        try await GateServer.run(decide: try Self.accepting(compresses: true)) { server in
            let client = try await Self.open(server)

            try await client.send(clientFrame([0xFF, 0xFF, 0xFF, 0xFF], first: 0xC1))

            #expect(await client.readFrame()?.closeCode == 1002)
            await client.close()
        }
    }
}
