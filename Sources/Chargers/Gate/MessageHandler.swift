// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Last handler of a socket: hands its messages on, one at a time, each in a task on the loop of the socket.
///
/// A task lasts no longer than its message, so a station that says nothing needs none. Nothing more is read while a message
/// waits for its turn: a station that talks faster than it is answered waits, too.
final class MessageHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Deals with one message; the next one comes when it returns.
    typealias Take = @Sendable (ByteBuffer) async -> Void

    private let executor: LoopExecutor
    private var context: ChannelHandlerContext?
    private var take: Take?
    /// Whoever waits for the end of everything.
    private var server: CheckedContinuation<Void, Never>?
    private var pace = ReadingPace()
    private var waiting = CircularBuffer<ByteBuffer>(initialCapacity: 1)
    private var isReadWanted = false
    private var isBusy = false
    private var isBeginning = false
    private var isGone = false
    private var isOver = false
    /// Tasks that were begun from inside and go on.
    private var works = 0

    init(on executor: LoopExecutor) { self.executor = executor }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        isGone = true
        goOn()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        context.fireChannelInactive()
        goOn()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting.append(unwrapInboundIn(data))
        goOn()
    }

    func read(context: ChannelHandlerContext) {
        if waiting.isEmpty { context.read() } else { isReadWanted = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        goOn()
    }

    /// Serves messages from now on, those first that wait already; `server` is resumed when the socket is closed and all
    /// that came from it is dealt with.
    func serve(_ take: @escaping Take, until server: CheckedContinuation<Void, Never>) {
        self.take = take
        self.server = server
        goOn()
    }

    /// Begins a task that is no message, at any time until everything has ended.
    func work(_ body: @escaping @Sendable () async -> Void) {
        guard !isOver else { return }
        works += 1
        begin(body) { $0.works -= 1 }
    }
}

extension MessageHandler {
    /// Whoever does not read what we answer is not heard either.
    private var mayTake: Bool {
        !isBusy && !waiting.isEmpty && (isGone || context?.channel.isWritable == true)
    }

    private func goOn() {
        // What is dealt with at once comes back here from inside of the loop below.
        guard !isBeginning, let take else { return }
        isBeginning = true
        while mayTake {
            let message = waiting.removeFirst()
            isBusy = true
            begin({ await take(message) }, then: { $0.rest() })
        }
        isBeginning = false
        if waiting.isEmpty, isReadWanted {
            isReadWanted = false
            context?.read()
        }
        endIfOver()
    }

    /// The message is dealt with. The next one has its turn at once, or when the station's pace allows. After the socket is
    /// closed there is no pace: what still waits is all there will be, and a server that ends waits for it.
    private func rest() {
        let now = ContinuousClock.now
        guard !isGone, let pause = pace.pause(at: now) else {
            isBusy = false
            return
        }
        executor.loop.assumeIsolated().scheduleTask(in: TimeAmount(pause - now)) {
            self.isBusy = false
            self.goOn()
        }
    }

    private func begin(
        _ body: @escaping @Sendable () async -> Void, then end: @escaping @Sendable (MessageHandler) -> Void
    ) {
        let handler = NIOLoopBound(self, eventLoop: executor.loop)
        Task.immediate(executorPreference: executor) {
            await body()
            end(handler.value)
            handler.value.goOn()
        }
    }

    private func endIfOver() {
        guard isGone, !isBusy, waiting.isEmpty, works == 0, let server else { return }
        isOver = true
        // Whoever serves knows the socket, and with it this handler: they let go of each other.
        take = nil
        self.server = nil
        server.resume()
    }
}
