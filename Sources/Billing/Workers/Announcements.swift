// SPDX-License-Identifier: Apache-2.0

import Quantities
import Storage

/// Tells of what no row's change stands for: that a time comes near, or has passed (api.md §3.11). Each is told once.
struct Announcements {
    let desk: Desk
    private static let batch = 50

    /// How many were told: holds that run out within a day, invoices that are overdue.
    func whatIsDue() async throws -> Int {
        let now = desk.clock.now
        let isAny = try await desk.store.read { tx in
            try !tx.holdsToAnnounce(captureBefore: now + .hours(24), limit: 1).isEmpty
                || !tx.invoicesToAnnounce(dueBefore: now, limit: 1).isEmpty
        }
        guard isAny else { return 0 }
        return try await desk.store.transaction { tx in
            let holds = try tx.holdsToAnnounce(captureBefore: now + .hours(24), limit: Self.batch)
            for hold in holds {
                tx.tell(
                    .holdExpiring, as: desk.ids.new(at: now), of: hold.id.text, for: hold.organisation,
                    picture: hold.picture, at: now)
            }
            let invoices = try tx.invoicesToAnnounce(dueBefore: now, limit: Self.batch)
            for invoice in invoices {
                tx.tell(
                    .invoiceOverdue, as: desk.ids.new(at: now), of: invoice.id.text,
                    for: invoice.organisation, picture: invoice.picture, at: now)
            }
            return holds.count + invoices.count
        }
    }
}
