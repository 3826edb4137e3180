// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// The exception queue: what only a person can decide (api.md §3.10).
enum WorkItemRoutes {
    static let all: [Route] = [
        .get(
            "/v1/work_items", .auditors, "Questions for a person, newest first.",
            query: Query.Parameter.page("wki") + [
                Query.Parameter(
                    name: "status", shape: .word(["open", "closed"]), note: "In this state.",
                    isRepeatable: true),
                Query.Parameter(
                    name: "reason", shape: .shortText, note: "For this reason.", isRepeatable: true),
            ],
            answers: [.page(of: .workItem)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "wki", times: "opened_at")
                page.narrow("state", by: "status")
                page.narrow("reason", by: "reason")
                return try await call.page(
                    of: WorkItemRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .get(
            "/v1/work_items/{id}", .auditors, "A question.", answers: [.ok(.workItem)],
            { call in .ok(try await call.find(WorkItemRecord.self, "work item").json) }),
        .post(
            "/v1/work_items/{id}/decide", .operators, "Answer a question; the answer is written down.",
            request: ObjectShape(
                "Decision", [.must("decision", .word(DecideWorkItem.decisions)), .may("note", .longText)]),
            answers: [.ok(.workItem)], problems: [.invalidState],
            { call in
                let item = try await DecideWorkItem(desk: call.desk)(
                    try call.id(of: "work item"),
                    decision: try call.body.need("decision", call.body.text("decision")),
                    note: call.body.text("note"), by: try call.author)
                return .ok(item.json)
            }),
    ]
}

extension WorkItemRecord {
    /// As the API shows it.
    var json: JSON {
        let amount: Money? =
            if let currency, let amountMinor { Money(minorUnits: amountMinor, currency: currency) } else {
                nil
            }
        return [
            "id": .id(id), "reason": .string(reason), "object": .string(object), "detail": .string(detail),
            "amount": .money(amount), "status": .string(state),
            "decisions": state == "open" ? .array(DecideWorkItem.decisions.map(JSON.string)) : [],
            "decision": .text(decision), "decided_by": .text(decidedBy), "note": .text(note),
            "opened_at": .time(openedAt), "closed_at": .time(closedAt), "version": JSON(version),
        ]
    }
}

extension ObjectShape {
    /// A question for a person.
    static let workItem = ObjectShape(
        "WorkItem",
        [
            .must("id", .id("wki")), .must("reason", .shortText), .must("object", .shortText),
            .must("detail", .longText), .may("amount", .money), .must("status", .word(["open", "closed"])),
            .must("decisions", .list(.shortText, max: 20)), .may("decision", .shortText),
            .may("decided_by", .shortText), .may("note", .longText), .must("opened_at", .instant),
            .may("closed_at", .instant), .must("version", .count),
        ])
}
