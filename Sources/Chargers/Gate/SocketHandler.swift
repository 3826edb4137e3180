// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOWebSocket

/// One WebSocket below its messages (RFC 6455): joins fragments, answers pings, sends ours, closes in good order.
///
/// The aggregator of NIO forgets that a fragmented message was compressed; this one does not.
final class SocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    /// A message whose fragments are being joined.
    private struct Joining {
        var bytes: ByteBuffer
        let isCompressed: Bool
    }

    private let guest: Guest
    private let times: Gate.Times
    /// The longest message, inflated: 4 MiB unless a test wants less (charging.md §1).
    private let messageBytes: Int
    private var joining: Joining?
    private var isClosing = false
    private var lastHeard = NIODeadline.now()
    private var lastPing = NIODeadline.now()
    private var timer: Scheduled<Void>?

    init(guest: Guest, times: Gate.Times, messageBytes: Int) {
        self.guest = guest
        self.times = times
        self.messageBytes = messageBytes
    }

    func handlerAdded(context: ChannelHandlerContext) { schedule(context) }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        lastHeard = .now()
        guest.pulse.beat()
        // RFC 6455 §5.1: a frame of a client is masked, or the connection is failed.
        guard frame.maskKey != nil, !frame.rsv2, !frame.rsv3 else { return fail(context, .protocolError) }
        switch frame.opcode {
        case .ping:
            send(context, WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
        case .pong: break
        case .connectionClose: closed(context, frame)
        case .text, .binary, .continuation: if !isClosing { join(context, frame) }
        default: fail(context, .protocolError)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, error as? NIOWebSocketError == .invalidFrameLength ? .messageTooBig : .protocolError)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { return fail(context, .goingAway) }
        if event as? ChannelEvent == .inputClosed { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let reason = event as? SocketClosing else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        fail(context, reason)
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let message = unwrapOutboundIn(data)
        guard guest.compresses, message.readableBytes >= Deflate.worthwhileBytes,
            let compressed = Deflate.compress(message)
        else {
            return context.write(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: message)), promise: promise)
        }
        let frame = WebSocketFrame(fin: true, rsv1: true, opcode: .text, data: compressed)
        context.write(wrapOutboundOut(frame), promise: promise)
    }
}

extension SocketHandler {
    private func join(_ context: ChannelHandlerContext, _ frame: WebSocketFrame) {
        var data = frame.unmaskedData
        var message: Joining
        switch (joining, frame.opcode) {
        case (let begun?, .continuation) where !frame.rsv1:
            message = begun
            message.bytes.writeBuffer(&data)
        case (nil, .text), (nil, .binary):
            guard !frame.rsv1 || guest.compresses else { return fail(context, .protocolError) }
            message = Joining(bytes: data, isCompressed: frame.rsv1)
        default: return fail(context, .protocolError)
        }
        guard message.bytes.readableBytes <= messageBytes else { return fail(context, .messageTooBig) }
        guard frame.fin else {
            joining = message
            return
        }
        joining = nil
        guard message.isCompressed else { return context.fireChannelRead(wrapInboundOut(message.bytes)) }
        switch Deflate.inflate(message.bytes, limit: messageBytes) {
        case .message(let bytes): context.fireChannelRead(wrapInboundOut(bytes))
        case .tooLong: fail(context, .messageTooBig)
        case .broken: fail(context, .protocolError)
        }
    }

    private func closed(_ context: ChannelHandlerContext, _ frame: WebSocketFrame) {
        if !isClosing {
            // RFC 6455 §5.5.1: the code is sent back, if there is a readable one.
            var echo = frame.unmaskedData
            let code = echo.readSlice(length: 2) ?? ByteBuffer()
            isClosing = true
            send(context, WebSocketFrame(fin: true, opcode: .connectionClose, data: code))
        }
        context.close(promise: nil)
    }

    /// Says why, and closes when the station has answered or has had its time.
    private func fail(_ context: ChannelHandlerContext, _ reason: SocketClosing) {
        guard !isClosing else { return }
        isClosing = true
        joining = nil
        var data = context.channel.allocator.buffer(capacity: 2)
        data.writeInteger(reason.rawValue)
        send(context, WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: times.closing) {
            context.close(promise: nil)
        }
    }

    private func send(_ context: ChannelHandlerContext, _ frame: WebSocketFrame) {
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// Wakes up for the next ping or for the end of the station's patience, whichever comes first.
    private func schedule(_ context: ChannelHandlerContext) {
        let next = min(lastPing + times.ping, lastHeard + times.silence)
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.wake(context) }
    }

    private func wake(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        // charging.md §1: no frame and no pong for 120 s means offline. Nobody would answer a close frame.
        if now >= lastHeard + times.silence { return context.close(promise: nil) }
        if now >= lastPing + times.ping {
            lastPing = now
            send(context, WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
        }
        schedule(context)
    }
}
