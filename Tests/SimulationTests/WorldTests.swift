// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Payments
import Quantities
import Simulation
import Storage
import Tariffs
import Testing

/// Whole stories from a seed: repeated and late messages, refused starts, every Sandbox instrument. Every promise about
/// money must hold afterwards, and the Sandbox's own books must agree with ours.
@Suite("The world of faults")
struct WorldTests {
    @Test(
        "every promise holds after the visits of a seed", .timeLimit(.minutes(3)),
        arguments: [7, 11, 2027] as [UInt64])
    func promises(seed: UInt64) async throws {
        let gateway = SandboxGateway()
        let desk = Desk(
            store: try await Store.open(.memory), clock: WallClock(frozenAt: Instant(seconds: 1_800_000_000)),
            ids: IDSource(seed: seed), zones: EverywhereUTC(), gateways: [gateway.kind: gateway],
            settings: Settings(publicURL: ""), log: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        let report = try await World(desk: desk).play(visits: 25, seed: seed)
        #expect(report.broken.isEmpty, "seed \(seed): \(report.broken.joined(separator: "\n"))")
        #expect(report.keptHere == report.keptThere)
        #expect(report.outcomes["settled", default: 0] > 0, "a story in which nobody pays proves little")
    }

    @Test("a cent that the Sandbox took and we did not book is found")
    func plantedCent() async throws {
        let gateway = SandboxGateway()
        let desk = Desk(
            store: try await Store.open(.memory), clock: WallClock(frozenAt: Instant(seconds: 1_800_000_000)),
            ids: IDSource(seed: 3), zones: EverywhereUTC(), gateways: [gateway.kind: gateway],
            settings: Settings(publicURL: ""), log: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        let world = try await World(desk: desk)
        try await desk.store.transaction { tx in
            for organisation in try tx.organisations() {
                for account in try tx.gatewayAccounts(of: organisation.id) {
                    try tx.saveSandboxObject("balance \(account.id)", "EUR", "1")
                }
            }
        }
        let report = try await world.play(visits: 1, seed: 3)
        #expect(report.broken.contains { $0.hasPrefix("I10") })
    }
}

/// All places keep UTC; zones have tests of their own.
private struct EverywhereUTC: ZoneReader {
    func rules(of zone: String, from: Instant, to: Instant) throws -> ZoneRules { .utc }
}
