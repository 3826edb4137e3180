// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Synchronization
import Testing

/// A program of Tests/Peers/gateways: one JSON document per line goes in, lines come out.
enum GatewayPeer {
    static let python = ProcessInfo.processInfo.environment["AMPTILL_PYTHON"]
    static let isThere = python != nil
    static let need: Comment = "AMPTILL_PYTHON names a Python with the packages of Tests/Peers/gateways"

    /// Held while pipes are made and a program is started: another that starts meanwhile would inherit the pipes, and they
    /// would not end before it does.
    static let starting = Mutex(())

    /// Runs a program to its end, on a thread of its own: those that all tests share are few.
    static func run(_ script: String, _ input: [JSON]) async throws -> (status: Int32, lines: [String]) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try wait(for: script, input) }) }
        }
    }

    private static func wait(for script: String, _ input: [JSON]) throws -> (status: Int32, lines: [String]) {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Peers/gateways")
        let process = Process()
        process.executableURL = URL(filePath: python ?? "")
        process.arguments = [folder.appending(path: script).path()]
        process.standardError = FileHandle.nullDevice
        let (feed, output) = try starting.withLock { _ in
            let (feed, output) = (Pipe(), Pipe())
            process.standardInput = feed
            process.standardOutput = output
            try process.run()
            return (feed, output)
        }
        // A pipe takes 64 KiB without waiting; no test says more.
        try feed.fileHandleForWriting.write(
            contentsOf: Data(input.map { $0.text() + "\n" }.joined().utf8))
        try feed.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text.split(separator: "\n").map(String.init))
    }
}
