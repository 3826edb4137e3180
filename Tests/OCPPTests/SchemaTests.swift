// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONText
import OCPP
import Synchronization
import Testing

/// What we write, checked by the JSON schemas of the Open Charge Alliance as the Python package `ocpp` carries them.
@Suite(
    "Our messages and the schemas",
    .enabled(
        if: ProcessInfo.processInfo.environment["AMPTILL_PYTHON"] != nil,
        "AMPTILL_PYTHON names a Python with the package ocpp"))
struct SchemaTests {
    private static let now: Int64 = 1_795_521_600_123_000_000
    private static let hash: JSON = [
        "hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "c",
    ]
    private static let request: JSON = [
        "vatNumber": "DE123456789012345678901", "evseId": 1,
        "certificateStatusRequests": [["certificateHashData": hash, "source": "CRL", "urls": ["http://a"]]],
    ]

    @Test("every answer and every command is valid, and no message is forgotten", .timeLimit(.minutes(1)))
    func valid() async throws {
        let lines = OCPPVersion.allCases.flatMap { version in
            let actions = Catalogue.entries(of: version).map { JSON.string($0.action) }
            return [["version": .string(version.rawValue), "actions": .array(actions)]]
                + answers(version) + commands(version)
        }

        let (status, output) = try await check(lines.map { $0.text() }.joined(separator: "\n"))

        #expect(status == 0, "\(output)")
    }

    @Test("the check itself can fail", .timeLimit(.minutes(1)))
    func falsifiable() async throws {
        let line = Self.line(.v16, "Heartbeat", "result", ["currentTime": 7])

        let (status, output) = try await check(line.text())

        #expect(status == 1)
        #expect(output.contains("Heartbeat"))
    }

    private static func line(_ version: OCPPVersion, _ action: String, _ kind: String, _ payload: JSON)
        -> JSON
    {
        [
            "version": .string(version.rawValue), "action": .string(action), "kind": .string(kind),
            "payload": payload,
        ]
    }

    private func answers(_ version: OCPPVersion) -> [JSON] {
        var lines: [JSON] = []
        // A SEND has no answer and no schema of one.
        for entry in Catalogue.entries(of: version)
        where entry.sender != .us && entry.action != "NotifyPeriodicEventStream" {
            let answer = StandardAnswer.payload(
                to: entry.action, Self.request, in: version, atNanoseconds: Self.now)
            if let answer { lines.append(Self.line(version, entry.action, "result", answer)) }
        }
        for status in RegistrationStatus.allCases {
            let answer = V16.BootNotification.answer(status, atNanoseconds: Self.now, intervalSeconds: 300)
            lines.append(Self.line(version, "BootNotification", "result", answer))
        }
        lines.append(Self.line(version, "Heartbeat", "result", V16.Heartbeat.answer(atNanoseconds: Self.now)))
        for status in [DataTransfer.Status.accepted, .rejected, .unknownMessageID] {
            lines.append(Self.line(version, "DataTransfer", "result", DataTransfer.answer(status)))
        }
        return lines + (version == .v16 ? tokenAnswers16() : tokenAnswers2(version))
    }

    private func tokenAnswers16() -> [JSON] {
        V16.AuthorizationStatus.allCases.flatMap { status in
            [nil, "GROUP", String(repeating: "g", count: 21)].flatMap { group in
                let info = V16.IDTagInfo(status, expiresAtNanoseconds: Self.now, parentIDTag: group)
                return [
                    Self.line(.v16, "Authorize", "result", V16.Authorize.answer(info)),
                    Self.line(
                        .v16, "StartTransaction", "result", V16.StartTransaction.answer(transaction: 7, info)),
                    Self.line(.v16, "StopTransaction", "result", V16.StopTransaction.answer(info)),
                    Self.line(.v16, "StopTransaction", "result", V16.StopTransaction.answer(nil)),
                ]
            }
        }
    }

    private func tokenAnswers2(_ version: OCPPVersion) -> [JSON] {
        V201.AuthorizationStatus.allCases.flatMap { status in
            [nil, "GROUP", String(repeating: "g", count: 37)].flatMap { (group: String?) in
                let info = V201.IDTokenInfo(
                    status, expiresAtNanoseconds: Self.now,
                    group: group.map { V201.IDToken($0, type: "Central") })
                return [
                    Self.line(version, "Authorize", "result", V201.Authorize.answer(info)),
                    Self.line(
                        version, "TransactionEvent", "result",
                        V201.TransactionEvent.answer(totalCost: "12.30", info)),
                    Self.line(
                        version, "TransactionEvent", "result",
                        V201.TransactionEvent.answer(totalCost: nil, nil)),
                ]
            }
        }
    }

    private func commands(_ version: OCPPVersion) -> [JSON] {
        func line<Message: OutgoingMessage>(_ message: Message) -> JSON {
            Self.line(version, Message.action, "call", message.payload)
        }
        guard version != .v16 else {
            return [
                line(V16.RemoteStartTransaction(connectorID: 1, idTag: "A2345678901234567890")),
                line(V16.RemoteStopTransaction(transaction: 7)), line(V16.UnlockConnector(connectorID: 1)),
                line(V16.Reset(isHard: true)), line(V16.Reset(isHard: false)),
                line(V16.ChangeAvailability(connectorID: 0, isOperative: true)),
                line(V16.ChangeAvailability(connectorID: 1, isOperative: false)),
            ]
                + V16.TriggerMessage.Requested.allCases.flatMap {
                    [line(V16.TriggerMessage($0)), line(V16.TriggerMessage($0, connectorID: 1))]
                }
        }
        let evse = V201.EVSE(id: 1, connectorID: 1)
        let token = V201.IDToken("tok", type: "Central")
        return [
            line(V201.RequestStartTransaction(evseID: 1, idToken: token, remoteStartID: 5)),
            line(V201.RequestStopTransaction(transaction: "T1")),
            line(V201.GetTransactionStatus(transaction: "T1")),
            line(V201.CostUpdated(transaction: "T1", totalCost: "0.00")),
            line(V201.Reset(isImmediate: true)), line(V201.Reset(isImmediate: false)),
            line(V201.UnlockConnector(evseID: 1, connectorID: 1)),
            line(V201.ChangeAvailability(evse: evse, isOperative: true)),
            line(V201.ChangeAvailability(evse: nil, isOperative: false)),
        ]
            + V201.TriggerMessage.Requested.allCases.flatMap {
                [line(V201.TriggerMessage($0)), line(V201.TriggerMessage($0, evse: evse))]
            }
    }

    /// Hands lines to the script; its exit status and what it printed. It is heard on a thread of its own: those that all tests
    /// share are few.
    private func check(_ lines: String) async throws -> (status: Int32, output: String) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try Self.wait(forCheckOf: lines) }) }
        }
    }

    /// Held while pipes are made and a script is started: another that starts meanwhile would inherit the pipes.
    private static let starting = Mutex(())

    private static func wait(forCheckOf lines: String) throws -> (status: Int32, output: String) {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/ocpp/check_payloads.py")
        let process = Process()
        process.executableURL = URL(filePath: ProcessInfo.processInfo.environment["AMPTILL_PYTHON"] ?? "")
        process.arguments = [script.path]
        let (input, output) = try starting.withLock { _ in
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            return (input, output)
        }
        try input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
        try input.fileHandleForWriting.close()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: printed, as: UTF8.self))
    }
}
