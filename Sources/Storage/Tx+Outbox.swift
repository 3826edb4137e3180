// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Something that must leave: written in the transaction that decided it, delivered at least once.
package struct ParcelRecord: Record, Hashable {
    package static let table = "outbox"

    package let id: ParcelID
    /// Parcels of one stream leave one at a time and in order, e.g. all of one payment.
    package var stream: String
    /// Who delivers it: `gateway`, `station:<id>`, `sandbox`.
    package var destination: String
    /// What it is, e.g. `attempt`, `command`.
    package var kind: String
    /// What the courier needs, usually an identifier.
    package var body: String
    /// `queued`, `leased`, `done`, `parked` or `withdrawn`.
    package var state: String
    package var dueAt: Instant
    /// After this it is withdrawn and never sent.
    package var deadline: Instant?
    package var attempts: Int64
    package var leasedBy: String?
    package var leasedUntil: Instant?
    /// Rises with each lease; an answer under an old fence cannot complete the row.
    package var fence: Int64
    package let createdAt: Instant

    package init(
        id: ParcelID, stream: String, destination: String, kind: String, body: String, dueAt: Instant,
        deadline: Instant? = nil, createdAt: Instant
    ) {
        self.id = id
        self.stream = stream
        self.destination = destination
        self.kind = kind
        self.body = body
        self.state = "queued"
        self.dueAt = dueAt
        self.deadline = deadline
        self.attempts = 0
        self.leasedBy = nil
        self.leasedUntil = nil
        self.fence = 0
        self.createdAt = createdAt
    }
}

/// Something that came from outside: stored raw, acknowledged, then interpreted.
package struct DeliveryRecord: Record, Hashable {
    package static let table = "inbox"

    package let id: DeliveryID
    package let source: String
    package let externalId: String
    package let headers: [String: String]
    package let body: [UInt8]
    /// `received`, `processing`, `applied`, `deferred`, `ignored` or `parked`.
    package var state: String
    package var dueAt: Instant
    package var attempts: Int64
    package var leasedBy: String?
    package var leasedUntil: Instant?
    package var fence: Int64
    package var error: String?
    package let receivedAt: Instant

    package init(
        id: DeliveryID, source: String, externalId: String, headers: [String: String], body: [UInt8],
        receivedAt: Instant
    ) {
        self.id = id
        self.source = source
        self.externalId = externalId
        self.headers = headers
        self.body = body
        self.state = "received"
        self.dueAt = receivedAt
        self.attempts = 0
        self.leasedBy = nil
        self.leasedUntil = nil
        self.fence = 0
        self.error = nil
        self.receivedAt = receivedAt
    }
}

extension Tx {
    /// Leases due parcels for a destination, oldest first and one at a time per stream.
    package func claimParcels(
        to destinations: [String], by node: String, at now: Instant, until lease: Instant, limit: Int
    ) throws -> [ParcelRecord] {
        guard !destinations.isEmpty else { return [] }
        let due = try rows(
            """
            SELECT id FROM outbox AS o
            WHERE destination IN ({{texts $3}}) AND due_at <= $1
              AND (state = 'queued' OR (state = 'leased' AND leased_until <= $1))
              AND NOT EXISTS (
                SELECT 1 FROM outbox AS earlier
                WHERE earlier.stream = o.stream AND earlier.state IN ('queued', 'leased')
                  AND (earlier.created_at < o.created_at
                    OR (earlier.created_at = o.created_at AND earlier.id < o.id)))
            ORDER BY due_at, id LIMIT $2 {{for update skip locked}}
            """,
            [
                .int(now.nanoseconds), .int(Int64(limit)),
                .text(try ColumnWriter.text(of: destinations)),
            ])
        return try due.compactMap { try take(ParcelID($0.text("id")), by: node, until: lease) }
    }

