// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// A program of Tests/Peers/gateways: one JSON document per line goes in, lines come out.
enum GatewayPeer {
    static let python = ProcessInfo.processInfo.environment["AMPTILL_PYTHON"]
    static let isThere = python != nil
    static let need: Comment = "AMPTILL_PYTHON names a Python with the packages of Tests/Peers/gateways"

    static func run(_ script: String, _ input: [JSON]) throws -> (status: Int32, lines: [String]) {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Peers/gateways")
        let process = Process()
        process.executableURL = URL(filePath: python ?? "")
        process.arguments = [folder.appending(path: script).path()]
        let (feed, output) = (Pipe(), Pipe())
        process.standardInput = feed
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // A pipe takes 64 KiB without waiting; no test says more.
        try feed.fileHandleForWriting.write(
            contentsOf: Data(input.map { $0.text() + "\n" }.joined().utf8))
        try feed.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text.split(separator: "\n").map(String.init))
    }
}
