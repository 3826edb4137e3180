// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantities
import Tariffs

/// `amptill price`: what a session costs under a tariff, and why; or whether a received CDR is right.
struct Price: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Price a session under an OCPI tariff, verify a CDR, or price many sessions at once.",
        discussion: """
            Exit status 0: priced. 2: not priced, with one line on standard error that names file, place and problem. \
            With --batch each line is {"id", "tariff", "session"} and is answered by one line; exit status 1 means \
            that some lines hold an error. A session may also say who pays how (context) and which tariffs took over \
            (tariff_changes); see docs/guides/write-a-tariff.md.
            """)

    @Option(help: ArgumentHelp("An OCPI Tariff object, 2.2.1 or 2.3.0.", valueName: "file"))
    var tariff: String?

    @Option(help: ArgumentHelp("A session with its intervals.", valueName: "file"))
    var session: String?

    @Option(help: ArgumentHelp("A received OCPI CDR, to be compared with its price.", valueName: "file"))
    var cdr: String?

    @Option(
        help: ArgumentHelp("The IANA zone of the location; wins over the session's own.", valueName: "zone"))
    var timeZone: String?

    @Option(help: "json, or text for a person.")
    var format: Format = .json

    @Flag(help: "Show the timeline as segments, each with what priced it.")
    var explain = false

    @Option(help: ArgumentHelp("Lines of {id, tariff, session}; - for standard input.", valueName: "file"))
    var batch: String?

    enum Format: String, ExpressibleByArgument { case json, text }

    func run() async throws {
        let command = PriceCommand(timeZone: timeZone, zones: Self.zone)
        if let batch { return try priceBatch(batch, command) }
        do {
            if let cdr { return try verify(cdr, command) }
            guard let tariff, let session else {
                throw Ending.failure("give --tariff and --session, --cdr, or --batch")
            }
            let priced = try command.priced(tariff: try read(tariff), session: try read(session))
            show(priced.rated, in: priced.zone)
        } catch let failure as PriceCommand.Failure {
            let files = [
                PriceCommand.Source.tariff: tariff, .session: session, .cdr: cdr, .timeZone: "--time-zone",
            ]
            let file = (files[failure.source] ?? nil) ?? failure.source.rawValue
            throw Ending.failure(Self.oneLine("\(file): \(failure.refusal)"))
        }
    }

    private func show(_ rated: Rated, in zone: ZoneRules?) {
        switch format {
        case .json: write(explain ? rated.explainedJSON : rated.contractJSON)
        case .text:
            let timeline = explain ? rated.timeline(in: zone, isColoured: Self.isColoured) + "\n" : ""
            FileHandle.standardOutput.write(
                Data((timeline + rated.table(isColoured: Self.isColoured)).utf8))
        }
    }

    private func verify(_ path: String, _ command: PriceCommand) throws {
        let verification = try command.verify(cdr: try read(path), tariff: try tariff.map(read))
        switch format {
        case .json: write(verification.contractJSON)
        case .text:
            FileHandle.standardOutput.write(Data(verification.table(isColoured: Self.isColoured).utf8))
        }
    }

    /// Whether a person at a terminal reads, and has not asked for no colours (no-color.org).
    private static var isColoured: Bool { isatty(STDOUT_FILENO) == 1 && Environment["NO_COLOR"] == nil }

    /// What a file says must not break the one line on standard error.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.isWhitespace || $0.value < 32 ? " " : $0 }))
    }

    private func write(_ json: [UInt8]) { FileHandle.standardOutput.write(Data(json + Array("\n".utf8))) }

    private func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Ending.failure("\(path): the file cannot be read")
        }
        return Array(data)
    }

    /// One line in, one line out; memory does not grow with the file.
    private func priceBatch(_ path: String, _ command: PriceCommand) throws {
        guard let lines = LineReader(path) else { throw Ending.failure("\(path): the file cannot be read") }
        var number = 0
        var allPriced = true
        while let line = lines.next() {
            number += 1
            guard !line.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) else { continue }
            let (answer, isPriced) = command.batchLine(line, number: number)
            allPriced = allPriced && isPriced
            write(answer)
        }
        if !allPriced { throw ExitCode(1) }
    }

    private static let zone: PriceCommand.ZoneLookup = { name, span in
        // An unknown zone is told by the command itself, with its place in the input.
        try? SystemZones().rules(of: name, from: span.lowerBound, to: span.upperBound)
    }
}

/// Reads a file line by line. A line is cut off a little beyond 64 MiB, where it is refused anyway.
final class LineReader {
    private static let longest = 64 << 20
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    /// How many bytes of the buffer hold no line end.
    private var searched = 0
    private var isAtEnd = false

    init?(_ path: String) {
        var isFolder: ObjCBool = false
        if path == "-" {
            handle = .standardInput
        } else if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
            let file = FileHandle(forReadingAtPath: path)
        {
            handle = file
        } else {
            return nil
        }
    }

    func next() -> [UInt8]? {
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[..<end].prefix(Self.longest + 1))
                buffer.removeSubrange(...end)
                searched = 0
                return line
            }
            searched = buffer.count
            if isAtEnd {
                guard !buffer.isEmpty else { return nil }
                defer { (buffer, searched) = ([], 0) }
                return Array(buffer.prefix(Self.longest + 1))
            }
            // What is beyond the longest line is dropped while its end is looked for.
            if buffer.count > Self.longest + 1 {
                buffer.removeSubrange((Self.longest + 1)...)
                searched = buffer.count
            }
            let more = handle.readData(ofLength: 1 << 16)
            isAtEnd = more.isEmpty
            buffer += more
        }
    }
}
