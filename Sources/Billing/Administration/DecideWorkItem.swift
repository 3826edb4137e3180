// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// A person answers a question of the exception queue. The answer is written down; what it demands is done by hand
/// until the verbs for refunds and reviews exist.
package struct DecideWorkItem: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What can be answered.
    package static let decisions = ["done", "nothing_to_do"]

    package func callAsFunction(
        _ id: WorkItemID, decision: String, note: String?, by author: Author
    ) async throws -> WorkItemRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var item = try author.lock(WorkItemRecord.self, id, "work item", in: tx)
            guard Self.decisions.contains(decision) else {
                throw AdministrationRefusal.invalid(
                    field: "/decision", "One of: \(Self.decisions.joined(separator: ", ")).")
            }
            guard item.state == "open" else {
                throw AdministrationRefusal.invalidState(item.state, allowed: ["open"])
            }
            item.state = "closed"
            item.decision = decision
            item.decidedBy = author.name
            item.note = note
            item.closedAt = now
            try tx.update(&item)
            try author.note("work_item.closed", id, because: note, with: desk, in: tx, at: now)
            tx.note(.workItem, id.text)
            return item
        }
    }
}
