// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Storage

/// Stops a session before its hold is used up: as soon as the running cost reaches hold − margin (payments.md §6.2).
///
/// The margin covers what is delivered between two meter values and until the station has stopped, so the bill never
/// exceeds the hold by more than the published overshoot (I25).
struct GuardHold {
    let desk: Desk

    func callAsFunction(_ session: SessionRecord, live: LiveBill, under quote: QuoteRecord, in tx: Tx) throws
    {
        guard let stopsAt = live.stopsAt, live.cost >= stopsAt else { return }
        _ = try RequestRemoteStop(desk: desk).ask(session.id, in: tx, at: live.ratedAt)
    }
}
