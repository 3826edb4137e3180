// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// The exception queue: what only a person can decide (api.md §3.10).
enum WorkItemRoutes {
    static let all: [Route] = [
        .get(
            "/v1/work_items", .auditors, "Questions for a person, newest first, or the most expensive first.",
            query: Query.Parameter.page("wki") + [
                Query.Parameter(
                    name: "status", shape: .word(["open", "closed"]), note: "In this state.",
                    isRepeatable: true),
                Query.Parameter(
                    name: "reason", shape: .shortText, note: "For this reason.", isRepeatable: true),
                Query.Parameter(
                    name: "session", shape: .id("ses"), note: "About this session.", isRepeatable: true),
                Query.Parameter(
                    name: "order", shape: .word(["newest", "amount"]),
                    note: "\"amount\" lists open questions, most money at stake first, on one page."),
            ],
            answers: [.page(of: .workItem)], problems: [.invalidCursor], list),
        .get(
            "/v1/work_items/{id}", .auditors, "A question.", answers: [.ok(.workItem)],
            { call in .ok(try await call.find(WorkItemRecord.self, "work item").json) }),
        .post(
            "/v1/work_items/{id}/decide", .operators, "Answer a question; what was decided is done.",
            request: ObjectShape(
                "Decision",
                [
                    .must(
                        "decision", .word(WorkDecision.allCases.map(\.rawValue)), "One of the question's own."
                    ),
                    .may(
                        "reason", .longText, "Why; needed for everything but \"done\" and \"nothing_to_do\"."),
                    .may("note", .longText, "The same as \"reason\"."),
                    .may("session", .id("ses"), "For \"attach\"; without it the best candidate is taken."),
                    .may("account", .id("acc"), "For decisions that bill; without it the token's account."),
                    .may("energy_wh", .count, "For \"bill_energy\"."),
                    .may("register_wh", .count, "For \"bill_from_register\": the register at the start."),
                    .may("started_at", .instant, "For \"correct_times\"."),
                    .may("ended_at", .instant, "For \"correct_times\"; after the start."),
                ]),
            answers: [.ok(.workItem)], problems: [.invalidState, .currencyMismatch],
            { call in
                let body = call.body
                let answer = DecideWorkItem.Answer(
                    try body.need("decision", body.text("decision")),
                    because: body.text("reason") ?? body.text("note"),
                    session: try body.id("session"), account: try body.id("account"),
                    energy: try energy(body, "energy_wh"), register: try energy(body, "register_wh"),
                    from: try body.instant("started_at"), to: try body.instant("ended_at"))
                let item = try await DecideWorkItem(desk: call.desk)(
                    try call.id(of: "work item"), answer, by: try call.author)
                return .ok(item.json)
            }),
    ]

    private static func list(_ call: Call) async throws -> Reply {
        var page = try Page(call, prefix: "wki", times: "opened_at")
        page.narrow("state", by: "status")
        page.narrow("reason", by: "reason")
        page.narrow("session", by: "session")
        guard call.query["order"] == "amount" else {
            return try await call.page(of: WorkItemRecord.self, page, id: { $0.id.text }, shown: { $0.json })
        }
        let organisation = try call.organisation
        let limit = page.filter.limit
        let items = try await call.read { tx in try tx.openWorkItems(of: organisation, limit: limit) }
        return .ok([
            "data": .array(items.map(\.json)), "has_more": .bool(items.count == limit), "next": .null,
        ])
    }

    /// A number of Wh that an energy can be.
    static func energy(_ body: Body, _ name: String) throws(Problem) -> Energy? {
        guard let wattHours = body.integer(name) else { return nil }
        guard (0...1_000_000_000_000).contains(wattHours) else {
            throw .invalidField(body.place(of: name), "\(wattHours) Wh is more than any meter shows.")
        }
        return Energy(wattHours: wattHours)
    }
}

extension WorkItemRecord {
    /// As the API shows it.
    var json: JSON {
        let amount: Money? =
            if let currency, let amountMinor { Money(minorUnits: amountMinor, currency: currency) } else {
                nil
            }
        return [
            "id": .id(id), "reason": .string(reason), "object": .string(object), "session": .id(session),
            "station": .id(station), "detail": .string(detail),
            "facts": .array(facts.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "amount": .money(amount), "status": .string(state),
            "decisions": state == "open" ? .array(decisions.map { .string($0.rawValue) }) : [],
            "decision": .text(decision), "decided_by": .text(decidedBy), "note": .text(note),
            "opened_at": .time(openedAt), "default_at": .time(defaultAt), "closed_at": .time(closedAt),
            "version": JSON(version),
        ]
    }
}

extension ObjectShape {
    /// A question for a person.
    static let workItem = ObjectShape(
        "WorkItem",
        [
            .must("id", .id("wki")), .must("reason", .shortText), .must("object", .shortText),
            .may("session", .id("ses")), .may("station", .id("sta")), .must("detail", .longText),
            .must(
                "facts",
                .list(ObjectShape("WorkFact", [.must("name", .shortText), .must("value", .shortText)])),
                "What it is decided by."),
            .may("amount", .money, "What is at stake, estimated at the EVSE's tariff."),
            .must("status", .word(["open", "closed"])),
            .must("decisions", .list(.shortText, max: 20)), .may("decision", .shortText),
            .may("decided_by", .shortText), .may("note", .longText), .must("opened_at", .instant),
            .may("default_at", .instant, "When the stated default decides, if nobody does."),
            .may("closed_at", .instant), .must("version", .count),
        ])
}
