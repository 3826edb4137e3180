// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Storage

/// Who hears of events, and how far each of them came (api.md §3.11).
enum WebhookRoutes {
    static let all: [Route] = [
        .get(
            "/v1/webhook_endpoints", .programs, "Where events are sent.",
            query: Query.Parameter.page("whk") + [
                Query.Parameter(
                    name: "status", shape: .word(["active", "failing"]), note: "In this state.",
                    isRepeatable: true)
            ], answers: [.page(of: .webhookEndpoint)],
            problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "whk")
                page.filter.equal["status"] = ["active", "failing"]
                page.narrow("status", by: "status")
                return try await call.page(
                    of: WebhookEndpointRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .post(
            "/v1/webhook_endpoints", .programs,
            "Have events sent to an address. The secret is told in this answer only.",
            request: .webhookWish, answers: [.created(.newWebhookEndpoint)],
            { call in
                let endpoint = try await Webhooks(desk: call.desk).create(
                    try wish(call.body), by: try call.author)
                return .created(endpoint.jsonWithSecret, at: "/v1/webhook_endpoints/\(endpoint.id)")
            }
        ).tellingOnce("secret"),
        .get(
            "/v1/webhook_endpoints/{id}", .programs, "Where events are sent.",
            answers: [.ok(.webhookEndpoint)], { call in .ok(try await endpoint(of: call).json) }),
        .patch(
            "/v1/webhook_endpoints/{id}", .programs, "Change what is sent where, or make it active again.",
            request: ObjectShape.webhookWish.patch().adding(
                "WebhookEndpointChange",
                [.may("status", .word(["active"]), "Ends `failing`: events are sent again from now on.")]),
            answers: [.ok(.webhookEndpoint)],
            { call in
                let endpoint = try await Webhooks(desk: call.desk).change(
                    try call.id(of: "webhook endpoint"), try wish(call.body),
                    version: try call.expectedVersion, by: try call.author)
                return .ok(endpoint.json)
            }),
        .delete(
            "/v1/webhook_endpoints/{id}", .programs, "Send nothing there any more.",
            { call in
                try await Webhooks(desk: call.desk).remove(
                    try call.id(of: "webhook endpoint"), by: try call.author)
                return Reply(status: .noContent, content: .nothing)
            }),
        .post(
            "/v1/webhook_endpoints/{id}/roll_secret", .programs,
            "A new secret. For 24 hours the old one signs too.", answers: [.ok(.newWebhookEndpoint)],
            { call in
                let endpoint = try await Webhooks(desk: call.desk).rollSecret(
                    try call.id(of: "webhook endpoint"), by: try call.author)
                return .ok(endpoint.jsonWithSecret)
            }
        ).tellingOnce("secret"),
        .post(
            "/v1/webhook_endpoints/{id}/test", .programs, "Send `webhook.test` there, and only there.",
            answers: [.accepted(.replayed)], problems: [.invalidState],
            { call in
                let id: WebhookEndpointID = try call.id(of: "webhook endpoint")
                let event = try await Webhooks(desk: call.desk).test(id, by: try call.author)
                return .accepted(["events": 1, "event": .id(event)], at: "/v1/events/\(event)")
            }),
        .get(
            "/v1/webhook_endpoints/{id}/deliveries", .programs, "What was sent there, newest first.",
            query: Query.Parameter.page("dlv") + [
                Query.Parameter(
                    name: "status", shape: .word(WebhookDeliveryRecord.Status.allCases.map(\.rawValue)),
                    note: "That came so far.", isRepeatable: true),
                Query.Parameter(name: "event", shape: .id("evt"), note: "Of this event.", isRepeatable: true),
            ],
            answers: [.page(of: .webhookDelivery)], problems: [.invalidCursor],
            { call in
                let endpoint = try await endpoint(of: call)
                var page = try Page(call, prefix: "dlv")
                page.filter.equal["endpoint"] = [endpoint.id.text]
                page.narrow("status", by: "status")
                page.narrow("event", by: "event")
                return try await call.page(
                    of: WebhookDeliveryRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .post(
            "/v1/webhook_endpoints/{id}/deliveries/{delivery}/replay", .programs,
            "Send an event once more.", answers: [.accepted(.webhookDelivery)], problems: [.invalidState],
            { call in
                let id: WebhookEndpointID = try call.id(of: "webhook endpoint")
                let delivery = try await Webhooks(desk: call.desk).replay(
                    try call.id("delivery", of: "delivery"), of: id, by: try call.author)
                return .accepted(delivery.json, at: "/v1/webhook_endpoints/\(id)/deliveries")
            }),
        .post(
            "/v1/webhook_endpoints/{id}/replay", .programs,
            "Send everything of a span of time once more, oldest first; at most 10,000 events at once.",
            request: ObjectShape("ReplaySpan", [.must("from", .instant), .must("to", .instant)]),
            answers: [.accepted(.replayed)], problems: [.invalidState],
            { call in
                let id: WebhookEndpointID = try call.id(of: "webhook endpoint")
                let count = try await Webhooks(desk: call.desk).replay(
                    from: try call.body.need("from", call.body.instant("from")),
                    to: try call.body.need("to", call.body.instant("to")), to: id, by: try call.author)
                return .accepted(
                    ["events": JSON(count), "event": .null], at: "/v1/webhook_endpoints/\(id)/deliveries")
            }),
    ]

    private static func endpoint(of call: Call) async throws -> WebhookEndpointRecord {
        let endpoint = try await call.find(WebhookEndpointRecord.self, "webhook endpoint")
        guard endpoint.status != .deleted else { throw Problem.notFound("webhook endpoint") }
        return endpoint
    }

    private static func wish(_ body: Body) throws(Problem) -> Webhooks.Wish {
        var wish = Webhooks.Wish()
        wish.url = body.text("url")
        wish.types = body["types"]?.array.map { $0.compactMap(\.string) }
        wish.payload = try body.word("payload")
        wish.isActive = body.text("status").map { $0 == "active" }
        return wish
    }
}

extension WebhookEndpointRecord {
    /// As the API shows it; never its secrets.
    var json: JSON {
        [
            "id": .id(id), "url": .string(url), "types": .array(types.map(JSON.string)),
            "payload": .word(payload), "status": .word(status), "failing_since": .time(failingSince),
            "created_at": .time(createdAt), "version": JSON(version),
        ]
    }

    /// As it is told once.
    var jsonWithSecret: JSON { json.adding(["secret": .string(secret)]) }
}

extension WebhookDeliveryRecord {
    /// As the API shows it.
    var json: JSON {
        [
            "id": .id(id), "event": .id(event), "type": .string(type), "object": .string(object),
            "status": .word(status), "attempts": JSON(attempts), "replay": JSON(replay),
            "answer_status": .integer(answer), "error": .text(error), "first_sent_at": .time(firstSentAt),
            "last_sent_at": .time(lastSentAt), "next_at": .time(nextAt), "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }
}

extension ObjectShape {
    /// What a subscriber wishes for.
    static let webhookWish = ObjectShape(
        "NewWebhookEndpoint",
        [
            .must("url", .text(.url, max: 2000)),
            .must(
                "types", .list(.shortText, max: 100),
                "Types or families: `payment.captured`, `session.*`, `*`."),
            .may("payload", .word(["full", "thin"]), "`thin` tells only that something happened."),
        ])

    /// Where events are sent.
    static let webhookEndpoint = ObjectShape(
        "WebhookEndpoint",
        [
            .must("id", .id("whk")), .must("url", .text(.url, max: 2000)),
            .must("types", .list(.shortText, max: 100)), .must("payload", .word(["full", "thin"])),
            .must("status", .word(["active", "failing"])), .may("failing_since", .instant),
            .must("created_at", .instant), .must("version", .count),
        ])

    /// With the secret that signs.
    static let newWebhookEndpoint = webhookEndpoint.adding(
        "WebhookEndpointWithSecret",
        [.may("secret", .shortText, "Told once: a repeat of the request shows null.")])

    /// One event on its way.
    static let webhookDelivery = ObjectShape(
        "WebhookDelivery",
        [
            .must("id", .id("dlv")), .must("event", .id("evt")), .must("type", .shortText),
            .must("object", .shortText),
            .must("status", .word(WebhookDeliveryRecord.Status.allCases.map(\.rawValue))),
            .must("attempts", .count), .must("replay", .count, "0 for the first time."),
            .may("answer_status", .count), .may("error", .longText), .may("first_sent_at", .instant),
            .may("last_sent_at", .instant), .may("next_at", .instant), .must("created_at", .instant),
            .must("version", .count),
        ])

    /// How much is sent again.
    static let replayed = ObjectShape(
        "Replayed", [.must("events", .count), .may("event", .id("evt"))])
}
