// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Tx {
    /// The events of an object, in order.
    package func events(of object: String) throws -> [EventRecord] {
        try all(EventRecord.self, where: "object = $1", [.text(object)], orderBy: "sequence")
    }

    /// Events of an organisation in a span of time, in the order they were made, after `cursor`.
    package func events(
        of organisation: OrganisationID, from: Instant, to: Instant, after cursor: String?, limit: Int
    ) throws -> [EventRecord] {
        try all(
            EventRecord.self,
            where: "organisation = $1 AND created_at >= $2 AND created_at < $3 AND id > $4",
            [
                .text(organisation.text), .int(from.nanoseconds), .int(to.nanoseconds), .text(cursor ?? ""),
            ], orderBy: "id", limit: limit)
    }

    /// Forgets events and their deliveries that are older than an instant, at most `limit`; says how many events.
    package func forgetEvents(before instant: Instant, limit: Int) throws -> Int {
        let old: SQL = "SELECT id FROM event WHERE created_at < $1 ORDER BY created_at LIMIT $2"
        let values: [SQLValue] = [.int(instant.nanoseconds), .int(Int64(limit))]
        _ = try delete(WebhookDeliveryRecord.self, where: SQL(raw: "event IN (\(old.text))"), values)
        return try delete(EventRecord.self, where: SQL(raw: "id IN (\(old.text))"), values)
    }

    /// The endpoints of an organisation that were not removed, oldest first.
    package func webhookEndpoints(of organisation: OrganisationID) throws -> [WebhookEndpointRecord] {
        try all(
            WebhookEndpointRecord.self, where: "organisation = $1 AND status <> 'deleted'",
            [.text(organisation.text)], orderBy: "id")
    }

    /// An endpoint did not take what was sent to it at an instant.
    ///
    /// - Returns: whether it has come back since: what it did not take was on its way then, and says nothing of now.
    package func noteAbsence(
        of endpoint: WebhookEndpointID, sentAt: Instant, at now: Instant
    ) throws -> Bool {
        let known = try rows(
            "SELECT away_since, back_at FROM webhook_endpoint WHERE id = $1 {{for update}}",
            [.text(endpoint.text)]
        ).first
        if let back = try known?.optionalInt("back_at"), back >= sentAt.nanoseconds { return true }
        guard let known, try known.optionalInt("away_since") == nil else { return false }
        _ = try run(
            "UPDATE webhook_endpoint SET away_since = $2 WHERE id = $1",
            [.text(endpoint.text), .int(now.nanoseconds)], forgets: false)
        return false
    }

    /// An endpoint took an event.
    ///
    /// - Returns: whether it had not taken one before: only then something waits for its return.
    package func noteReturn(of endpoint: WebhookEndpointID, at now: Instant) throws -> Bool {
        try run(
            """
            UPDATE webhook_endpoint SET away_since = NULL, back_at = $2
            WHERE id = $1 AND away_since IS NOT NULL
            """, [.text(endpoint.text), .int(now.nanoseconds)], forgets: false) == 1
    }

    /// Makes due at once what waits for a later try at an endpoint, because it takes events again.
    package func hastenDeliveries(to endpoint: WebhookEndpointID, at now: Instant) throws {
        let waiting: SQL = """
            destination = 'webhook' AND state = 'queued' AND due_at > $1
            AND substr(stream, 1, length(CAST($2 AS TEXT))) = $2
            """
        let values: [SQLValue] = [.int(now.nanoseconds), .text("webhook:\(endpoint):")]
        _ = try run(
            SQL(
                raw: """
                    UPDATE webhook_delivery SET next_at = $1, version = version + 1
                    WHERE status = 'waiting' AND id IN (SELECT body FROM outbox WHERE \(waiting.text))
                    """), values)
        _ = try run(SQL(raw: "UPDATE outbox SET due_at = $1 WHERE \(waiting.text)"), values)
    }

    /// How often an event was replayed to an endpoint; the next replay has the next number.
    package func lastReplay(of event: EventID, to endpoint: WebhookEndpointID) throws -> Int64 {
        try all(
            WebhookDeliveryRecord.self, where: "event = $1 AND endpoint = $2",
            [.text(event.text), .text(endpoint.text)], orderBy: "replay DESC", limit: 1
        ).first?.replay ?? 0
    }
}
