// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What a worker waits for.
package struct Topic: RawRepresentable, Hashable, Sendable {
    /// The word that travels between nodes.
    package let rawValue: String
    /// A topic by its word.
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let outbox = Topic(rawValue: "outbox")
    package static let inbox = Topic(rawValue: "inbox")
    package static let settlement = Topic(rawValue: "settlement")
    package static let liveBill = Topic(rawValue: "live_bill")
    package static let hold = Topic(rawValue: "hold")
    package static let doubt = Topic(rawValue: "doubt")
}

/// The bells and watchers of this process. A ring may be lost or doubled: workers look by themselves as well.
final class Doorbell: Sendable {
    private struct State {
        var next = 0
        var bells: [Int: (topic: Topic, stream: AsyncStream<Void>.Continuation)] = [:]
        var watchers: [Int: AsyncStream<Change>.Continuation] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// One element for each time the bell was rung since the last one was taken.
    func bell(_ topic: Topic) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        join(continuation) { state, key in state.bells[key] = (topic, continuation) }
        return stream
    }

    /// All hints from now on. A watcher that does not keep up loses the oldest ones.
    func changes() -> AsyncStream<Change> {
        let (stream, continuation) = AsyncStream<Change>.makeStream(bufferingPolicy: .bufferingNewest(4096))
        join(continuation) { state, key in state.watchers[key] = continuation }
        return stream
    }

    /// Tells this process what a transaction changed and whom it wakes.
    func publish(_ changes: [Change], _ topics: Set<Topic>) {
        guard !changes.isEmpty || !topics.isEmpty else { return }
        tell(changes) { topics.contains($0) }
    }

    /// Rings every bell, and asks watchers to read everything again: some hints may have been lost.
    func ringAll() { tell([Change(kind: .everything, id: "")]) { _ in true } }

    private func tell(_ changes: [Change], ringing isRung: (Topic) -> Bool) {
        let (bells, watchers) = state.withLock { state in
            (
                state.bells.values.filter { isRung($0.topic) }.map(\.stream),
                changes.isEmpty ? [] : Array(state.watchers.values)
            )
        }
        // Not under our lock: a task that is cancelled holds its own while it takes ours to leave, and to wake it takes its.
        for change in changes {
            for watcher in watchers { watcher.yield(change) }
        }
        for bell in bells { bell.yield() }
    }

    /// Ends all streams.
    func close() {
        let state = state.withLock { state in
            defer { state = State(isClosed: true) }
            return state
        }
        for bell in state.bells.values { bell.stream.finish() }
        for watcher in state.watchers.values { watcher.finish() }
    }

    private func join<Element>(
        _ continuation: AsyncStream<Element>.Continuation, _ add: (inout State, Int) -> Void
    ) {
        let key: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.next += 1
            add(&state, state.next)
            return state.next
        }
        guard let key else { return continuation.finish() }
        continuation.onTermination = { [weak self] _ in
            // Not under the lock of a caller: finishing happens after `close` has let go of it.
            self?.state.withLock { state in
                state.bells[key] = nil
                state.watchers[key] = nil
            }
        }
    }
}
