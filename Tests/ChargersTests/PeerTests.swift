// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Foundation
import OCPP
import Quantities
import Synchronization
import Testing

/// A station that somebody else's OCPP and WebSocket libraries speak for (PyPI `ocpp` and `websockets`).
@Suite(
    "Stations that we did not write", .timeLimit(.minutes(2)),
    .enabled(
        if: ProcessInfo.processInfo.environment["AMPTILL_PYTHON"] != nil,
        "AMPTILL_PYTHON names a Python with the packages ocpp and websockets"))
struct PeerTests {
    @Test(
        "a station boots, charges with a card and stops; nothing is an error", arguments: OCPPVersion.allCases
    )
    func card(version: OCPPVersion) async throws {
        try await DoorServer.run(NotebookDoor(passwords: ["CP1": "secret"])) { server in
            let (status, events) = try await Self.charger(
                server.port, version, ["--token", "TAG1", "--kwh", "1", "--minutes", "2", "--speed", "120"])

            #expect(status == 0, "\(events)")
            #expect(events.contains(#""event": "session_ended""#) && events.contains(#""energy_wh": 1000"#))
            #expect(!events.contains("error_reply") && !events.contains(#""event": "bug""#))
            let notes = server.door.read
            let registers = Self.registers(notes.messages)
            #expect(registers.max().map { $0 - (registers.min() ?? 0) } == 1_000_000)
            #expect(notes.kept.isEmpty)
            #expect(notes.frames.allSatisfy { $0.findings.isEmpty }, "\(notes.frames.map(\.findings))")
        }
    }

    @Test("a remote start and stop reach the station", arguments: OCPPVersion.allCases)
    func remote(version: OCPPVersion) async throws {
        try await DoorServer.run(NotebookDoor(passwords: ["CP1": "secret"])) { server in
            async let station = Self.charger(server.port, version, ["--minutes", "60", "--speed", "60"])
            let start = server.door.enqueue(
                .start(evse: 1, connector: 1, token: PresentedToken(uid: "A1"), remoteStartID: 17), for: "CP1"
            )
            // The second message about the session proves that the station heard the answer to the first.
            await server.door.wait { !$0.replies.isEmpty && Self.reports($0.messages).count >= 2 }
            #expect(server.door.read.replies[start] == .accepted)

            // 1.6 names it by our number, 2.x by its own name.
            var name: String?
            if case .named(let own)? = Self.reports(server.door.read.messages).first?.reference { name = own }
            let stop = server.door.enqueue(.stop(number: 7, name: name), for: "CP1")
            await server.door.wait { $0.replies.count == 2 }
            #expect(server.door.read.replies[stop] == .accepted)

            let (status, events) = try await station
            #expect(status == 0, "\(events)")
            #expect(events.contains("remote_stop") && !events.contains("error_reply"))
        }
    }

    @Test("a wrong password keeps a station out")
    func wrongPassword() async throws {
        try await DoorServer.run(NotebookDoor(passwords: ["CP1": "other"])) { server in
            let (status, events) = try await Self.charger(server.port, .v16, ["--token", "TAG1"])

            #expect(status == 1 && events.contains(#""status": 401"#))
        }
    }

    private static func reports(_ messages: [StationMessage]) -> [TransactionReport] {
        messages.compactMap { if case .transaction(let report) = $0 { report } else { nil } }
    }

    /// Every register that was told, in milliwatt-hours.
    private static func registers(_ messages: [StationMessage]) -> [Int64] {
        reports(messages).flatMap(\.facts).compactMap { fact in
            switch fact.kind {
            case .started(let register), .ended(let register, _): register?.milliwattHours
            case .reading(let reading) where reading.measurand == .importRegister: reading.value
            default: nil
            }
        }
    }

    /// Held while a pipe is made and a station is started: another that starts meanwhile would inherit the pipe.
    private static let starting = Mutex(())

    /// Runs the station until it ends: its exit status and its events, one JSON line each. It is killed when the time of the
    /// test is over.
    private static func charger(
        _ port: Int, _ version: OCPPVersion, _ options: [String]
    ) async throws -> (status: Int32, events: String) {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/charger/charger.py")
        let process = Process()
        process.executableURL = URL(filePath: ProcessInfo.processInfo.environment["AMPTILL_PYTHON"] ?? "")
        process.arguments =
            [
                script.path, "--url", "ws://127.0.0.1:\(port)/ocpp", "--id", "CP1", "--password", "secret",
                "--version", version.rawValue, "--give-up-after", "30",
            ] + options
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                do {
                    try starting.withLock { _ in
                        let output = Pipe()
                        process.standardOutput = output
                        process.terminationHandler = { process in
                            // What is left in a pipe of a process that has ended can be read without waiting.
                            let printed = output.fileHandleForReading.readDataToEndOfFile()
                            continuation.resume(
                                returning: (
                                    process.terminationStatus, String(decoding: printed, as: UTF8.self)
                                ))
                        }
                        try process.run()
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
    }
}
