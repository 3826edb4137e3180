// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket
import OCPP

/// First handler after the HTTP codec: holds the first request until it is known what the connection is.
///
/// A connection that has served HTTP is never upgraded. Every request with an `Upgrade` header is answered and
/// then closed, because the parser stops behind such a head.
final class GateHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    static let encoderName = "gate.http.encoder"
    static let decoderName = "gate.http.decoder"

    private enum State {
        /// No request yet.
        case first
        /// The decision is being made; parts that came meanwhile are held.
        case deciding(held: [HTTPServerRequestPart])
        /// Parts pass through.
        case http
        /// A WebSocket: everything passes through, and we are about to leave.
        case socket
        /// Answered by us: what still comes is not read.
        case done
    }

    private let decide: @Sendable (UpgradeRequest) async -> Gate.Decision
    private let times: Gate.Times
    private let messageBytes: Int
    private let executors: LoopExecutors
    private let log: Logger
    private let promise: EventLoopPromise<Gate.Outcome>
    private var isPromiseKept = false
    private var state = State.first
    private var closesAfterAnswer = false
    private var deadline: Scheduled<Void>?

    init(_ gate: Gate, log: Logger, on eventLoop: any EventLoop) {
        decide = gate.decide
        times = gate.times
        messageBytes = gate.messageBytes
        executors = gate.executors
        self.log = log
        promise = eventLoop.makePromise(of: Gate.Outcome.self)
    }

    /// What the connection becomes.
    var outcome: EventLoopFuture<Gate.Outcome> { promise.futureResult }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: times.request) {
            self.ranOutOfTime(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        keepPromise(.gone)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        keepPromise(.gone)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .http:
            noteUpgrade(unwrapInboundIn(data))
            context.fireChannelRead(data)
        case .socket:
            // Not unwrapped: behind the handshake these are bytes, on their way to the WebSocket's decoder.
            context.fireChannelRead(data)
        case .done: break
        case .deciding(var held):
            held.append(unwrapInboundIn(data))
            state = .deciding(held: held)
        case .first:
            begin(context, unwrapInboundIn(data))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .http, .socket: context.fireErrorCaught(error)
        case .first where error is HTTPParserError:
            respond(context, Gate.Refusal(400, "The request cannot be read"))
        case .first, .deciding, .done: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch state {
        case .first, .deciding, .done:
            // Half-closure is on: nobody else closes it.
            if event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed {
                return context.close(promise: nil)
            }
        case .http, .socket: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .http = state, closesAfterAnswer else { return context.write(data, promise: promise) }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            head.headers.replaceOrAdd(name: "connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
        }
    }
}

extension GateHandler {
    private func begin(_ context: ChannelHandlerContext, _ part: HTTPServerRequestPart) {
        guard case .head(let head) = part else { return context.close(promise: nil) }
        state = .deciding(held: [part])
        guard let request = UpgradeRequest(head, from: context.remoteAddress) else {
            return becomeHTTP(context)
        }
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: times.decision) {
            self.ranOutOfTime(context)
        }
        let answer = context.eventLoop.makePromise(of: Gate.Decision.self)
        answer.completeWithTask { [decide] in await decide(request) }
        answer.futureResult.assumeIsolated().whenSuccess { decision in
            // The deadline may have passed, or the client may be gone.
            guard case .deciding = self.state, context.channel.isActive else { return }
            switch decision {
            case .http: self.becomeHTTP(context)
            case .refuse(let refusal): self.respond(context, refusal)
            case .accept(let guest): self.becomeWebSocket(context, head, guest)
            }
        }
    }

    private func ranOutOfTime(_ context: ChannelHandlerContext) {
        switch state {
        case .first: context.close(promise: nil)
        case .deciding:
            log.warning("no decision about a connection in time")
            respond(context, Gate.Refusal(503, "Busy", fields: [("Retry-After", "10")]))
        case .http, .socket, .done: break
        }
    }

    /// From here on Hummingbird serves the connection.
    private func becomeHTTP(_ context: ChannelHandlerContext) {
        guard case .deciding(let held) = state else { return }
        deadline?.cancel()
        state = .http
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            let idle = Duration.nanoseconds(times.idle.nanoseconds)
            try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: idle, logger: log))
            let channel = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
                wrappingChannelSynchronously: context.channel,
                configuration: .init(isOutboundHalfClosureEnabled: true))
            keepPromise(.http(channel))
        } catch {
            log.error("cannot serve a connection", metadata: ["error": "\(error)"])
            return context.close(promise: nil)
        }
        for part in held {
            noteUpgrade(part)
            context.fireChannelRead(wrapInboundOut(part))
        }
        context.fireChannelReadComplete()
    }

    /// Behind a head with `Upgrade` the parser reads no further request: the answer must be the last.
    private func noteUpgrade(_ part: HTTPServerRequestPart) {
        if case .head(let head) = part, head.headers.contains(name: "upgrade") { closesAfterAnswer = true }
    }

    private func respond(_ context: ChannelHandlerContext, _ refusal: Gate.Refusal) {
        deadline?.cancel()
        state = .done
        let body = ByteBuffer(string: refusal.text + "\n")
        var headers = HTTPHeaders(refusal.fields.map { ($0.name, $0.value) })
        headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        headers.add(name: "Connection", value: "close")
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: refusal.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private func becomeWebSocket(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ guest: Guest) {
        // The upgrader of NIO makes the headers of the answer; the upgrade itself is ours.
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        let initial = HTTPHeaders([("Upgrade", "websocket"), ("Connection", "upgrade")])
        upgrader.buildUpgradeResponse(
            channel: context.channel, upgradeRequest: head, initialResponseHeaders: initial
        )
        .assumeIsolated().whenComplete { result in
            guard case .deciding = self.state else { return }
            switch result {
            case .success(let headers): self.switchProtocols(context, headers, guest)
            case .failure: self.respond(context, Gate.Refusal(400, "The handshake is broken"))
            }
        }
    }

    private func switchProtocols(_ context: ChannelHandlerContext, _ headers: HTTPHeaders, _ guest: Guest) {
        deadline?.cancel()
        state = .socket
        var headers = headers
        if let version = guest.version {
            headers.add(name: "Sec-WebSocket-Protocol", value: version.subprotocol)
        }
        if guest.compresses {
            headers.add(
                name: "Sec-WebSocket-Extensions",
                value: "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
        }
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(WebSocketFrameEncoder())
            try pipeline.addHandler(
                ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: messageBytes)))
            try pipeline.addHandler(SocketHandler(guest: guest, times: times, messageBytes: messageBytes))
            let handler = MessageHandler(on: executors.executor(of: context.eventLoop))
            try pipeline.addHandler(handler)
            keepPromise(
                .station(StationSocket(guest: guest, channel: context.channel, handler: handler)))
        } catch {
            log.error("cannot open a socket", metadata: ["error": "\(error)"])
            return context.close(promise: nil)
        }
        leave(context)
    }

    /// Decoder last: what it holds beyond the handshake then flows into the WebSocket's decoder.
    private func leave(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        pipeline.removeHandler(name: Self.encoderName, promise: nil)
        pipeline.removeHandler(name: Self.decoderName).assumeIsolated().whenComplete { _ in
            context.fireChannelReadComplete()
            pipeline.removeHandler(context: context, promise: nil)
        }
    }

    private func keepPromise(_ outcome: Gate.Outcome) {
        guard !isPromiseKept else { return }
        isPromiseKept = true
        promise.succeed(outcome)
    }
}
