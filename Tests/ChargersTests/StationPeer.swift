// SPDX-License-Identifier: Apache-2.0
import Chargers
import JSONText
import NIOCore
import Quantities
import Synchronization
import Testing

/// A door in front of a notebook, on a free port.
struct DoorServer {
    let port: Int
    let door: NotebookDoor
    let registry: ConnectionRegistry
    let courier: ChargerCourier

    static func run(
        _ door: NotebookDoor = NotebookDoor(), versions: Set<String> = ["1.6", "2.0.1", "2.1"],
        _ body: @Sendable (DoorServer) async throws -> Void
    ) async throws {
        let registry = ConnectionRegistry()
        let count = Mutex(0)
        let endpoint = ChargerEndpoint(
            door: door, registry: registry,
            newConnection: {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return ConnectionID(at: door.now, random: UInt128(number))
            },
            versions: versions, log: GateServer.quiet)
        let times = Gate.Times(closing: .milliseconds(100))
        try await GateServer.run(
            decide: { await endpoint.decide($0) }, serve: { await endpoint.serve($0) }, times: times
        ) { server in
            let courier = ChargerCourier(door: door, registry: registry, log: GateServer.quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await courier.run() }
                defer { group.cancelAll() }
                try await body(
                    DoorServer(port: server.port, door: door, registry: registry, courier: courier))
            }
        }
    }

    /// The head of the answer to a handshake, and the client to go on with.
    func knock(_ path: String, _ more: String = "") async throws -> (head: String, client: RawClient) {
        let client = try await RawClient.connect(to: port)
        try await client.send(GateServer.handshake(path, more))
        return (try #require(await client.readThrough("\r\n\r\n")), client)
    }

    /// A connected station.
    func station(_ identity: String = "CP1", version: String = "1.6") async throws -> StationPeer {
        let (head, client) = try await knock(
            "/ocpp/\(identity)", "Sec-WebSocket-Protocol: ocpp\(version)\r\n")
        try #require(head.hasPrefix("HTTP/1.1 101"), "\(head)")
        return StationPeer(client: client)
    }
}

/// A station that says exactly what a test wants.
struct StationPeer {
    let client: RawClient

    func say(_ text: String) async throws { try await client.send(clientFrame(text)) }

    /// The next text message of the server; nil if it closed.
    func hear() async -> String? {
        while let frame = await client.readFrame() {
            if frame.opcode == 1 { return frame.text }
            if frame.opcode == 8 { return nil }
        }
        return nil
    }

    /// Calls, and waits for the answer.
    func call(_ action: String, _ payload: String, id: String = "1") async throws -> String? {
        try await say("[2,\"\(id)\",\"\(action)\",\(payload)]")
        return await hear()
    }
}
