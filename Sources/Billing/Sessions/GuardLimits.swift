// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Stops a session that has reached what its driver allowed besides a cost: energy, or time since its start (api.md §3.6).
///
/// It looks where the hold guard looks, at each reading and every two seconds. Energy is what the meter has told, so that
/// what flows between two meter values and until the station has stopped comes on top; it costs no more than the hold
/// allows, which has its own guard.
struct GuardLimits {
    let desk: Desk

    func callAsFunction(_ session: SessionRecord, in tx: Tx, at now: Instant) throws {
        guard let checkout = try session.checkout.flatMap({ try tx.find(CheckoutRecord.self, $0) }),
            let cause = checkout.limits?.reached(by: session, at: now)
        else { return }
        _ = try RequestRemoteStop(desk: desk).ask(session.id, because: cause, in: tx, at: now)
    }
}

extension SessionLimits {
    /// The one that a session has reached; nil while there is some left of both.
    fileprivate func reached(by session: SessionRecord, at now: Instant) -> StopCause? {
        if let energy, session.energy >= energy { return .energyLimit }
        if let duration, now - session.startedAt >= duration { return .durationLimit }
        return nil
    }
}
