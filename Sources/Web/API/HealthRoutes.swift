// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Logging
import Storage

/// Whether the server lives and can work (api.md §3.12).
enum HealthRoutes {
    static let all: [Route] = [
        .get(
            "/v1/health/live", .everybody, "The process answers.", answers: [.ok(.health)],
            { _ in .ok(["status": "ok"]) }),
        .get(
            "/v1/health/ready", .everybody, "The database answers and its schema is ours.",
            answers: [.ok(.readiness), Route.Answer(status: 503, content: .json(.readiness))], ready),
    ]

    private static func ready(_ call: Call) async throws -> Reply {
        do {
            let (parcels, deliveries) = try await call.read { tx in try tx.waiting() }
            return .ok([
                "database": "ok", "migrations": "ok", "outbox_waiting": JSON(parcels),
                "inbox_waiting": JSON(deliveries), "streams": JSON(Int64(call.hub.watcherCount)),
            ])
        } catch let error as StoreError {
            call.desk.log.error("not ready", metadata: ["error": "\(error)"])
            var reply = Reply(
                status: .serviceUnavailable,
                content: .json([
                    "database": "unavailable", "migrations": .null, "outbox_waiting": .null,
                    "inbox_waiting": .null,
                    "streams": JSON(Int64(call.hub.watcherCount)),
                ]))
            reply.headers[.retryAfter] = "1"
            return reply
        }
    }
}

extension ObjectShape {
    /// A sign of life.
    static let health = ObjectShape("Health", [.must("status", .word(["ok"]))])

    /// What works.
    static let readiness = ObjectShape(
        "Readiness",
        [
            .must("database", .word(["ok", "unavailable"])), .may("migrations", .word(["ok"])),
            .may("outbox_waiting", .count), .may("inbox_waiting", .count), .must("streams", .count),
        ])
}
