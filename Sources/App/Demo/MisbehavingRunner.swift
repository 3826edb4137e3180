// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOWebSocket
import Simulation

/// Carries one misbehaving station over real WebSockets: connects, loses the line, connects again, as its script says.
actor MisbehavingRunner {
    private(set) var station: MisbehavingStation
    private let socket: SimulatedSocket
    private var isOver = false
    private var hasGathered = false

    /// How long a reply may take.
    private static let patience = Duration.seconds(60)

    init(_ station: MisbehavingStation, socket: SimulatedSocket) {
        self.station = station
        self.socket = socket
    }

    /// Plays until the script is over or the station waits for others; the next call goes on from there.
    func play() async {
        hasGathered = false
        while !isOver, !hasGathered {
            switch station.next() {
            case .connect: await converse()
            case .gather: hasGathered = true
            case .cut: continue
            case .send: return fail("a message without a line")
            case .done: isOver = true
            }
        }
    }

    private func converse() async {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await self.socket.run(identity: self.station.identity, version: self.station.version)
                    {
                        inbound, writer in
                        try await self.exchange(inbound, writer)
                    }
                }
                group.addTask {
                    try await Task.sleep(for: Self.patience)
                    throw NoReply()
                }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            fail("\(error)")
        }
    }

    private struct NoReply: Error {}

    private func fail(_ why: String) {
        station.complain(why)
        isOver = true
    }

    /// Sends what the script says until the line is cut; returning closes the socket without a word.
    private func exchange(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ writer: FrameWriter
    ) async throws {
        var frames = inbound.makeAsyncIterator()
        while true {
            switch station.next() {
            case .cut: return
            case .done:
                isOver = true
                return
            case .gather, .connect: return fail("a script that connects twice")
            case .send(let text):
                try await writer.write([text])
                var isAnswered = false
                while !isAnswered {
                    guard let frame = try await frames.next() else { throw NoReply() }
                    isAnswered = try await hear(frame, writer)
                }
            }
        }
    }

    private func hear(_ frame: WebSocketFrame, _ writer: FrameWriter) async throws -> Bool {
        switch frame.opcode {
        case .text:
            let (reply, isAnswer) = station.received(String(buffer: frame.unmaskedData))
            if let reply { try await writer.write([reply]) }
            return isAnswer
        case .ping:
            try await writer.pong(frame.unmaskedData)
            return false
        case .connectionClose: throw NoReply()
        default: return false
        }
    }
}
