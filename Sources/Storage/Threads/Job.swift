// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One closure on its way through a mailbox, and the caller who waits for it.
///
/// The caller is resumed exactly once, and after COMMIT: whoever is told "stored" can rely on it.
final class Job: Sendable {
    private enum State {
        case created
        case cancelled
        case waiting(CheckedContinuation<Void, any Error>)
        case started(CheckedContinuation<Void, any Error>)
        case finished
    }

    /// Whether it may write.
    let isReadOnly: Bool
    /// The work. It may run more than once; only the last run counts.
    let body: @Sendable (Tx) throws -> Void
    private let state = Mutex(State.created)

    /// A job that nobody waits for yet.
    init(isReadOnly: Bool, _ body: @escaping @Sendable (Tx) throws -> Void) {
        self.isReadOnly = isReadOnly
        self.body = body
    }

    /// Puts the job into a mailbox and waits until it is finished.
    ///
    /// A caller that is cancelled before the job starts takes it out of the queue; a started job runs to its
    /// end.
    func run(through mailbox: Mailbox<Job>) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard attach(continuation) else { return continuation.resume(throwing: CancellationError()) }
                do throws(StoreError) {
                    try mailbox.put(self)
                } catch {
                    finish(.failure(error))
                }
            }
        } onCancel: {
            if cancel() { mailbox.remove(self) }
        }
    }

    /// Called by the thread that takes it: false if the caller has gone, then it must not run.
    func start() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .started(continuation)
            return true
        }
    }

    /// Resumes the caller. A second call does nothing.
    func finish(_ result: Result<Void, any Error>) {
        let continuation: CheckedContinuation<Void, any Error>? = state.withLock { state in
            switch state {
            case .waiting(let continuation), .started(let continuation):
                state = .finished
                return continuation
            case .created, .cancelled, .finished:
                return nil
            }
        }
        continuation?.resume(with: result)
    }

    private func attach(_ continuation: CheckedContinuation<Void, any Error>) -> Bool {
        state.withLock { state in
            guard case .created = state else { return false }
            state = .waiting(continuation)
            return true
        }
    }

    private func cancel() -> Bool {
        let continuation: CheckedContinuation<Void, any Error>? = state.withLock { state in
            switch state {
            case .created:
                state = .cancelled
                return nil
            case .waiting(let continuation):
                state = .cancelled
                return continuation
            case .started, .cancelled, .finished:
                return nil
            }
        }
        continuation?.resume(throwing: CancellationError())
        return continuation != nil
    }
}
