// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Quantities

/// Drivers who come and go by themselves, so that the operator's page is never empty.
struct DemoDrivers: Sendable {
    let station: StationRunner
    let token: String
    let clock: WallClock
    let log: Logger
    /// Time between two visits, by the demonstration's clock.
    let interval: Elapsed

    /// Taps the card whenever the station is free and the time has come, until the task is cancelled.
    func run() async {
        var next = clock.now + .seconds(5 * clock.rate)
        while !Task.isCancelled {
            // A cancelled sleep ends the loop at its next turn.
            try? await Task.sleep(for: clock.wait(until: next))
            next = clock.now + interval
            guard await !station.isBusy else { continue }
            do {
                try await station.tap(token)
            } catch {
                log.debug("a simulated driver found the station offline", metadata: ["error": "\(error)"])
            }
        }
    }
}
