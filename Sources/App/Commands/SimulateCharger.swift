// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Foundation
import JSONText
import Quantities
import Simulation

/// `amptill simulate charger --misbehave …`: a station that is wrong in one way that real stations are, against any
/// server.
struct SimulateCharger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "charger", abstract: "Play a charger that misbehaves on purpose.",
        discussion: """
            The last line of each scenario is its verdict: what really happened, to be compared with the bill, and what
            the server's replies alone show to be wrong. Exit status 1 if any is broken.
            """)

    @Option(help: ArgumentHelp("Where stations connect.", valueName: "ws://host:port/ocpp"))
    var url = "ws://127.0.0.1:8080/ocpp"

    @Option(help: ArgumentHelp("A name of --list, or all.", valueName: "scenario"))
    var misbehave: String?

    @Option(help: "1.6, 2.0.1 or 2.1.")
    var version = "1.6"

    @Option(help: "Prefix of the stations' identities; each scenario has its own.")
    var id = "MB"

    @Option(help: "Basic authentication.")
    var password: String?

    @Option(help: "A token that the server refuses.")
    var badToken = "BAD1"

    @Option(help: "Stations of reconnect-storm.")
    var count = 20

    @Flag(help: "Name the scenarios and what they do.")
    var list = false

    private var chosen: [Misbehaviour]? {
        guard let misbehave else { return nil }
        return misbehave == "all" ? Misbehaviour.allCases : Misbehaviour(rawValue: misbehave).map { [$0] }
    }

    func validate() throws {
        guard !list else { return }
        guard ["1.6", "2.0.1", "2.1"].contains(version) else {
            throw ValidationError("--version must be 1.6, 2.0.1 or 2.1.")
        }
        guard (1...10_000).contains(count) else {
            throw ValidationError("--count must be between 1 and 10000.")
        }
        guard chosen != nil else {
            throw ValidationError("Name a scenario with --misbehave, or all; see --list.")
        }
        guard let address = URL(string: url), address.scheme == "ws", address.host != nil,
            ["/ocpp", "/ocpp/"].contains(address.path)
        else { throw ValidationError("--url must look like ws://host:port/ocpp.") }
    }

    func run() async throws {
        if list {
            for scenario in Misbehaviour.allCases {
                let name = scenario.rawValue.padding(toLength: 30, withPad: " ", startingAt: 0)
                Lines.output("\(name) \(scenario.summary)")
            }
            return
        }
        guard let address = URL(string: url), let host = address.host else { throw ExitCode(2) }
        let socket = SimulatedSocket(host: host, port: address.port ?? 80, password: password)
        var isBroken = false
        for scenario in chosen ?? [] {
            let identity = "\(id)-\(scenario.rawValue)"
            let played = await play(scenario, identity, socket)
            Lines.output(MisbehavingStation.verdict(of: played, station: identity).text())
            if played.contains(where: { !$0.broken.isEmpty }) { isBroken = true }
        }
        if isBroken { throw ExitCode(1) }
    }

    private func play(
        _ scenario: Misbehaviour, _ identity: String, _ socket: SimulatedSocket
    ) async -> [MisbehavingStation] {
        let now = WallClock().now
        let identities = scenario == .reconnectStorm ? (0..<count).map { "\(identity)-\($0)" } : [identity]
        let runners = identities.map { identity in
            MisbehavingRunner(
                MisbehavingStation(
                    scenario, identity: identity, version: version, at: now, name: UUID().uuidString,
                    badToken: badToken), socket: socket)
        }
        // Until all have gathered, and on from there.
        for _ in 0..<2 {
            await withDiscardingTaskGroup { group in
                for runner in runners { group.addTask { await runner.play() } }
            }
        }
        var played: [MisbehavingStation] = []
        for runner in runners { played.append(await runner.station) }
        return played
    }
}
