// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import NIOCore
import NIOWebSocket
import Quantities
import Simulation

/// Keeps one simulated station connected over a real WebSocket: frames in, frames out, and the passing of time.
actor StationRunner {
    private var station: SimulatedStation
    private let socket: SimulatedSocket
    private let clock: WallClock
    private let log: Logger
    private var writer: FrameWriter?

    init(_ plan: SimulatedStation.Plan, socket: SimulatedSocket, clock: WallClock, log: Logger) {
        station = SimulatedStation(plan)
        self.socket = socket
        self.clock = clock
        self.log = log
    }

    /// Whether a car is plugged in.
    var isBusy: Bool { station.isBusy }
    /// Whether the socket is open.
    var isConnected: Bool { writer != nil }
    /// The meter.
    var register: Energy { station.register }

    /// Connects, and connects again when the connection is lost, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await socket.run(identity: station.plan.identity, version: station.plan.version) {
                    inbound, writer in
                    try await self.serve(inbound, writer)
                }
            } catch {
                log.debug("simulated station lost its connection", metadata: ["error": "\(error)"])
            }
            writer = nil
            // A cancelled sleep ends the loop at its next turn.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// A driver taps a card.
    func tap(_ token: String) async throws {
        try await writer?.write(station.tap(token, at: clock.now))
    }

    /// The driver pulls the plug.
    func unplug() async throws {
        try await writer?.write(station.unplug(at: clock.now))
    }

    private func serve(_ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ writer: FrameWriter)
        async throws
    {
        self.writer = writer
        try await writer.write(station.connected(at: clock.now))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.listen(inbound, writer) }
            group.addTask { try await self.passTime(writer) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func listen(_ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ writer: FrameWriter)
        async throws
    {
        for try await frame in inbound {
            switch frame.opcode {
            case .text:
                try await writer.write(station.receive(String(buffer: frame.unmaskedData), at: clock.now))
            case .ping: try await writer.pong(frame.unmaskedData)
            case .connectionClose: return
            default: continue
            }
        }
    }

    private func passTime(_ writer: FrameWriter) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(500))
            try await writer.write(station.tick(at: clock.now))
        }
    }
}
