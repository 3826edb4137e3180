// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// What happened (api.md §3.11): the source of truth for whoever follows.
enum EventRoutes {
    static let all: [Route] = [
        .get(
            "/v1/events", .readers, "What happened, newest first; kept for 13 months.",
            query: Query.Parameter.page("evt") + [
                Query.Parameter(
                    name: "type", shape: .word(EventType.allCases.map(\.rawValue)), note: "Of this type.",
                    isRepeatable: true),
                Query.Parameter(
                    name: "object", shape: .shortText, note: "About this object.", isRepeatable: true),
            ],
            answers: [.page(of: .event)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "evt")
                page.narrow("type", by: "type")
                page.narrow("object", by: "object")
                return try await call.page(
                    of: EventRecord.self, page, id: { $0.id.text }, shown: { try $0.json })
            }),
        .get(
            "/v1/events/{id}", .readers, "An event.", answers: [.ok(.event)],
            { call in .ok(try await call.find(EventRecord.self, "event").json) }),
    ]
}

extension EventRecord {
    /// As the API shows it; webhooks carry the same.
    var json: JSON {
        get throws { try JSON.parse(Array(body(.full).utf8), limits: .standard) }
    }
}

extension ObjectShape {
    /// Something that happened.
    static let event = ObjectShape(
        "Event",
        [
            .must("id", .id("evt")), .must("type", .word(EventType.allCases.map(\.rawValue))),
            .must("object", .shortText, "What it happened to."),
            .must("sequence", .count, "1, 2, 3, … for each object: order by this, never by arrival."),
            .must("created_at", .instant), .must("version", .shortText, "Of the API."),
            .must("organisation", .id("org")),
            .must(
                "data",
                .object(
                    ObjectShape(
                        "EventData",
                        [
                            .must("object", .anything(note: "The object as it was then.")),
                            .may("previous", .anything(note: "What its changed fields were before.")),
                        ]))),
        ])
}
