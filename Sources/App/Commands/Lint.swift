// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Foundation
import Quantities
import Tariffs

/// `amptill lint`: what is wrong or doubtful in a tariff, before somebody pays by it.
struct Lint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for mistakes in an OCPI tariff.",
        discussion: """
            Prints a JSON array of {code, severity, path, message}. Exit status 0: no errors; 1: errors; 2: the file \
            cannot be read.
            """)

    @Argument(help: ArgumentHelp("An OCPI Tariff object, 2.2.1 or 2.3.0.", valueName: "file"))
    var tariff: String

    @Option(
        help: ArgumentHelp(
            "The IANA zone of the location, for prices near a change of clocks.", valueName: "zone"))
    var timeZone: String?

    @Option(help: ArgumentHelp("The largest power at which it is offered, in kW.", valueName: "kW"))
    var powerKw: Int64?

    @Option(help: "json, or text for a person.")
    var format: Price.Format = .json

    func run() async throws {
        guard let data = FileManager.default.contents(atPath: tariff) else {
            throw Ending.failure("\(tariff): the file cannot be read")
        }
        var surroundings = Linter.Surroundings(at: WallClock().now)
        surroundings.power = powerKw.map { Power(watts: $0 * 1000) }
        surroundings.zone = try timeZone.map { name in
            let now = WallClock().now
            do {
                return try SystemZones().rules(
                    of: name, from: now - .hours(24 * 800), to: now + .hours(24 * 1600))
            } catch {
                throw Ending.failure("--time-zone: there is no time zone \"\(name)\"")
            }
        }
        let findings = Linter(surroundings).findings(inOCPI: Array(data))
        switch format {
        case .json: FileHandle.standardOutput.write(Data(findings.contractJSON + Array("\n".utf8)))
        case .text:
            Lines.output(findings.isEmpty ? "nothing found" : findings.map(\.line).joined(separator: "\n"))
        }
        // What is no JSON document is unreadable; what is no tariff has errors.
        if findings.contains(where: { $0.code == "json_invalid" }) { throw ExitCode(2) }
        if findings.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    func validate() throws {
        if let powerKw, !(0...1_000_000).contains(powerKw) {
            throw ValidationError("--power-kw must be between 0 and 1000000.")
        }
    }
}

extension Finding {
    /// `error    negative_price  /elements/0: The price is below zero.`
    fileprivate var line: String {
        "\(severity.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)) \(code)  "
            + "\(path.isEmpty ? "/" : path): \(message)"
    }
}