    private func take(_ id: ParcelID?, by node: String, until lease: Instant) throws -> ParcelRecord? {
        guard let id else { return nil }
        _ = try run(
            """
            UPDATE outbox SET state = 'leased', leased_by = $2, leased_until = $3, fence = fence + 1,
                attempts = attempts + 1 WHERE id = $1
            """,
            [.text(id.text), .text(node), .int(lease.nanoseconds)])
        return try find(ParcelRecord.self, id)
    }

    /// Ends a lease: `done`, `parked` or `withdrawn`, or `queued` again with a later due time.
    ///
    /// - Returns: false if the lease is no longer ours; then nothing changed (F54).
    package func finish(_ parcel: ParcelRecord, as state: String, dueAt: Instant? = nil) throws -> Bool {
        try run(
            """
            UPDATE outbox SET state = $3, due_at = COALESCE($4, due_at), leased_by = NULL, leased_until = NULL
            WHERE id = $1 AND fence = $2 AND state = 'leased'
            """,
            [
                .text(parcel.id.text), .int(parcel.fence), .text(state),
                dueAt.map { .int($0.nanoseconds) } ?? .null,
            ]) == 1
    }

    /// Takes back what a stream carries of this and has not left yet.
    package func withdrawParcels(of stream: String, carrying body: String) throws {
        _ = try run(
            "UPDATE outbox SET state = 'withdrawn' WHERE stream = $1 AND body = $2 AND state = 'queued'",
            [.text(stream), .text(body)])
    }

    /// Leases of a node that ended without finishing: what it had in hand is due again at once.
    package func releaseLeases(of node: String, at now: Instant) throws {
        for table: SQL in ["UPDATE outbox", "UPDATE inbox"] {
            _ = try run(
                SQL(
                    raw: table.text
                        + " SET leased_until = $2, due_at = $2 WHERE leased_by = $1 AND leased_until > $2"),
                [.text(node), .int(now.nanoseconds)])
        }
    }

    /// Leases deliveries of the inbox that are due, oldest first.
    package func claimDeliveries(
        by node: String, at now: Instant, until lease: Instant, limit: Int
    ) throws -> [DeliveryRecord] {
        let due = try rows(
            """
            SELECT id FROM inbox
            WHERE due_at <= $1 AND (state IN ('received', 'deferred') OR (state = 'processing' AND leased_until <= $1))
            ORDER BY due_at, id LIMIT $2 {{for update skip locked}}
            """,
            [.int(now.nanoseconds), .int(Int64(limit))])
        return try due.compactMap { row in
            let id = try row.text("id")
            _ = try run(
                """
                UPDATE inbox SET state = 'processing', leased_by = $2, leased_until = $3, fence = fence + 1,
                    attempts = attempts + 1 WHERE id = $1
                """,
                [.text(id), .text(node), .int(lease.nanoseconds)])
            return try find(DeliveryRecord.self, id)
        }
    }

    /// Ends the work on a delivery.
    package func finish(
        _ delivery: DeliveryRecord, as state: String, dueAt: Instant? = nil, error: String? = nil
    ) throws -> Bool {
        try run(
            """
            UPDATE inbox SET state = $3, due_at = COALESCE($4, due_at), error = $5, leased_by = NULL,
                leased_until = NULL WHERE id = $1 AND fence = $2 AND state = 'processing'
            """,
            [
                .text(delivery.id.text), .int(delivery.fence), .text(state),
                dueAt.map { .int($0.nanoseconds) } ?? .null, error.map { .text($0) } ?? .null,
            ]) == 1
    }

    /// How many parcels and deliveries wait, for health and metrics.
    package func waiting() throws -> (parcels: Int64, deliveries: Int64) {
        let row = try rows(
            """
            SELECT (SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'leased')) AS parcels,
                   (SELECT COUNT(*) FROM inbox WHERE state IN ('received', 'processing', 'deferred')) AS deliveries
            """, [])
        return (try row[0].int("parcels"), try row[0].int("deliveries"))
    }
}
