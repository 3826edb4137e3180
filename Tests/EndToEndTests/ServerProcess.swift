// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

/// A real `amptill serve` in a process of its own, on a free port.
final class ServerProcess: Sendable {
    /// The operator key every test server is started with.
    static let operatorKey = "amp_test_operator_key_for_end_to_end_tests"
    /// The key that seals secrets, for every command of a test.
    static let installationKey = String(repeating: "5eaf00d1", count: 8)

    /// Where the binary is: beside the test bundle, or where AMPTILL_BINARY says.
    static let binary: URL = {
        if let path = ProcessInfo.processInfo.environment["AMPTILL_BINARY"] {
            return URL(fileURLWithPath: path)
        }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("amptill")
    }()

    private let process: Process
    private let output: OutputLines
    private let errors: OutputLines
    /// `http://127.0.0.1:<port>`.
    let url: URL

    /// Starts the server and waits until it says where it listens.
    ///
    /// A server that is made to crash may never say it: `awaitingStart: false` goes by the port that it was given.
    init(
        database: String, options: [String] = [], environment: [String: String] = [:],
        awaitingStart: Bool = true
    ) async throws {
        let port = options.contains("--port") ? [] : ["--port", "0"]
        let run = Self.launch(["serve", "--database", database] + port + options, environment)
        (process, output, errors) = try run()
        guard awaitingStart else {
            let given = options.firstIndex(of: "--port").map { options[$0 + 1] } ?? "0"
            guard let url = URL(string: "http://localhost:\(given)") else {
                throw Trouble("no port \(given)")
            }
            self.url = url
            return
        }
        guard let line = await output.first(where: { $0.contains("http://") }, within: .seconds(30)),
            let start = line.range(of: "http://"),
            let url = URL(string: String(line[start.lowerBound...].prefix { !$0.isWhitespace }))
        else {
            process.terminate()
            throw Trouble("the server did not start: \(errors.all.joined(separator: "\n"))")
        }
        self.url = url
    }

    /// Runs any program to its end without keeping a thread waiting.
    static func runTool(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil,
        input: String = ""
    ) async throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = folder }
        let output = OutputLines()
        let errors = OutputLines()
        process.standardOutput = output.pipe
        process.standardError = errors.pipe
        let feed = Pipe()
        process.standardInput = feed
        try process.run()
        // A pipe takes 64 KiB without waiting; no test says more.
        try feed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try feed.fileHandleForWriting.close()
        await waitForExit(of: process)
        return (process.terminationStatus, await output.rest(), await errors.rest())
    }

    /// Runs a command to its end: exit status, standard output, standard error.
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String, errors: String) {
        let (process, output, errors) = try launch(arguments, environment)()
        await waitForExit(of: process)
        return (process.terminationStatus, await output.rest(), await errors.rest())
    }

    private static func launch(
        _ arguments: [String], _ environment: [String: String]
    ) -> () throws -> (Process, OutputLines, OutputLines) {
        {
            let process = Process()
            process.executableURL = binary
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment
                .merging([
                    "AMPTILL_OPERATOR_KEY": operatorKey, "AMPTILL_INSTALLATION_KEY": installationKey,
                ]) { $1 }.merging(environment) { $1 }
            let output = OutputLines()
            let errors = OutputLines()
            process.standardOutput = output.pipe
            process.standardError = errors.pipe
            process.standardInput = FileHandle.nullDevice
            try process.run()
            return (process, output, errors)
        }
    }

    /// Whether the process still runs.
    var isRunning: Bool { process.isRunning }
    /// Lines on standard error so far.
    var log: [String] { errors.all }
    /// Its process number, for benchmarks.
    var pid: Int32 { process.processIdentifier }

    /// `kill -9`.
    func kill() async {
        Foundation.kill(process.processIdentifier, SIGKILL)
        await Self.waitForExit(of: process)
    }

    /// Asks it to end, and waits; one that has not ended after half a minute is killed, and the test fails.
    func stop() async {
        process.terminate()
        let pid = process.processIdentifier
        let patience = Task {
            try await Task.sleep(for: .seconds(30))
            Issue.record("the server did not end when it was asked to")
            Foundation.kill(pid, SIGKILL)
        }
        await Self.waitForExit(of: process)
        patience.cancel()
    }

    /// Waits until it has ended by itself.
    func waitForExit() async { await Self.waitForExit(of: process) }

    private static func waitForExit(of process: Process) async {
        await withCheckedContinuation { continuation in
            let once = Mutex(false)
            let resume: @Sendable () -> Void = {
                let first = once.withLock { done in
                    defer { done = true }
                    return !done
                }
                if first { continuation.resume() }
            }
            process.terminationHandler = { _ in resume() }
            if !process.isRunning { resume() }
        }
    }

    deinit { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }
}

/// What went wrong in a test's surroundings.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
