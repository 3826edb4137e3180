// SPDX-License-Identifier: Apache-2.0
import Chargers
import NIOCore
import Synchronization
import Testing

@Suite("The messages of a socket", .timeLimit(.minutes(1)))
struct MessageHandlerTests {
    /// What happened, in order.
    private final class Notes: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func note(_ line: String) { lines.withLock { $0.append(line) } }

        /// How many there are, as soon as they have not grown for a while.
        func settledCount() async throws -> Int {
            var last = -1
            while last != all.count {
                last = all.count
                try await Task.sleep(for: .milliseconds(400))
            }
            return last
        }
    }

    /// Tells whether something is still there.
    private final class Watch: Sendable {
        private struct Sight: Sendable { weak var notes: Notes? }
        private let sight = Mutex(Sight())

        var isThere: Bool { sight.withLock { $0.notes != nil } }

        func look(at notes: Notes) { sight.withLock { $0.notes = notes } }
    }

    /// Something that is waited for.
    private final class Latch: Sendable {
        private let stream: AsyncStream<Void>
        private let input: AsyncStream<Void>.Continuation

        init() { (stream, input) = AsyncStream<Void>.makeStream() }

        func open() { input.finish() }
        func wait() async { for await _ in stream {} }
    }

    @Test("they are dealt with one at a time, in order, and all of them before the socket counts as closed")
    func turns() async throws {
        let notes = Notes()
        let closed = Latch()
        try await GateServer.run(
            decide: try GateTests.accepting(),
            serve: { socket in
                await socket.serve { message in
                    notes.note("begin " + String(buffer: message))
                    // Others would have time to come between.
                    for _ in 0..<20 { await Task.yield() }
                    notes.note("end " + String(buffer: message))
                }
                notes.note("closed")
                closed.open()
            }
        ) { server in
            let client = try await GateTests.open(server)
            try await client.send((0..<50).flatMap { clientFrame("\($0)") })
            await client.close()
            await closed.wait()
        }

        #expect(notes.all == (0..<50).flatMap { ["begin \($0)", "end \($0)"] } + ["closed"])
    }

    @Test("who served a socket is let go when it is closed")
    func letGo() async throws {
        let watch = Watch()
        let closed = Latch()
        try await GateServer.run(
            decide: try GateTests.accepting(),
            serve: { socket in
                let notes = Notes()
                watch.look(at: notes)
                // Holds the socket, as whoever answers does.
                await socket.serve { message in
                    notes.note("taken")
                    socket.write(message)
                }
                closed.open()
            }
        ) { server in
            let client = try await GateTests.open(server)
            try await client.send(clientFrame("1"))
            _ = await client.readFrame()
            #expect(watch.isThere)
            await client.close()
            await closed.wait()
        }
        // The last reference may go a moment later, with the task that held it.
        for _ in 0..<1500 where watch.isThere { try await Task.sleep(for: .milliseconds(20)) }

        #expect(!watch.isThere)
    }

    @Test("what a station says while one message is dealt with waits in its socket")
    func pressure() async throws {
        let (notes, first) = (Notes(), Latch())
        try await GateServer.run(
            decide: try GateTests.accepting(),
            serve: { socket in
                await socket.serve { _ in
                    await first.wait()
                    notes.note("taken")
                }
            }
        ) { server in
            let client = try await GateTests.open(server)
            let long = clientFrame([UInt8](repeating: 0x61, count: 1 << 20))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // More than the buffers of all systems between us.
                    for _ in 0..<40 {
                        try await client.send(long)
                        notes.note("sent")
                    }
                }
                #expect(try await notes.settledCount() < 40)
                first.open()
                try await group.waitForAll()
            }
            while notes.all.count < 80 { try await Task.sleep(for: .milliseconds(20)) }
            await client.close()
        }
    }

    @Test("a station that does not read its answers is not heard")
    func deaf() async throws {
        let notes = Notes()
        try await GateServer.run(
            decide: try GateTests.accepting(),
            serve: { socket in
                let answer = ByteBuffer(repeating: 0x61, count: 64 << 10)
                await socket.serve { _ in
                    notes.note("taken")
                    socket.write(answer)
                }
            }
        ) { server in
            let client = try await GateTests.open(server)
            try await client.listen(false)
            try await client.send((0..<400).flatMap { clientFrame("\($0)") })
            #expect(try await notes.settledCount() < 400)

            try await client.listen(true)
            while notes.all.count < 400 { try await Task.sleep(for: .milliseconds(20)) }
            await client.close()
        }
    }
}
