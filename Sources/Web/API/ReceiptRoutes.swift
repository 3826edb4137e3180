// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Receipts
import Storage

/// Receipts: the same content and the same bytes on every request (api.md §3.9).
enum ReceiptRoutes {
    static let all: [Route] = [
        .get(
            "/v1/receipts", Set.readers.union([.driver]), "Receipts, newest first.",
            query: Query.Parameter.page("rcp") + [
                Query.Parameter(
                    name: "session", shape: .id("ses"), note: "Of this session.", isRepeatable: true),
                Query.Parameter(
                    name: "account", shape: .id("acc"), note: "Of this account.", isRepeatable: true),
            ],
            answers: [.page(of: .receipt)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "rcp", times: "issued_at")
                page.narrow("session", by: "session")
                page.narrow("account", by: "account")
                page.filter.equal["kind"] = ["receipt"]
                return try await call.page(of: DocumentRecord.self, page, id: \.id) { try $0.json }
            }),
        .get(
            "/v1/receipts/{id}", visitors,
            "A receipt: JSON, or another form by Accept.",
            answers: [.ok(.receipt), .bytes("text/html"), .bytes("application/pdf")],
            { call in try await shown(try await document(call), as: { try $0.json }, to: call) }),
        form(.html, of: "/v1/receipts/{id}", visitors, "A receipt as a page that stands alone.", document),
        form(.pdf, of: "/v1/receipts/{id}", visitors, "A receipt as PDF.", document),
    ]

    /// Who sees a receipt: also the guest and the driver that it is for.
    private static let visitors: Set<Scope> = [.operator, .service, .readOnly, .guest, .driver]

    /// A document in a form of its own.
    static func form(
        _ form: RenderReceipt.Form, of path: String, _ scopes: Set<Scope>, _ summary: String,
        _ find: @escaping @Sendable (Call) async throws -> DocumentRecord
    ) -> Route {
        .get(
            "\(path)/\(form.rawValue)", scopes, summary,
            answers: [.bytes(form == .pdf ? "application/pdf" : "text/html")],
            { call in try await rendered(try await find(call), as: form, for: call) })
    }

    /// The receipt, if the caller may see it.
    static func document(_ call: Call) async throws -> DocumentRecord {
        let row = try await call.find(DocumentRecord.self, "receipt")
        guard row.kind == "receipt" else { throw Problem.notFound("receipt") }
        if case .guest(let checkout) = call.caller, row.bill != checkout.bill {
            throw Problem.notFound("receipt")
        }
        return row
    }

    /// In the form that `Accept` asks for; as `json` if it asks for nothing in particular.
    static func shown(
        _ document: DocumentRecord, as json: (DocumentRecord) throws -> JSON, to call: Call
    ) async throws -> Reply {
        let accepts = call.header(.accept) ?? "application/json"
        if !accepts.contains("application/json") {
            if accepts.contains("application/pdf") {
                return try await rendered(document, as: .pdf, for: call)
            }
            if accepts.contains("text/html") { return try await rendered(document, as: .html, for: call) }
        }
        var reply = Reply.ok(try json(document))
        reply.headers[.eTag] = "\"\(document.hash)\""
        return reply
    }

    private static func rendered(
        _ document: DocumentRecord, as form: RenderReceipt.Form, for call: Call
    ) async throws -> Reply {
        let bytes = try await RenderReceipt(desk: call.desk)(document, as: form)
        var reply = Reply.bytes(bytes, type: form.mediaType)
        reply.headers[.eTag] = "\"\(document.hash)-\(form.rawValue)\""
        if form == .pdf {
            reply.headers[.contentDisposition] = "inline; filename=\"\(document.label).pdf\""
        }
        return reply
    }
}

extension DocumentRecord {
    /// As the API shows it.
    var json: JSON {
        get throws {
            let receipt = try receipt
            return [
                "id": .string(id), "number": .string(label), "series": .string(series), "status": "issued",
                "issued_at": .time(issuedAt), "session": .id(session), "account": .id(account),
                "seller": receipt.seller.json, "place": receipt.place.json,
                "started_at": .time(receipt.charge.startedAt), "ended_at": .time(receipt.charge.endedAt),
                "energy_wh": JSON(receipt.charge.energy.wattHours),
                "lines": .array(receipt.lines.map(\.json)),
                "net": receipt.net.json,
                "taxes": .array(receipt.taxes.map { .tax($0.rate, on: $0.base, $0.amount) }),
                "gross": receipt.gross.json,
                "prices_include_tax": .bool(receipt.includesTax), "method": .string(receipt.paid.method),
                "reserved": receipt.paid.reserved.json, "captured": receipt.paid.captured.json,
                "released": receipt.paid.released.json, "captured_at": .time(receipt.paid.capturedAt),
                "tariff_version": .id(receipt.proof.version), "tariff_hash": .string(receipt.proof.hash),
                "rounding_policy": .string(receipt.roundingPolicy), "hash": .string(hash),
            ]
        }
    }
}

extension Receipt.Seller {
    fileprivate var json: JSON {
        ["legal_name": .string(legalName), "address": .string(address), "vat_id": .text(vatID)]
    }
}

extension Receipt.Place {
    fileprivate var json: JSON {
        [
            "site": .string(site), "address": .string(address), "evse_id": .string(evseID),
            "evse_code": .string(evseCode), "time_zone": .string(timeZone),
        ]
    }
}

extension Receipt.Line {
    fileprivate var json: JSON {
        [
            "kind": .string(kind), "quantity": .string(quantity), "unit": .string(unit),
            "unit_price": .text(unitPrice), "from": .time(from), "to": .time(to), "net": net.json,
            "amount": amount.json, "tax_rate": .text(taxRate?.percentText),
            "why": .string("\(why); \(arithmetic)"),
        ]
    }
}

extension ObjectShape {
    /// A receipt.
    static let receipt = ObjectShape(
        "Receipt",
        [
            .must("id", .id("rcp")), .must("number", .shortText), .must("series", .shortText),
            .must("status", .word(["issued"])), .must("issued_at", .instant), .may("session", .id("ses")),
            .may("account", .id("acc")),
            .must(
                "seller",
                .object(
                    ObjectShape(
                        "Seller",
                        [
                            .must("legal_name", .shortText), .must("address", .longText),
                            .may("vat_id", .shortText),
                        ]))),
            .must(
                "place",
                .object(
                    ObjectShape(
                        "ReceiptPlace",
                        [
                            .must("site", .shortText), .must("address", .longText),
                            .must("evse_id", .shortText),
                            .must("evse_code", .shortText), .must("time_zone", .shortText),
                        ]))), .must("started_at", .instant), .must("ended_at", .instant),
            .must("energy_wh", .count),
            .must(
                "lines",
                .list(
                    ObjectShape(
                        "ReceiptLine",
                        [
                            .must("kind", .shortText), .must("quantity", .shortText),
                            .must("unit", .shortText),
                            .may("unit_price", .shortText), .must("from", .instant), .must("to", .instant),
                            .must("net", .money), .must("amount", .money), .may("tax_rate", .decimal),
                            .must("why", .longText),
                        ]))), .must("net", .money), .must("taxes", .list(.tax)), .must("gross", .money),
            .must("prices_include_tax", .flag), .must("method", .shortText), .must("reserved", .money),
            .must("captured", .money), .must("released", .money), .must("captured_at", .instant),
            .must("tariff_version", .id("trv")), .must("tariff_hash", .shortText),
            .must("rounding_policy", .shortText), .must("hash", .shortText, "Chained to the receipt before."),
        ])
}
