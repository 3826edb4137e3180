// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Foundation
import Logging
import Payments
import Quantities
import Simulation
import Storage
import Synchronization

/// `amptill bench`: figures of this machine.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure this machine.", subcommands: [SettlingBench.self, RatingBench.self],
        defaultSubcommand: SettlingBench.self)
}

/// `amptill bench settling`: whole sessions, beside what the database alone can do in the same run.
struct SettlingBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settling",
        abstract: "Measure sessions settled per second, beside the database's own speed.",
        discussion: """
            Each session goes from its start message to its receipt: start, one reading, stop, settlement. The baseline \
            writes the same number of rows in the same number of transactions. Use a release build: make bench.
            """)

    @Option(
        help: ArgumentHelp(
            "postgres://… or the path of a new SQLite file; may be repeated.", valueName: "address"))
    var database: [String] = []

    @Option(help: "Stations that charge at the same time.")
    var stations = 32

    @Option(help: "Sessions on each station.")
    var sessions = 20

    func validate() throws {
        guard (1...1000).contains(stations), (1...100_000).contains(sessions) else {
            throw ValidationError("--stations must be 1 to 1000 and --sessions 1 to 100000.")
        }
    }

    func run() async throws {
        try await Ending.explained {
            Lines.output(Machine.description)
            Lines.output(
                "\(stations) stations at the same time, \(sessions) sessions each, start to receipt\n")
            Lines.output(
                "database\tsessions/s\tCPU ms/session\ttransactions/session\tbaseline sessions/s\tratio")
            for address in database.isEmpty ? [Self.temporaryFile()] : database { try await measure(address) }
        }
    }

    private static func temporaryFile() -> String {
        NSTemporaryDirectory() + "amptill-bench-\(UUID().uuidString).db"
    }

    private func measure(_ address: String) async throws {
        let commits = Counter()
        var log = Logs.standard()
        log.logLevel = .critical
        let options = StoreOptions(
            commitHook: { moment in if moment == .after { commits.add() } }, log: log)
        let location = try DatabaseOptions.location(address)
        let store = try await InstallationKey(for: location, file: nil).open(location, options)
        let desk = Desk(
            store: store, clock: WallClock(), ids: IDSource(), zones: SystemZones(),
            gateways: GatewayCatalogue.byKind, settings: Settings(publicURL: ""), log: log)
        try await desk.settleAtOnce()
        let load = try await SettlementLoad(desk: desk, stations: stations)
        let (rowsBefore, commitsBefore) = (try await desk.rowCount(), commits.value)
        let stopwatch = Stopwatch()
        let settled = try await load.run(perStation: sessions)
        let (seconds, cpu) = stopwatch.read()
        guard settled == stations * sessions else {
            throw Ending.failure("only \(settled) of \(stations * sessions) sessions were settled")
        }
        let transactions = commits.value - commitsBefore
        let rows = try await desk.rowCount() - rowsBefore
        let raw = Stopwatch()
        try await SettlementLoad.baseline(
            on: desk, transactions: transactions, rows: rows, concurrency: stations)
        let (rawSeconds, _) = raw.read()
        await store.close()
        let name = address.hasPrefix("postgres") ? "PostgreSQL" : "SQLite"
        Lines.output(
            String(
                format: "%@\t%.0f\t%.2f\t%.1f\t%.0f\t%.2f", name, Double(settled) / seconds,
                cpu * 1000 / Double(settled), Double(transactions) / Double(settled),
                Double(settled) / rawSeconds,
                rawSeconds / seconds))
    }
}

extension Desk {
    /// Every row that was written, of the tables that a session touches.
    fileprivate func rowCount() async throws -> Int {
        try await store.read { tx in
            Int(
                try tx.count(FrameRecord.self) + tx.count(SessionRecord.self) + tx.count(FactRecord.self)
                    + tx.count(QuoteRecord.self) + tx.count(BillRecord.self) + tx.count(PaymentRecord.self)
                    + tx.count(PendingRecord.self) + tx.count(TransactionRow.self) + tx.count(EntryRow.self)
                    + tx.count(DocumentRecord.self))
        }
    }

    /// The quiet time after a stop is a rule, not work: the benchmark's organisation waits for nothing.
    fileprivate func settleAtOnce() async throws {
        _ = try await FoundInstallation(desk: self)(operatorKey: nil)
        try await store.transaction { tx in
            guard var organisation = try tx.organisations().first else { return }
            organisation.policy.quiet = .zero
            try tx.update(&organisation)
        }
    }
}

/// Counts across threads.
private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

/// Wall and CPU seconds since it was made.
private struct Stopwatch {
    private let start = ContinuousClock.now
    private let cpu = Self.cpuSeconds

    func read() -> (seconds: Double, cpu: Double) {
        let passed = ContinuousClock.now - start
        let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
        return (seconds, Self.cpuSeconds - cpu)
    }

    private static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
        let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
        return user + system
    }
}

/// The conditions that belong beside a figure.
enum Machine {
    static var description: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let memory = ProcessInfo.processInfo.physicalMemory >> 30
        let load =
            // shown as unknown where there is none
            (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?
            .split(separator: " ").first.map(String.init) ?? "unknown"
        #if DEBUG
        let build = "debug build"
        #else
        let build = "release build"
        #endif
        return "\(cores) cores, \(memory) GiB, load \(load), \(build)"
    }
}
