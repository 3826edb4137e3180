// SPDX-License-Identifier: Apache-2.0
import Billing
import Chargers
import Charging
import OCPP
import Quantities
import Testing

@Suite("The charger endpoint", .timeLimit(.minutes(1)))
struct ChargerEndpointTests {
    private static let basic = "Authorization: Basic Q1AyOnNlY3JldA==\r\n"  // CP2:secret

    @Test("C1: the newest common version is chosen, and only if the station may use it")
    func versions() async throws {
        try await DoorServer.run(versions: ["1.6", "2.0.1"]) { server in
            let (head, client) = try await server.knock(
                "/ocpp/CP1", "Sec-WebSocket-Protocol: ocpp1.6, ocpp2.1, ocpp2.0.1\r\n")

            #expect(head.contains("Sec-WebSocket-Protocol: ocpp2.0.1\r\n"))
            await client.close()
        }
    }

    @Test("C1: without a common version the handshake has no header, and the socket is closed with 1002")
    func noCommonVersion() async throws {
        try await DoorServer.run { server in
            let (head, client) = try await server.knock("/ocpp/CP1", "Sec-WebSocket-Protocol: ocpp1.5\r\n")

            #expect(head.hasPrefix("HTTP/1.1 101") && !head.contains("Sec-WebSocket-Protocol"))
            #expect(await client.readFrame()?.closeCode == 1002)
            #expect(server.registry.count == 0)
        }
    }

    @Test("C2: who may not come in gets the status that says why")
    func refused() async throws {
        try await DoorServer.run(NotebookDoor(passwords: ["CP2": "secret"])) { server in
            let (unknown, _) = try await server.knock("/ocpp/NOBODY")
            let (wrong, _) = try await server.knock("/ocpp/CP2")
            let (guesser, _) = try await server.knock("/ocpp/GUESSER")
            let (right, client) = try await server.knock(
                "/ocpp/CP2", Self.basic + "Sec-WebSocket-Protocol: ocpp1.6\r\n")

            #expect(unknown.hasPrefix("HTTP/1.1 404"))
            #expect(wrong.hasPrefix("HTTP/1.1 401") && wrong.contains("WWW-Authenticate: Basic"))
            #expect(guesser.hasPrefix("HTTP/1.1 429") && guesser.contains("Retry-After: 300"))
            #expect(right.hasPrefix("HTTP/1.1 101"))
            await client.close()
        }
    }

    @Test("if nobody can be asked, the station is told to come again")
    func broken() async throws {
        try await DoorServer.run(NotebookDoor(isBroken: true)) { server in
            let (head, _) = try await server.knock("/ocpp/CP1")

            #expect(head.hasPrefix("HTTP/1.1 503") && head.contains("Retry-After: 10"))
        }
    }

    @Test(
        "C4: the identity is decoded once, and refused if it is none",
        arguments: [
            ("CP1", "CP1"), ("a%20b", "a b"), ("%25%32%30", "%20"), ("T%C3%BCr", "Tür"), ("", nil),
            ("a/b", nil),
            ("a%2Fb", nil), ("a%3Ab", nil), ("%zz", nil), ("%4", nil), ("%FF", nil), ("a%00", nil),
            (String(repeating: "x", count: 48), String(repeating: "x", count: 48)),
            (String(repeating: "x", count: 49), nil),
        ] as [(String, String?)])
    func identity(segment: String, identity: String?) {
        #expect(StationIdentity.decoded(segment[...]) == identity)
    }

    @Test("the knock carries what the decision needs")
    func knock() async throws {
        try await DoorServer.run { server in
            _ = try await server.knock(
                "/ocpp/NOBODY?x=1", Self.basic + "Sec-WebSocket-Protocol: ocpp1.6, foo\r\n")

            let knock = try #require(server.door.read.knocks.first)
            #expect(knock.identity == "NOBODY" && knock.address == "127.0.0.1" && !knock.isEncrypted)
            #expect(knock.credential == .init(user: "CP2", password: Array("secret".utf8)))
            #expect(knock.offered == ["ocpp1.6", "foo"])
        }
    }

    @Test(
        "a proxy is believed about the line and the client only if it is trusted", arguments: [true, false])
    func proxies(isTrusted: Bool) async throws {
        let door = NotebookDoor()
        let endpoint = ChargerEndpoint(
            door: door, registry: ConnectionRegistry(),
            newConnection: { ConnectionID(at: door.now, random: 1) },
            trustedProxies: isTrusted ? ["127.0.0.1"] : [], log: GateServer.quiet)
        try await GateServer.run(decide: { await endpoint.decide($0) }, serve: { await endpoint.serve($0) }) {
            server in
            let client = try await RawClient.connect(to: server.port)
            let said = "X-Forwarded-For: 203.0.113.9, 192.0.2.4\r\nX-Forwarded-Proto: https\r\n"
            try await client.send(
                GateServer.handshake("/ocpp/CP1", said + "Sec-WebSocket-Protocol: ocpp1.6\r\n"))
            _ = await client.readThrough("\r\n\r\n")
            let knock = try #require(door.read.knocks.last)
            #expect(knock.isEncrypted == isTrusted)
            #expect(knock.address == (isTrusted ? "192.0.2.4" : "127.0.0.1"))
            await client.close()
        }
    }

    @Test("a storm of handshakes is told when to come again")
    func storm() async throws {
        let door = NotebookDoor()
        let endpoint = ChargerEndpoint(
            door: door, registry: ConnectionRegistry(),
            newConnection: { ConnectionID(at: door.now, random: 1) },
            pace: HandshakePace(perSecond: 1, patience: .zero), log: GateServer.quiet)
        try await GateServer.run(decide: { await endpoint.decide($0) }, serve: { await endpoint.serve($0) }) {
            server in
            var heads: [String] = []
            for _ in 0..<4 {
                let client = try await RawClient.connect(to: server.port)
                try await client.send(
                    GateServer.handshake("/ocpp/CP1", "Sec-WebSocket-Protocol: ocpp1.6\r\n"))
                heads.append(await client.readThrough("\r\n\r\n") ?? "")
                await client.close()
            }
            #expect(heads.contains { $0.hasPrefix("HTTP/1.1 101") })
            #expect(heads.contains { $0.hasPrefix("HTTP/1.1 503") && $0.contains("Retry-After: 10") })
        }
    }
}
