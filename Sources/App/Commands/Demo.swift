// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Logging
import Quantities
import Simulation

/// `amptill demo`: the server with a site, two simulated chargers and a driver who comes and goes.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a demonstration: a site, two simulated chargers, drivers.",
        discussion: """
            Open the printed address of a charging point, reserve with a Sandbox instrument, and watch the price rise. \
            The simulated clock runs --speed times as fast, so a session takes a minute instead of half an hour.
            """)

    @OptionGroup var options: ServerOptions

    @Option(help: ArgumentHelp("How many times as fast as real time it runs.", valueName: "times"))
    var speed: Int64 = 30

    func validate() throws {
        guard (1...1000).contains(speed) else { throw ValidationError("--speed must be between 1 and 1000.") }
    }

    func run() async throws {
        try await Ending.explained {
            let start = try await Start(options, clockRate: speed)
            let till = try await Till(start.plan)
            let seeded = try await SeedDemonstration(desk: till.desk)(in: till.founded.organisation)
            let stage = DemoStage(till: till, seeded: seeded, host: start.host, port: start.port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await till.serve(host: start.host, port: start.port) { announce(till, seeded, start) }
                }
                group.addTask { await stage.run() }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private func announce(_ till: Till, _ seeded: SeedDemonstration.Seeded, _ start: Start) {
        let url = start.plan.settings.publicURL
        var lines = ["Amptill listens on \(url)", ""]
        for station in seeded.stations {
            lines.append("  Charge as a guest at \(station.identity):  \(url)/e/\(station.code)")
        }
        lines.append("  Operator console:             \(url)/operator")
        if let key = till.founded.newKey { lines.append("  Operator key (shown once):    \(key)") }
        lines += ["", "The clock runs \(speed) times as fast. Stop with Ctrl-C."]
        Lines.output(lines.joined(separator: "\n"))
    }
}

/// The chargers and the driver of the demonstration.
struct DemoStage: Sendable {
    let till: Till
    let seeded: SeedDemonstration.Seeded
    let host: String
    let port: Int

    func run() async {
        let clock = till.desk.clock
        let socket = SimulatedSocket(host: host == "0.0.0.0" ? "127.0.0.1" : host, port: port, password: nil)
        let runners = zip(seeded.stations, [("2.0.1", Int64(120_000)), ("1.6", 11_000)]).map {
            station, kind in
            StationRunner(
                SimulatedStation.Plan(
                    identity: station.identity, version: kind.0, power: Power(watts: kind.1),
                    energyWanted: Energy(wattHours: kind.1 > 50_000 ? 28_000 : 9_000), stay: .minutes(4),
                    meterInterval: .seconds(15)),
                socket: socket, clock: clock, log: till.desk.log)
        }
        await withTaskGroup(of: Void.self) { group in
            for runner in runners { group.addTask { await runner.run() } }
            if let second = runners.last {
                let driver = DemoDrivers(
                    station: second, token: seeded.card, clock: clock, log: till.desk.log, interval: .hours(2)
                )
                group.addTask { await driver.run() }
            }
        }
    }
}
