// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One line of the audit log: who did what to what, and why.
package struct AuditRecord: Record, Hashable {
    package static let table = "audit_log"

    package let id: EventID
    package let organisation: OrganisationID
    /// A key, `driver`, `station` or `server`.
    package let actor: String
    package let action: String
    package let object: String
    package let reason: String?
    package let request: String?
    package let at: Instant

    package init(
        id: EventID, organisation: OrganisationID, actor: String, action: String, object: String,
        reason: String? = nil, request: String? = nil, at: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.actor = actor
        self.action = action
        self.object = object
        self.reason = reason
        self.request = request
        self.at = at
    }
}

extension Tx {
    /// Opens a work item, unless the same question about the same object was asked before.
    package func open(_ item: WorkItemRecord) throws {
        _ = try insertIfAbsent(item)
    }

    /// An open question for this reason about this object, held.
    package func lockOpenWorkItem(
        _ reason: String, about object: String, of organisation: OrganisationID
    ) throws -> WorkItemRecord? {
        try all(
            WorkItemRecord.self,
            where: "organisation = $1 AND reason = $2 AND object = $3 AND state = 'open' {{for update}}",
            [.text(organisation.text), .text(reason), .text(object)]
        ).first
    }

    /// Whether this question was ever asked, open or decided.
    package func wasAsked(_ reason: String, about object: String, of organisation: OrganisationID) throws
        -> Bool
    {
        try exists(
            WorkItemRecord.self, where: "organisation = $1 AND reason = $2 AND object = $3",
            [.text(organisation.text), .text(reason), .text(object)])
    }

    /// The open questions about a session, held.
    package func lockOpenWorkItems(about session: SessionID) throws -> [WorkItemRecord] {
        try all(
            WorkItemRecord.self, where: "session = $1 AND state = 'open' {{for update}}",
            [.text(session.text)]
        ).sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) }
    }

    /// What persons decided to charge for a session after its bill was final, minor units.
    package func chargedLate(for session: SessionID) throws -> Int64 {
        try rows(
            """
            SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS amount FROM work_item
            WHERE session = $1 AND reason = 'late_fact' AND decision = 'charge'
            """, [.text(session.text)])[0].int("amount")
    }

    /// All questions that were asked about a session, oldest first.
    package func workItems(about session: SessionID) throws -> [WorkItemRecord] {
        try all(
            WorkItemRecord.self, where: "session = $1", [.text(session.text)], orderBy: "opened_at, id")
    }

    /// Open questions whose stated default is due.
    package func workItemsDue(at instant: Instant, limit: Int) throws -> [WorkItemID] {
        try rows(
            """
            SELECT id FROM work_item WHERE state = 'open' AND default_at IS NOT NULL AND default_at <= $1
            ORDER BY default_at, id LIMIT $2
            """, [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { WorkItemID(try $0.text("id")) }
    }

    /// Open work items, the most expensive first.
    package func openWorkItems(of organisation: OrganisationID, limit: Int) throws -> [WorkItemRecord] {
        try all(
            WorkItemRecord.self, where: "organisation = $1 AND state = 'open'", [.text(organisation.text)],
            orderBy: "COALESCE(amount_minor, 0) DESC, opened_at, id", limit: limit)
    }

    /// How many questions wait for a person.
    package func countOpenWorkItems(of organisation: OrganisationID) throws -> Int64 {
        try rows(
            "SELECT COUNT(*) AS count FROM work_item WHERE organisation = $1 AND state = 'open'",
            [.text(organisation.text)])[0].int("count")
    }

    /// A named value of the installation.
    package func installationValue(_ name: String) throws -> String? {
        try rows("SELECT value FROM installation WHERE name = $1", [.text(name)]).first?.text("value")
    }

    /// Sets a named value of the installation unless it has one, and gives the one it has.
    package func installationValue(_ name: String, orSet value: String) throws -> String {
        _ = try run(
            "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            [.text(name), .text(value)])
        return try installationValue(name) ?? value
    }

    /// The latest instant anything was received, made or done by a person: a fast clock never starts before it. It reads
    /// whole tables, for installations without real money.
    package func latestInstant() throws -> Instant? {
        let row = try rows(
            """
            SELECT (SELECT MAX(received_at) FROM frame) AS frame, (SELECT MAX(created_at) FROM attempt) AS attempt,
                (SELECT MAX(recorded_at) FROM ledger_transaction) AS ledger, (SELECT MAX(created_at) FROM checkout) AS checkout,
                (SELECT MAX(at) FROM audit_log) AS done, (SELECT MAX(created_at) FROM event) AS told
            """, [])
        return try ["frame", "attempt", "ledger", "checkout", "done", "told"]
            .compactMap { try row[0].optionalInt($0) }.max().map { Instant(nanoseconds: $0) }
    }
}
