// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText

/// A Python program that runs beside the server: an example, or a peer.
final class PythonProcess: Sendable {
    private let program: Program

    /// Starts a script; `path` is seen from the root of the repository.
    init(_ path: String, _ arguments: [String] = []) throws {
        guard let python = ChargerProcess.python else {
            throw Trouble("AMPTILL_PYTHON is not set; run make test")
        }
        program = try Program(
            python, [Self.root.appendingPathComponent(path).path] + arguments, hasInput: true)
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
    var told: [JSON] { program.output.all.compactMap { try? JSON.parse(Array($0.utf8)) } }

    /// The first line of JSON that has this field.
    func line(with field: String, within limit: Duration = .seconds(20)) async throws -> JSON {
        let line = await program.output.first(where: { $0.contains("\"\(field)\"") }, within: limit)
        guard let line else { throw Trouble("no \(field): \(program.output.all) \(program.errors.all)") }
        return try JSON.parse(Array(line.utf8))
    }

    /// Says a line.
    func say(_ line: String) throws { try program.say(line + "\n") }

    /// Ends it at once, as a power cut would, and waits until its port is free.
    func kill() async {
        program.kill()
        _ = await program.output.rest()
    }
}
