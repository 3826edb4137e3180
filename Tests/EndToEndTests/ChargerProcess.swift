// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText

/// The independent charger of `Tests/Peers/charger`, on the public Python package `ocpp`.
final class ChargerProcess: Sendable {
    /// The Python that has the peers' packages; `make test` sets it.
    static let python = ProcessInfo.processInfo.environment["AMPTILL_PYTHON"]

    private let program: Program

    /// Plugs a station in; `options` are those of charger.py.
    init(_ identity: String, version: String, at server: URL, options: [String] = []) throws {
        guard let python = Self.python else { throw Trouble("AMPTILL_PYTHON is not set; run make test") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Peers/charger/charger.py")
        let socket = server.absoluteString.replacingOccurrences(of: "http://", with: "ws://") + "/ocpp"
        program = try Program(
            python,
            [script.path, "--url", socket, "--id", identity, "--version", version, "--timeout", "10"]
                + options)
    }

    /// Sends raw frames and gives the reply to each; nil where none came within ten seconds.
    static func send(
        _ frames: [String], as identity: String, version: String, password: String, to server: URL
    ) async throws -> [String?] {
        guard let python else { throw Trouble("AMPTILL_PYTHON is not set; run make test") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Peers/ocpp/send_frames.py")
        let socket = server.absoluteString.replacingOccurrences(of: "http://", with: "ws://") + "/ocpp"
        let lines = frames.map { JSON.string($0).text() }.joined(separator: "\n")
        let run = try await ServerProcess.runTool(
            python,
            [
                script.path, "--url", socket, "--id", identity, "--version", version, "--password", password,
                "--timeout", "10",
            ],
            input: lines)
        guard run.status == 0 else { throw Trouble("the line was lost: \(run.output) \(run.errors)") }
        return try run.output.split(separator: "\n").map { line in
            try JSON.parse(Array(line.utf8))["reply"]?.string
        }
    }

    /// Everything it has told so far.
    var events: [JSON] {
        // a line that is no JSON is Python's, not the charger's
        program.output.all.compactMap { try? JSON.parse(Array($0.utf8)) }
    }

    /// The total that the answer to Ended told (2.x), in cents.
    var finalCostShown: Int64? {
        let shown = events.last { $0["event"]?.string == "cost" && $0["final"]?.bool == true }
        // Digits of a JSON number; no arithmetic on fractions.
        let parts = (shown?["total"]?.text() ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first else { return nil }
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return Int64(whole + fraction.padding(toLength: 2, withPad: "0", startingAt: 0))
    }

    /// Waits for an event of that name.
    func event(_ name: String, within limit: Duration = .seconds(30)) async throws -> JSON {
        let line = await program.output.first(
            where: { $0.contains("\"event\": \"\(name)\"") }, within: limit)
        guard let line, let event = try? JSON.parse(Array(line.utf8)) else {  // the text is shown below
            throw Trouble(
                "no \(name) from the charger; it told \(program.output.all) and \(program.errors.all)")
        }
        return event
    }

    /// Pulls its plug. SIGTERM would not do: children inherit the test runner's mask, which blocks it.
    func stop() { program.kill() }
}
