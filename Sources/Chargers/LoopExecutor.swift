// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Synchronization

/// Runs the tasks of a connection on the loop of its socket: what is read, answered and written changes no thread.
///
/// Jobs that come while the loop is busy wait together, and wake it once.
final class LoopExecutor: TaskExecutor {
    let loop: any EventLoop
    private let waiting = Mutex<[UnownedJob]>([])

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = waiting.withLock { waiting in
            waiting.append(job)
            return waiting.count == 1
        }
        if isFirst { loop.execute { self.run() } }
    }

    /// Runs what waits. What comes meanwhile has its own turn, after the sockets had theirs.
    private func run() {
        let jobs = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

/// One executor for each loop, so that answers to many stations wake it once.
final class LoopExecutors: Sendable {
    private let executors = Mutex<[ObjectIdentifier: LoopExecutor]>([:])

    func executor(of loop: any EventLoop) -> LoopExecutor {
        executors.withLock { executors in
            if let known = executors[ObjectIdentifier(loop)] { return known }
            let executor = LoopExecutor(loop)
            executors[ObjectIdentifier(loop)] = executor
            return executor
        }
    }
}
