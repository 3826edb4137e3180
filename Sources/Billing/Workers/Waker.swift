// SPDX-License-Identifier: Apache-2.0

/// Lets one task sleep until another wakes it or a time has passed. A wake while nobody sleeps is remembered once.
final class Waker: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func wake() { continuation.yield() }

    /// Returns when woken, after `pause`, or when the task is cancelled.
    func wait(atMost pause: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [stream] in
                var iterator = stream.makeAsyncIterator()
                await iterator.next()
            }
            // A cancelled sleep ends early, which is all that is wanted of it.
            group.addTask { try? await Task.sleep(for: pause) }
            await group.next()
            group.cancelAll()
        }
    }
}
