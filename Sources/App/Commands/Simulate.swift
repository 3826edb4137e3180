// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Logging
import Payments
import Quantities
import Simulation
import Storage

/// `amptill simulate`: the whole path with faults, or a charger that misbehaves against any server.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Flood the whole path with faults, or play a charger that misbehaves.",
        subcommands: [SimulateWorld.self, SimulateCharger.self], defaultSubcommand: SimulateWorld.self)
}

/// `amptill simulate world`: floods the whole path with faults from a seed, then checks every promise about money.
struct SimulateWorld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "world", abstract: "Flood the whole path with faults and check the promises.",
        discussion:
            "Exit status 0: every promise holds. 1: some do not; run the same seed again to see it again.")

    @Option(help: "The story's seed; the same seed tells the same story.")
    var seed: UInt64 = 7

    @Option(help: "How many visits.")
    var sessions = 100

    @Option(
        help: ArgumentHelp("postgres://… to run on PostgreSQL; default: in memory.", valueName: "address"))
    var database: String?

    func validate() throws {
        guard (1...100_000).contains(sessions) else {
            throw ValidationError("--sessions must be between 1 and 100000.")
        }
    }

    func run() async throws {
        try await Ending.explained {
            var log = Logs.standard()
            log.logLevel = .critical
            let location = try database.map { try DatabaseOptions.location($0) } ?? .memory
            let store = try await InstallationKey(for: location, file: nil)
                .open(location, StoreOptions(log: log))
            let desk = Desk(
                store: store, clock: WallClock(frozenAt: Instant(seconds: 1_800_000_000)),
                ids: IDSource(seed: seed),
                zones: SystemZones(), gateways: GatewayCatalogue.byKind, settings: Settings(publicURL: ""),
                log: log)
            Lines.output("seed \(seed), \(sessions) visits")
            let report = try await World(desk: desk).play(visits: sessions, seed: seed)
            for (outcome, count) in report.outcomes.sorted(by: { $0.key < $1.key }) {
                Lines.output("  \(count)\t\(outcome)")
            }
            Lines.output(
                "at the gateway by our books \(report.keptHere), by the Sandbox's \(report.keptThere)")
            await store.close()
            for line in report.broken { Lines.error("BROKEN \(line)") }
            if !report.broken.isEmpty { throw ExitCode(1) }
            Lines.output("every promise holds")
        }
    }
}
