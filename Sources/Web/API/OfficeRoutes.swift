// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Storage

/// What the office asks for: who did what, whether all is well, figures and tables (api.md §3.12).
enum OfficeRoutes {
    static let all: [Route] = [
        .get(
            "/v1/audit", .operators, "Who did what to what, newest first; never changed.",
            query: Query.Parameter.page("evt") + [
                Query.Parameter(name: "actor", shape: .shortText, note: "By this key.", isRepeatable: true),
                Query.Parameter(
                    name: "object", shape: .shortText, note: "To this object.", isRepeatable: true),
                Query.Parameter(
                    name: "action", shape: .shortText, note: "E.g. `key.created`.", isRepeatable: true),
            ],
            answers: [.page(of: .auditEntry)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "evt", times: "at")
                page.narrow("actor", by: "actor")
                page.narrow("object", by: "object")
                page.narrow("action", by: "action")
                return try await call.page(
                    of: AuditRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .post(
            "/v1/audit/check", .operators,
            "Check every invariant now; changes nothing. Sessions that became final in the last 31 days are folded again.",
            answers: [.ok(.auditCheck)],
            { call in
                let lately = Invariants.Span(from: call.desk.clock.now - .hours(31 * 24))
                let findings = try await Invariants(desk: call.desk)(folding: lately)
                return .ok([
                    "ok": .bool(findings.allSatisfy { $0.offenders.isEmpty }),
                    "checked_at": .time(call.desk.clock.now),
                    "invariants": .array(
                        findings.map {
                            [
                                "id": .string($0.id), "rule": .string($0.rule),
                                "ok": .bool($0.offenders.isEmpty),
                                "offenders": JSON(Int64($0.offenders.count)),
                            ]
                        }),
                ])
            }),
        .get(
            "/v1/metrics", .auditors, "Figures in the text format of Prometheus.",
            answers: [.bytes("text/plain")],
            { call in
                let (organisation, now) = (try call.organisation, call.desk.clock.now)
                let text = try await call.read { tx in try Figures(of: organisation, in: tx, at: now).text }
                return .bytes(Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
            }),
        .get(
            "/v1/reports/{name}", .auditors,
            "A table as `<name>.csv` (RFC 4180) or JSON: \(Report.names.joined(separator: ", ")).",
            query: [
                Query.Parameter(name: "from", shape: .date, note: "That day (UTC) or later."),
                Query.Parameter(name: "to", shape: .date, note: "Before that day (UTC)."),
                Query.Parameter(
                    name: "format", shape: .word(["csv", "json"]), note: "Instead of the ending."),
            ],
            answers: [.bytes("text/csv"), .ok(.report)],
            { call in
                let name = call.parameter("name")
                let isCSV = call.query["format"].map { $0 == "csv" } ?? name.hasSuffix(".csv")
                let stem = String(name.split(separator: ".").first ?? "")
                guard let report = Report.of(stem) else { throw Problem.notFound("report") }
                let span = Report.Span(from: call.query.date("from"), to: call.query.date("to"))
                let organisation = try call.organisation
                let table = try await call.read { tx in try report(organisation, span, tx) }
                return isCSV
                    ? .bytes(Array(table.csv.utf8), type: "text/csv; charset=utf-8; header=present")
                    : .ok(["name": .string(stem), "rows": .array(table.objects)])
            }),
    ]
}

extension AuditRecord {
    /// As the API shows it.
    fileprivate var json: JSON {
        [
            "id": .id(id), "at": .time(at), "actor": .string(actor), "action": .string(action),
            "object": .string(object), "reason": .text(reason), "request_id": .text(request),
        ]
    }
}

extension ObjectShape {
    /// A line of the audit log.
    static let auditEntry = ObjectShape(
        "AuditEntry",
        [
            .must("id", .id("evt")), .must("at", .instant), .must("actor", .shortText),
            .must("action", .shortText), .must("object", .shortText), .may("reason", .longText),
            .may("request_id", .shortText),
        ])

    /// Whether all is well.
    static let auditCheck = ObjectShape(
        "AuditCheck",
        [
            .must("ok", .flag), .must("checked_at", .instant),
            .must(
                "invariants",
                .list(
                    ObjectShape(
                        "InvariantResult",
                        [
                            .must("id", .shortText), .must("rule", .longText), .must("ok", .flag),
                            .must("offenders", .count, "How many objects break it."),
                        ]))),
        ])

    /// A table.
    static let report = ObjectShape(
        "Report",
        [
            .must("name", .shortText),
            .must("rows", .list(.anything(note: "The columns of the CSV by name."), max: 100_000)),
        ])
}

/// Figures for a monitoring system.
private struct Figures {
    let text: String

    init(of organisation: OrganisationID, in tx: Tx, at now: Instant) throws {
        var lines: [String] = []
        func gauge(_ name: String, _ help: String, _ values: [(labels: String, value: Int64)]) {
            lines += ["# HELP amptill_\(name) \(help)", "# TYPE amptill_\(name) gauge"]
            lines += values.map { "amptill_\(name)\($0.labels) \($0.value)" }
        }
        let doubts = try tx.doubts(of: organisation)
        let stations = try tx.stationsOnline(of: organisation)
        let (parcels, deliveries) = try tx.waiting()
        gauge("doubts", "Gateway calls whose outcome nobody knows.", [("", doubts.count)])
        gauge(
            "oldest_doubt_seconds", "Age of the oldest of them.",
            [("", doubts.since.map { (now - $0).seconds } ?? 0)])
        gauge("stations_online", "Stations with a connection.", [("", stations.online)])
        gauge("stations", "Stations.", [("", stations.all)])
        gauge("outbox_waiting", "Parcels that have not left, of the installation.", [("", parcels)])
        gauge("inbox_waiting", "Deliveries not worked on, of the installation.", [("", deliveries)])
        gauge(
            "work_items_open", "Questions for a person.",
            [("", try tx.countOpenWorkItems(of: organisation))])
        for table in CountedTable.allCases {
            gauge(
                "\(table.rawValue)s", "How many \(table.rawValue)s are in each state.",
                try tx.statuses(of: table, for: organisation).map { ("{status=\"\($0.0)\"}", $0.1) })
        }
        text = lines.joined(separator: "\n") + "\n"
    }
}
