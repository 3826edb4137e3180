// SPDX-License-Identifier: Apache-2.0

import Foundation
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

    private let program: Program
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
        program = try Self.launch(["serve", "--database", database] + port + options, environment)
        guard awaitingStart else {
            let given = options.firstIndex(of: "--port").map { options[$0 + 1] } ?? "0"
            guard let url = URL(string: "http://localhost:\(given)") else {
                throw Trouble("no port \(given)")
            }
            self.url = url
            return
        }
        guard
            let line = await program.output.first(
                where: { $0.contains("http://") }, within: .seconds(30)),
            let start = line.range(of: "http://"),
            let url = URL(string: String(line[start.lowerBound...].prefix { !$0.isWhitespace }))
        else {
            throw Trouble("the server did not start: \(program.errors.all.joined(separator: "\n"))")
        }
        self.url = url
    }

    /// Runs any program to its end without keeping a thread waiting.
    static func runTool(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil,
        input: String = ""
    ) async throws -> (status: Int32, output: String, errors: String) {
        let program = try Program(path, arguments, environment: environment, folder: folder, hasInput: true)
        try program.say(input)
        try program.endInput()
        return await ended(program)
    }

    /// Runs a command to its end: exit status, standard output, standard error.
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String, errors: String) {
        await ended(try launch(arguments, environment))
    }

    private static func ended(_ program: Program) async -> (status: Int32, output: String, errors: String) {
        await program.waitForExit()
        return (program.status, await program.output.rest(), await program.errors.rest())
    }

    private static func launch(
        _ arguments: [String], _ environment: [String: String]
    ) throws -> Program {
        let keys = ["AMPTILL_OPERATOR_KEY": operatorKey, "AMPTILL_INSTALLATION_KEY": installationKey]
        return try Program(binary.path, arguments, environment: keys.merging(environment) { $1 })
    }

    /// Whether the process still runs.
    var isRunning: Bool { program.isRunning }
    /// Lines on standard error so far.
    var log: [String] { program.errors.all }
    /// Its process number, for benchmarks.
    var pid: Int32 { program.pid }

    /// `kill -9`.
    func kill() async {
        program.kill()
        await program.waitForExit()
    }

    /// Asks it to end, and waits; one that has not ended after half a minute is killed, and the test fails.
    func stop() async {
        program.terminate()
        let patience = Task { [program] in
            try await Task.sleep(for: .seconds(30))
            Issue.record(
                "the server did not end when it was asked to; its last words: \(Self.end(of: program))")
            program.kill()
        }
        await program.waitForExit()
        patience.cancel()
    }

    private static func end(of program: Program) -> String {
        program.errors.all.suffix(50).joined(separator: "\n")
    }

    deinit {
        // A test that comes to its end stops its servers. What one said last that was left, or that ended by itself, may tell
        // why a test did not.
        guard program.isRunning || ![0, SIGKILL].contains(program.status), !log.isEmpty else { return }
        let words = "The last words of \(url), which nobody stopped:\n\(Self.end(of: program))\n"
        FileHandle.standardError.write(Data(words.utf8))
    }
}

/// What went wrong in a test's surroundings.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
