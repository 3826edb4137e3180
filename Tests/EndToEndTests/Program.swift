// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A program in a process of its own, whose words are heard as they come. It does not live longer than this value.
final class Program: Sendable {
    let output: OutputLines
    let errors: OutputLines
    private let process = Process()
    private let end = Ending()
    private let input: Pipe?

    /// Held while pipes are made and a process is started: a child that starts while the pipes of another are there inherits
    /// them, and the output of the other would not end before this child does.
    private static let starting = Mutex(())

    /// Starts it, with more or other variables than ours in its environment.
    init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil,
        hasInput: Bool = false
    ) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = folder }
        process.terminationHandler = { [end] _ in end.come() }
        (output, errors, input) = try Self.starting.withLock { [process] _ in
            let (output, errors) = (OutputLines(), OutputLines())
            let input = hasInput ? Pipe() : nil
            process.standardOutput = output.pipe
            process.standardError = errors.pipe
            process.standardInput = input ?? FileHandle.nullDevice
            try process.run()
            return (output, errors, input)
        }
    }

    var isRunning: Bool { process.isRunning }
    var pid: Int32 { process.processIdentifier }
    /// What it said at its end.
    var status: Int32 { process.terminationStatus }

    /// Says something to it. A pipe takes 64 KiB without waiting; no test says more.
    func say(_ text: String) throws {
        try input?.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    /// Says that nothing more will be said.
    func endInput() throws { try input?.fileHandleForWriting.close() }

    /// Asks it to end.
    func terminate() { process.terminate() }

    /// `kill -9`, unless it has ended.
    func kill() { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }

    /// Waits until it has ended. It is killed when the time of the test is over.
    func waitForExit() async {
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: {
            kill()
        }
    }

    deinit { kill() }
}

/// The end of a process, for everybody who waits for it.
private final class Ending: Sendable {
    private struct State {
        var hasCome = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func come() {
        let waiting = state.withLock { state in
            state.hasCome = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasCome = state.withLock { state in
                if !state.hasCome { state.waiting.append(continuation) }
                return state.hasCome
            }
            if hasCome { continuation.resume() }
        }
    }
}
