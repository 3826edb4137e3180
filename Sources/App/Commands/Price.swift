// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Quantities
import Tariffs

/// `amptill price`: what a session costs under a tariff, and why.
struct Price: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Price a session under an OCPI tariff, or many at once.",
        discussion: """
            Exit status 0: priced. 2: not priced, with one line on standard error that names file, place and problem. \
            With --batch each line is {"id", "tariff", "session"} and is answered by one line; exit status 1 means \
            that some lines hold an error.
            """)

    @Option(help: ArgumentHelp("An OCPI Tariff object, 2.2.1 or 2.3.0.", valueName: "file"))
    var tariff: String?

    @Option(help: ArgumentHelp("A session with its intervals.", valueName: "file"))
    var session: String?

    @Option(
        help: ArgumentHelp("The IANA zone of the location; wins over the session's own.", valueName: "zone"))
    var timeZone: String?

    @Option(help: "json, or text for a person.")
    var format: Format = .json

    @Option(help: ArgumentHelp("Lines of {id, tariff, session}; - for standard input.", valueName: "file"))
    var batch: String?

    enum Format: String, ExpressibleByArgument { case json, text }

    func validate() throws {
        guard batch == nil else { return }
        guard tariff != nil, session != nil else {
            throw ValidationError("Give --tariff and --session, or --batch.")
        }
    }

    func run() async throws {
        let command = PriceCommand(timeZone: timeZone, zones: Self.zone)
        if let batch { return try priceBatch(batch, command) }
        guard let tariff, let session else { return }
        do {
            let rated = try command.price(tariff: try read(tariff), session: try read(session))
            switch format {
            case .json: FileHandle.standardOutput.write(Data(rated.contractJSON + Array("\n".utf8)))
            case .text: Lines.output(rated.table(isColoured: isatty(STDOUT_FILENO) == 1))
            }
        } catch let failure as PriceCommand.Failure {
            let file =
                failure.source == .tariff ? tariff : failure.source == .session ? session : "--time-zone"
            throw Ending.failure("\(file): \(failure.refusal)")
        }
    }

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
            FileHandle.standardOutput.write(Data(answer + Array("\n".utf8)))
        }
        if !allPriced { throw ExitCode(1) }
    }

    private static let zone: PriceCommand.ZoneLookup = { name, span in
        // An unknown zone is told by the command itself, with its place in the input.
        try? SystemZones().rules(of: name, from: span.lowerBound, to: span.upperBound)
    }
}

/// Reads a file line by line.
final class LineReader {
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    init?(_ path: String) {
        if path == "-" {
            handle = .standardInput
        } else if let file = FileHandle(forReadingAtPath: path) {
            handle = file
        } else {
            return nil
        }
    }

    func next() -> [UInt8]? {
        while true {
            if let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                return Array(buffer[position..<end])
            }
            if isAtEnd {
                guard position < buffer.count else { return nil }
                defer { position = buffer.count }
                return Array(buffer[position...])
            }
            let more = handle.readData(ofLength: 1 << 16)
            isAtEnd = more.isEmpty
            buffer = Array(buffer[position...]) + more
            position = 0
        }
    }
}
