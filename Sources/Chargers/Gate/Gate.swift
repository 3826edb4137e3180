// SPDX-License-Identifier: Apache-2.0
package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Door and doorkeeper of the one port: pages, API and chargers come in here, and part.
///
/// `App` composes it: `HTTPServerBuilder { Gate(responder: $0, decide: endpoint.decide, serve: endpoint.serve) }`.
package struct Gate: ServerChildChannel, HTTPChannelHandler {
    /// What is served to whoever is no station.
    package let responder: HTTPChannelHandler.Responder
    /// Says what a request for a WebSocket becomes. Ordinary code, with a deadline.
    let decide: @Sendable (UpgradeRequest) async -> Decision
    /// Talks to a station until its socket closes. A child of the server, so that shutdown waits for it.
    let serve: @Sendable (StationSocket) async -> Void
    let times: Times
    /// The longest message that is read at all, inflated, in bytes.
    let messageBytes: Int
    let executors = LoopExecutors()

    package init(
        responder: @escaping HTTPChannelHandler.Responder,
        decide: @escaping @Sendable (UpgradeRequest) async -> Decision,
        serve: @escaping @Sendable (StationSocket) async -> Void,
        times: Times = Times(), messageBytes: Int = 4 << 20
    ) {
        self.responder = responder
        self.decide = decide
        self.serve = serve
        self.times = times
        self.messageBytes = messageBytes
    }

    /// What a request for a WebSocket becomes.
    package enum Decision: Sendable {
        /// Not ours: whoever answers the other requests answers this one.
        case http
        /// Answered with a status, and closed.
        case refuse(Refusal)
        /// A station comes in.
        case accept(Guest)
    }

    /// How a request is refused.
    package struct Refusal: Sendable {
        /// The HTTP status, e.g. 401.
        package var status: Int
        /// Fields of the answer, e.g. WWW-Authenticate.
        package var fields: [(name: String, value: String)]
        /// One line for whoever reads it.
        package var text: String

        package init(_ status: Int, _ text: String, fields: [(name: String, value: String)] = []) {
            self.status = status
            self.text = text
            self.fields = fields
        }
    }

    /// How long things may take.
    package struct Times: Sendable {
        /// From the connection to the first request: 10 s.
        package var request: TimeAmount
        /// From the first request to the decision what the connection becomes: 10 s.
        package var decision: TimeAmount
        /// Between two pings of ours: 45 s (charging.md §1).
        package var ping: TimeAmount
        /// Silence after which a station is offline: 120 s (charging.md §1).
        package var silence: TimeAmount
        /// From our close frame to the end, whatever the station does: 5 s.
        package var closing: TimeAmount
        /// How long an HTTP connection may idle between requests: 60 s.
        package var idle: TimeAmount

        package init(
            request: TimeAmount = .seconds(10), decision: TimeAmount = .seconds(10),
            ping: TimeAmount = .seconds(45), silence: TimeAmount = .seconds(120),
            closing: TimeAmount = .seconds(5), idle: TimeAmount = .seconds(60)
        ) {
            self.request = request
            self.decision = decision
            self.ping = ping
            self.silence = silence
            self.closing = closing
            self.idle = idle
        }
    }

    /// A connection of which it is not yet known what it becomes.
    package struct Visitor: ServerChildChannelValue {
        package let channel: any Channel
        /// Kept on every path: a promise that is dropped would stop the process.
        let outcome: EventLoopFuture<Outcome>
    }

    /// What a connection became.
    package enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case station(StationSocket)
        /// It was refused, or went away.
        case gone
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Visitor> {
        channel.eventLoop.makeCompletedFuture {
            let handler = GateHandler(self, log: logger, on: channel.eventLoop)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPResponseEncoder(), name: GateHandler.encoderName)
            // A station may send its first frame together with the handshake: those bytes must not be lost.
            let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
            try pipeline.addHandler(decoder, name: GateHandler.decoderName)
            try pipeline.addHandler(handler)
            return Visitor(channel: channel, outcome: handler.outcome)
        }
    }

    package func handle(value: Visitor, logger: Logger) async {
        let outcome: Outcome
        do {
            outcome = try await value.outcome.get()
        } catch {
            logger.debug("connection ended before its first request", metadata: ["error": "\(error)"])
            return
        }
        switch outcome {
        case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
        case .station(let socket): await serve(socket)
        case .gone: break
        }
    }
}
