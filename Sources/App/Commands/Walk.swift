// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Foundation
import Logging
import Payments
import Quantities
import Simulation
import Storage

/// `amptill walk`: one visit on a durable database, by a process that ends like `kill -9` at a numbered moment. For the
/// tests that prove that nothing is lost at any of them; only databases of its own are walked on.
struct Walk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Walk one visit and die at a numbered moment.", shouldDisplay: false)

    @Option(help: "guest or wallet.")
    var path = "guest"

    @Option(help: "A file or postgres:// address of its own.")
    var database: String

    @Option(help: "Where the outside world keeps what it remembers.")
    var memory: String

    @Option(help: "The moment to die at, from 1; without it the walk goes to its end.")
    var crashAt: Int?

    func run() async throws {
        try await Ending.explained {
            guard let path = CrashWalk.Path(rawValue: path) else {
                throw StartError.badSetting("--path", "one of guest, wallet")
            }
            let crash = CrashPoint(at: crashAt ?? .max)
            var log = Logs.standard()
            log.logLevel = .critical
            var options = StoreOptions(log: log)
            options.commitHook = { moment in crash.reached("\(moment) commit") }
            let location = try DatabaseOptions.location(database)
            let store = try await InstallationKey(for: location, file: nil).open(location, options)
            let isLive = try await store.read { tx in try tx.organisations().contains { $0.kind == .live } }
            if isLive { throw StartError.badSetting("--database", "it has a live organisation") }
            let gateway = SandboxGateway()
            let start = try remembered()
            let desk = Desk(
                store: store, clock: WallClock(frozenAt: Instant(nanoseconds: start.now)), ids: IDSource(),
                zones: SystemZones(), gateways: [gateway.kind: gateway], settings: Settings(publicURL: ""),
                log: log)
            let sender = DoomedSender(office: SandboxOffice(desk: desk), crash: crash)
            let file = URL(filePath: memory)
            let walk = CrashWalk(desk: desk, path: path, from: start, sender: sender) { memory in
                try JSONEncoder().encode(memory).write(to: file, options: .atomic)
            }
            let report = try await walk.run()
            await store.close()
            Lines.output("moments \(crash.passed)")
            Lines.output("owed \(report.owed) here \(report.keptHere) there \(report.keptThere)")
            for line in report.broken { Lines.error("BROKEN \(line)") }
            if !report.broken.isEmpty || report.keptHere != report.keptThere { throw ExitCode(1) }
        }
    }
}

extension Walk {
    /// What the file says; a new memory if there is none.
    private func remembered() throws -> CrashWalk.Memory {
        guard let data = FileManager.default.contents(atPath: memory) else {
            return CrashWalk.Memory(now: Instant(seconds: 1_800_000_000).nanoseconds)
        }
        return try JSONDecoder().decode(CrashWalk.Memory.self, from: data)
    }
}

/// The wire to the Sandbox, with the moments around each call.
private struct DoomedSender: GatewaySender {
    let office: SandboxOffice
    let crash: CrashPoint

    func send(_ request: GatewayRequest) async -> SentAnswer { await office.send(request) }
    func crashPoint(_ moment: String) async { crash.reached(moment) }
}
