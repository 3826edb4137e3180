// SPDX-License-Identifier: Apache-2.0
import Billing
import Logging
import Quantities
import Storage
import Testing
import Web

@Suite("The live hub", .timeLimit(.minutes(2)))
struct LiveHubTests {
    @Test("a slow watcher loses no change to the beats that follow it, and sees a burst as one change")
    func beatsDoNotPushOutChanges() async throws {
        let desk = Desk(
            store: try await Store.open(.memory), clock: WallClock(), ids: IDSource(), zones: FixedZones(),
            gateways: [:], settings: Settings(publicURL: "http://localhost"),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let hub = LiveHub(desk: desk, heartbeat: .milliseconds(1))
        let running = Task { await hub.run() }
        let slow = hub.watch(["ses_1"])
        let other = hub.watch([])
        var beats = other.signals.makeAsyncIterator()
        _ = await beats.next()  // from here on the hub listens

        for _ in 1...5 { try await desk.store.transaction { tx in tx.note(.session, "ses_1") } }
        for _ in 1...200 { _ = await beats.next() }
        var changes = 0
        var looked = 0
        for await signal in slow.signals {
            if signal == .changed { changes += 1 }
            looked += 1
            if looked == 50 { break }
        }

        #expect(changes == 1)
        running.cancel()
        await running.value
    }
}
