// SPDX-License-Identifier: Apache-2.0

import Logging
package import Storage

/// The one shape of all background work: do what is due, then sleep until the doorbell or the next look.
///
/// A round that did something is followed by another at once. A round that failed is logged and followed by a pause:
/// nothing a worker does may be lost by failing, because everything it does is claimed from durable rows.
package struct Worker: Sendable {
    /// For logs.
    package let name: String
    let desk: Desk
    /// Rings when there may be something to do; nil to look by time alone.
    let bell: Topic?
    /// The longest sleep between two looks, in real time.
    let pause: Duration
    /// Does what is due now; returns how many things it did.
    let round: @Sendable () async throws -> Int

    package init(
        name: String, desk: Desk, bell: Topic?, pause: Duration,
        round: @escaping @Sendable () async throws -> Int
    ) {
        self.name = name
        self.desk = desk
        self.bell = bell
        self.pause = pause
        self.round = round
    }

    /// Runs until its task is cancelled; a round that has begun is finished.
    package func run() async {
        let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            if let bell {
                group.addTask { for await _ in desk.store.bell(bell) { wake.yield() } }
            }
            group.addTask {
                // A sleep that is cancelled ends the looking.
                while (try? await Task.sleep(for: pause)) != nil { wake.yield() }
                wake.finish()
            }
            wake.yield()
            for await _ in wakes { await work() }
            group.cancelAll()
        }
    }

    /// Rounds until there is nothing left to do.
    private func work() async {
        do {
            while !Task.isCancelled, try await round() > 0 {}
        } catch is CancellationError {
            return
        } catch {
            desk.log.error("worker failed a round", metadata: ["worker": "\(name)", "error": "\(error)"])
        }
    }
}
