// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText

/// A Python program that runs beside the server: an example, or a peer.
final class PythonProcess: Sendable {
    private let process = Process()
    private let input = Pipe()
    private let output = OutputLines()
    private let errors = OutputLines()

    /// Starts a script; `path` is seen from the root of the repository.
    init(_ path: String, _ arguments: [String] = []) throws {
        guard let python = ChargerProcess.python else {
            throw Trouble("AMPTILL_PYTHON is not set; run make test")
        }
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [Self.root.appendingPathComponent(path).path] + arguments
        process.standardInput = input
        process.standardOutput = output.pipe
        process.standardError = errors.pipe
        try process.run()
    }

    /// The root of the repository.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Runs a script to its end.
    static func run(
        _ path: String, _ arguments: [String], input: String = ""
    ) async throws -> (status: Int32, output: String, errors: String) {
        guard let python = ChargerProcess.python else {
            throw Trouble("AMPTILL_PYTHON is not set; run make test")
        }
        return try await ServerProcess.runTool(
            python, [root.appendingPathComponent(path).path] + arguments, input: input)
    }

    /// Runs an installed module to its end, with nothing left behind in the repository.
    static func module(
        _ name: String, _ arguments: [String]
    ) async throws -> (status: Int32, output: String, errors: String) {
        guard let python = ChargerProcess.python else {
            throw Trouble("AMPTILL_PYTHON is not set; run make test")
        }
        return try await ServerProcess.runTool(
            python, ["-m", name] + arguments, folder: FileManager.default.temporaryDirectory)
    }

    /// Lines of JSON so far; other lines are left out.
    // a line that is no JSON is Python's own
    var told: [JSON] { output.all.compactMap { try? JSON.parse(Array($0.utf8)) } }

    /// The first line of JSON that has this field.
    func line(with field: String, within limit: Duration = .seconds(20)) async throws -> JSON {
        let line = await output.first(where: { $0.contains("\"\(field)\"") }, within: limit)
        guard let line else { throw Trouble("no \(field): \(output.all) \(errors.all)") }
        return try JSON.parse(Array(line.utf8))
    }

    /// Says a line.
    func say(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Ends it at once, as a power cut would, and waits until its port is free.
    func kill() async {
        Foundation.kill(process.processIdentifier, SIGKILL)
        _ = await output.rest()
    }

    deinit { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }
}
