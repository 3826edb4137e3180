// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// The threads of one engine. C database calls wait, so they never run on the cooperative pool (swift.md §7).
final class Crew: Sendable {
    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Starts a thread, waits until it has prepared itself, and leaves it to its work.
    ///
    /// What `prepare` makes never leaves the thread; what it throws is thrown here, and the thread ends.
    func start(_ name: String, _ prepare: @escaping @Sendable () throws -> () -> Void) async throws {
        try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
            start(name) {
                let work: () -> Void
                do {
                    work = try prepare()
                    ready.resume()
                } catch {
                    return ready.resume(throwing: error)
                }
                work()
            }
        }
    }

    /// Starts a thread that runs `body` once.
    func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.running += 1 }
        let thread = Thread { [self] in
            body()
            leave()
        }
        thread.name = name
        thread.stackSize = 1 << 21
        thread.start()
    }

    /// Waits until all threads have ended.
    func join() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.running > 0 { state.waiting.append(continuation) }
                return state.running == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private func leave() {
        let waiting = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
