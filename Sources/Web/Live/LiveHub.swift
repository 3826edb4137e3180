// SPDX-License-Identifier: Apache-2.0
package import Billing
import Storage
import Synchronization

/// Wakes those who watch an object when it has changed: streams and long polls of this node. What they then show they
/// read themselves, so that a lost or doubled hint does no harm.
package final class LiveHub: Sendable {
    /// Why a watcher is woken.
    package enum Signal: Sendable, Hashable {
        /// Something may have changed.
        case changed
        /// Nothing happened for a while: proxies want to see a sign of life.
        case beat
    }

    /// Whoever watches this hears of every change.
    static let anything = "*"

    private struct Watcher {
        var ids: Set<String>
        let continuation: AsyncStream<Signal>.Continuation
    }

    private struct State {
        var next = 0
        var watchers: [Int: Watcher] = [:]
        var isClosed = false
    }

    /// How long it waits after it has passed on what there was.
    private static let rest = Duration.milliseconds(10)

    private let desk: Desk
    private let state = Mutex(State())
    private let heartbeat: Duration

    /// A hub for one node. `heartbeat` is the pause between two signs of life.
    package init(desk: Desk, heartbeat: Duration = .seconds(15)) {
        self.desk = desk
        self.heartbeat = heartbeat
    }

    /// Passes hints on until its task is cancelled; then every stream ends, so that a shutdown waits for nobody.
    package func run() async {
        let changes = desk.store.changes()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var rested = ContinuousClock.now
                for await change in changes {
                    self.pass(change)
                    // Many sessions change in a second, and nobody sees a hundredth of it: what comes meanwhile is
                    // passed on together.
                    guard ContinuousClock.now - rested > Self.rest else { continue }
                    // A cancelled sleep ends early, and the stream with it.
                    try? await Task.sleep(for: Self.rest)
                    rested = .now
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    // A cancelled sleep ends early, which is all that is wanted of it.
                    try? await Task.sleep(for: self.heartbeat)
                    self.beat()
                }
            }
            // Both end when this task is cancelled, and not before.
            await group.waitForAll()
        }
        close()
    }

    /// Ends every stream and refuses new ones.
    package func close() {
        let watchers = state.withLock { state in
            defer { state = State(isClosed: true) }
            return state.watchers.values.map(\.continuation)
        }
        for watcher in watchers { watcher.finish() }
    }

    /// Watches objects from now on. What is not taken is joined: one waiting change stands for all of them.
    package func watch(_ ids: Set<String>) -> Watch {
        let (signals, continuation) = AsyncStream.makeStream(
            of: Signal.self, bufferingPolicy: .bufferingNewest(1))
        let key: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.next += 1
            state.watchers[state.next] = Watcher(ids: ids, continuation: continuation)
            return state.next
        }
        guard let key else {
            continuation.finish()
            return Watch(signals: signals, widen: { _ in }, end: {})
        }
        // The hub holds the watcher and the watcher the hub, until the watcher ends: each of them does.
        continuation.onTermination = { _ in
            self.state.withLock { $0.watchers[key] = nil }
        }
        return Watch(
            signals: signals,
            widen: { ids in self.state.withLock { $0.watchers[key]?.ids.formUnion(ids) } },
            end: { continuation.finish() })
    }

    /// How many watch at the moment; for health and tests.
    package var watcherCount: Int { state.withLock { $0.watchers.count } }

    private func pass(_ change: Change) {
        let concerned = state.withLock { state in
            state.watchers.values.filter {
                change.kind == .everything || $0.ids.contains(change.id) || $0.ids.contains(Self.anything)
            }
            .map(\.continuation)
        }
        for watcher in concerned { watcher.yield(.changed) }
    }

    private func beat() {
        let all = state.withLock { $0.watchers.values.map(\.continuation) }
        for watcher in all {
            // A beat must not push out a change that a slow watcher has not taken yet.
            if case .dropped(.changed) = watcher.yield(.beat) { watcher.yield(.changed) }
        }
    }
}

/// One watcher's signals.
package struct Watch: Sendable {
    /// Until it is ended.
    package let signals: AsyncStream<LiveHub.Signal>
    /// Watches these objects too.
    let widen: @Sendable (Set<String>) -> Void
    /// Ends the signals; may be called from anywhere, any number of times.
    package let end: @Sendable () -> Void
}
