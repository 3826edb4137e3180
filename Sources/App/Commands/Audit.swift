// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Foundation
import Logging
import Payments
import Quantities
import Storage
import Synchronization

/// `amptill audit`: checks the invariants on live data; reads only, and works beside a running server.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the promises about money on live data.",
        discussion: "Exit status 0: all hold. 1: some do not; each is printed with what breaks it.")

    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Search database, exports and logs for card numbers instead.")
    var cards = false

    @Option(
        help: ArgumentHelp("A log file to search for card numbers too; may be repeated.", valueName: "file"))
    var log: [String] = []

    @Option(
        help: ArgumentHelp(
            "Fold again only sessions that became final on this day (UTC) or later.", valueName: "day"),
        transform: Self.midnight)
    var from: Instant?

    @Option(
        help: ArgumentHelp(
            "Fold again only sessions that became final before this day (UTC).", valueName: "day"),
        transform: Self.midnight)
    var to: Instant?

    private static func midnight(_ text: String) throws -> Instant {
        guard let instant = Instant(iso8601: "\(text)T00:00:00Z") else {
            throw ValidationError("\(text) is no day such as 2027-01-31.")
        }
        return instant
    }

    func validate() throws {
        guard cards || log.isEmpty else { throw ValidationError("--log goes with --cards.") }
    }

    func run() async throws {
        if cards { return try await findCards() }
        try await Ending.explained {
            let desk = try await Desk.reading(database)
            let progress = Progress()
            let findings = try await Invariants(desk: desk)(
                folding: Invariants.Span(from: from, to: to), progress: { progress.tell($0) })
            for finding in findings {
                let verdict =
                    finding.offenders.isEmpty
                    ? "holds" : "BROKEN by \(finding.offenders.joined(separator: ", "))"
                Lines.output("\(finding.id)\t\(verdict)\t\(finding.rule)")
            }
            await desk.store.close()
            if findings.contains(where: { !$0.offenders.isEmpty }) { throw ExitCode(1) }
        }
    }
}

extension Audit {
    /// Exit status 0: there is none anywhere. The numbers themselves are never printed.
    private func findCards() async throws {
        try await Ending.explained {
            let desk = try await Desk.reading(database)
            var findings = try await FindCards(desk: desk)()
            for path in log {
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw Ending.failure("--log: \(path) cannot be read")
                }
                findings += FindCards.lines(String(decoding: data, as: UTF8.self), in: "log \(path)")
            }
            await desk.store.close()
            for finding in findings { Lines.output("\(finding.count)\t\(finding.place)") }
            if !findings.isEmpty { throw ExitCode(1) }
            Lines.output("no card number found")
        }
    }
}

/// Tells on standard error how far a long audit is, every few seconds.
private final class Progress: Sendable {
    private let toldAt = Mutex(ContinuousClock.now)

    func tell(_ count: Int) {
        let now = ContinuousClock.now
        let isDue = toldAt.withLock { toldAt in
            guard now - toldAt >= .seconds(3) else { return false }
            toldAt = now
            return true
        }
        if isDue { Lines.error("\(count) sessions folded again") }
    }
}

extension Desk {
    /// A desk that only reads: no lock is taken and no schema changed.
    static func reading(_ options: DatabaseOptions) async throws -> Desk {
        let log = Logs.standard()
        let store = try await options.open(StoreOptions(access: .readOnly, log: log))
        return Desk(
            store: store, clock: WallClock(), ids: IDSource(), zones: SystemZones(),
            gateways: GatewayCatalogue.byKind, settings: Settings(publicURL: ""), log: log)
    }
}
