// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix

/// A TCP client that says exactly what a test wants, byte by byte.
struct RawClient {
    private let channel: any Channel
    private let inbox: Inbox

    /// Connects to a port of this machine.
    static func connect(to port: Int) async throws -> RawClient {
        let inbox = Inbox()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Listener(inbox: inbox))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, inbox: inbox)
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Reads on, or no longer.
    func listen(_ listens: Bool) async throws {
        try await channel.setOption(.autoRead, value: listens).get()
        if listens { channel.read() }
    }

    /// Says that nothing more will be sent, and still listens.
    func halfClose() async throws { try await channel.close(mode: .output) }

    func close() async {
        _ = try? await channel.close() /* It may be closed already, which is what we want. */
    }

    /// Everything that comes until the other side closes.
    func readToEnd() async -> [UInt8] { await wait { $0.hasEnded ? $0.bytes : nil } }

    /// Takes everything up to and with `mark`; nil if the other side closed before.
    func readThrough(_ mark: String) async -> String? {
        let mark = Array(mark.utf8)
        return await wait { state -> String?? in
            if let end = state.bytes.firstRange(of: mark)?.upperBound {
                let head = state.bytes.prefix(end)
                state.bytes.removeFirst(end)
                return .some(String(decoding: head, as: UTF8.self))
            }
            return state.hasEnded ? .some(nil) : nil
        }
    }

    /// Takes the next frame of the server; nil if it closed before.
    func readFrame() async -> ServerFrame? {
        await wait { state -> ServerFrame?? in
            if let (frame, length) = ServerFrame.read(state.bytes) {
                state.bytes.removeFirst(length)
                return .some(frame)
            }
            return state.hasEnded ? .some(nil) : nil
        }
    }

    /// Waits for what is looked for, or for the end: the line is closed when the time of the test is over.
    private func wait<Result: Sendable>(_ look: @Sendable (inout Inbox.State) -> Result?) async -> Result {
        await withTaskCancellationHandler {
            await inbox.wait(look)
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

/// What came, and whoever waits for it.
private actor Inbox {
    struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
    }
    private var state = State()
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func take(_ bytes: [UInt8], ends: Bool) {
        state.bytes += bytes
        state.hasEnded = state.hasEnded || ends
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func wait<Result>(_ look: (inout State) -> Result?) async -> Result {
        while true {
            if let result = look(&state) { return result }
            await withCheckedContinuation { waiters.append($0) }
        }
    }
}

private final class Listener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let news: AsyncStream<([UInt8], Bool)>.Continuation

    init(inbox: Inbox) {
        let (stream, news) = AsyncStream<([UInt8], Bool)>.makeStream()
        self.news = news
        Task { for await (bytes, ends) in stream { await inbox.take(bytes, ends: ends) } }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        news.yield((Array(unwrapInboundIn(data).readableBytesView), false))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { news.yield(([], true)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        news.yield(([], true))
        news.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// A frame as the server sends it: never masked.
struct ServerFrame: Equatable {
    var first: UInt8
    var payload: [UInt8]

    var opcode: UInt8 { first & 0x0F }
    var isCompressed: Bool { first & 0x40 != 0 }
    var text: String { String(decoding: payload, as: UTF8.self) }
    /// The code of a close frame.
    var closeCode: Int? {
        opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
    }

    static func read(_ bytes: [UInt8]) -> (ServerFrame, length: Int)? {
        guard bytes.count >= 2 else { return nil }
        var length = Int(bytes[1] & 0x7F)
        var start = 2
        if length == 126 {
            guard bytes.count >= 4 else { return nil }
            length = Int(bytes[2]) << 8 | Int(bytes[3])
            start = 4
        } else if length == 127 {
            guard bytes.count >= 10 else { return nil }
            length = bytes[2..<10].reduce(0) { $0 << 8 | Int($1) }
            start = 10
        }
        guard bytes.count >= start + length else { return nil }
        return (ServerFrame(first: bytes[0], payload: Array(bytes[start..<(start + length)])), start + length)
    }
}

/// A frame as a client sends it: masked, unless a test wants it wrong.
func clientFrame(_ payload: [UInt8], first: UInt8 = 0x81, masked: Bool = true) -> [UInt8] {
    var bytes = [first]
    let flag: UInt8 = masked ? 0x80 : 0
    switch payload.count {
    case ..<126: bytes.append(flag | UInt8(payload.count))
    case ..<65_536: bytes += [flag | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default:
        bytes.append(flag | 127)
        bytes += (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xFF) }
    }
    guard masked else { return bytes + payload }
    let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
}

/// A text frame of a client.
func clientFrame(_ text: String) -> [UInt8] { clientFrame(Array(text.utf8)) }
