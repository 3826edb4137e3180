// SPDX-License-Identifier: Apache-2.0

/// How many handshakes a node takes: 200 a second, each waiting up to 9 s for its turn (charging.md §1, Limits).
///
/// A storm of stations after an outage spreads out by itself: who would wait longer is told to come again.
package actor HandshakePace {
    private let perHandshake: Duration
    private let patience: Duration
    private var next: ContinuousClock.Instant

    /// The gate gives up after 10 s, so the wait ends before.
    package init(perSecond: Int = 200, patience: Duration = .seconds(9)) {
        perHandshake = .seconds(1) / perSecond
        self.patience = patience
        next = .now - .seconds(1)
    }

    /// Waits for a turn; false if that would take too long.
    package func admits() async -> Bool {
        let now = ContinuousClock.now
        // A second's worth may come at once.
        let turn = max(next, now - .seconds(1)) + perHandshake
        guard turn - now <= patience else { return false }
        next = turn
        guard turn > now else { return true }
        do {
            try await ContinuousClock().sleep(until: turn)
            return true
        } catch {
            // Cancelled: the client is gone, or the server stops.
            return false
        }
    }
}
