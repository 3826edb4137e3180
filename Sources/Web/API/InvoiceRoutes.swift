// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Receipts
import Storage

/// Invoices of accounts that pay by the month: what stands on them, their page and PDF, and the transfers that pay them
/// (api.md §3.9).
enum InvoiceRoutes {
    static let all: [Route] = [
        .get(
            "/v1/invoices", Set.readers.union([.driver]), "Invoices of accounts, newest first.",
            query: Query.Parameter.page("inv") + [
                Query.Parameter(
                    name: "account", shape: .id("acc"), note: "Of this account.", isRepeatable: true),
                Query.Parameter(
                    name: "status", shape: .word(["open", "paid"]), note: "In this state.",
                    isRepeatable: true),
            ],
            answers: [.page(of: .invoice)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "inv", times: "issued_at")
                page.narrow("account", by: "account")
                page.narrow("status", by: "status")
                return try await call.page(
                    of: InvoiceRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .get(
            "/v1/invoices/{id}", Set.readers.union([.driver]),
            "An invoice with its lines: JSON, or another form by Accept.",
            answers: [.ok(.invoiceDocument), .bytes("text/html"), .bytes("application/pdf")], shown),
        ReceiptRoutes.form(
            .html, of: "/v1/invoices/{id}", Set.readers.union([.driver]),
            "An invoice as a page that stands alone.", document),
        ReceiptRoutes.form(
            .pdf, of: "/v1/invoices/{id}", Set.readers.union([.driver]), "An invoice as PDF.", document),
        .post(
            "/v1/invoices/{id}/payments", .operators,
            "Book a bank transfer that pays an invoice, by the line of the bank's statement; each line once.",
            request: ObjectShape(
                "InvoicePayment",
                [
                    .must("amount", .money),
                    .must("line", .shortText, "The bank's name of the statement line."),
                ]),
            answers: [.ok(.invoice)],
            problems: [.amountTooSmall, .amountTooLarge, .currencyMismatch], pay
        ).once,
        .post(
            "/v1/accounts/{id}/invoices", .operators,
            "Invoice what was rated before this month and is on no invoice; the clock does it by itself.",
            answers: [.created(.invoice)], problems: [.invalidState, .billingDataRequired],
            { call in
                let account = try await call.find(AccountRecord.self, "account")
                guard account.funding != .invoice || account.invoiceAddress != nil else {
                    throw Problem(
                        .billingDataRequired,
                        "The account needs an invoice_address before it can be invoiced.")
                }
                guard let invoice = try await IssueInvoice(desk: call.desk)(account.id) else {
                    throw Problem(
                        .invalidState, "There is nothing to invoice.",
                        extras: ["state": "nothing_unbilled", "allowed": ["unbilled"]])
                }
                return .created(invoice.json, at: "/v1/invoices/\(invoice.id)")
            }),
    ]

    private static func shown(_ call: Call) async throws -> Reply {
        let (row, document) = try await found(call)
        return try await ReceiptRoutes.shown(
            document, as: { row.json(with: try $0.invoice) }, to: call)
    }

    /// The document of an invoice, if the caller may see it.
    static func document(_ call: Call) async throws -> DocumentRecord { try await found(call).document }

    private static func found(_ call: Call) async throws -> (row: InvoiceRecord, document: DocumentRecord) {
        let row = try await call.find(InvoiceRecord.self, "invoice")
        let document = try await call.read { tx in try tx.find(DocumentRecord.self, row.document) }
        guard let document else { throw Problem.notFound("invoice") }
        return (row, document)
    }

    private static func pay(_ call: Call) async throws -> Reply {
        let invoice = try await call.find(InvoiceRecord.self, "invoice")
        let amount = try call.body.need("amount", call.body.money("amount"))
        do {
            let paid = try await RecordInvoicePayment(desk: call.desk)(
                amount, of: invoice.id, line: try call.body.need("line", call.body.text("line")),
                by: try call.author)
            return .ok(paid.json)
        } catch let refusal as RecordInvoicePayment.Refusal {
            switch refusal {
            case .notPositive: throw Problem(.amountTooSmall, "A payment is of something.", at: "/amount")
            case .exceedsOpen(let open):
                throw Problem(
                    .amountTooLarge, "\(open) of it is open; the rest must be for something else.",
                    at: "/amount", extras: ["open": open.json])
            case .currencyMismatch(let given, let wanted):
                throw Problem.currencyMismatch(given, wanted, at: "/amount")
            }
        }
    }
}

extension InvoiceRecord {
    /// As the API shows it.
    var json: JSON {
        func money(_ minor: Int64) -> JSON { Money(minorUnits: minor, currency: currency).json }
        return [
            "id": .id(id), "number": .string(label), "status": .string(status), "account": .id(account),
            "period": .string(period), "net": money(netMinor), "tax": money(taxMinor),
            "gross": gross.json, "paid": money(paidMinor), "due_at": .time(dueAt),
            "issued_at": .time(issuedAt), "paid_at": .time(paidAt), "version": JSON(version),
        ]
    }

    /// With what stands on the document.
    fileprivate func json(with invoice: Invoice) -> JSON {
        let content: [JSON.Member] = [
            JSON.Member(
                "customer",
                [
                    "name": .string(invoice.customer), "address": .text(invoice.customerAddress),
                    "vat_id": .text(invoice.customerVATID),
                ]),
            JSON.Member("lines", .array(invoice.lines.map(\.json))),
            JSON.Member("taxes", .array(invoice.taxes.map { .tax($0.rate, on: $0.base, $0.amount) })),
        ]
        return .object((json.object ?? []) + content)
    }
}

extension Invoice.Line {
    fileprivate var json: JSON {
        [
            "session": .id(session), "started_at": .time(startedAt), "energy_wh": JSON(energy.wattHours),
            "net": net.json, "site": .text(site), "token_masked": .text(token),
        ]
    }
}

extension ObjectShape {
    /// The month of an invoiced account.
    static let invoice = ObjectShape(
        "Invoice",
        [
            .must("id", .id("inv")), .must("number", .shortText), .must("status", .word(["open", "paid"])),
            .must("account", .id("acc")), .must("period", .shortText), .must("net", .money),
            .must("tax", .money), .must("gross", .money), .must("paid", .money), .must("due_at", .instant),
            .must("issued_at", .instant), .may("paid_at", .instant), .must("version", .count),
        ])

    /// An invoice with what stands on it.
    static let invoiceDocument = ObjectShape(
        "InvoiceDocument",
        invoice.fields + [
            .must(
                "customer",
                .object(
                    ObjectShape(
                        "InvoiceCustomer",
                        [
                            .must("name", .shortText), .may("address", .longText),
                            .may("vat_id", .shortText),
                        ])), "Who is invoiced."),
            .must(
                "lines",
                .list(
                    ObjectShape(
                        "InvoiceLine",
                        [
                            .may("session", .id("ses")), .must("started_at", .instant),
                            .must("energy_wh", .count), .must("net", .money), .may("site", .shortText),
                            .may("token_masked", .shortText),
                        ]))), .must("taxes", .list(.tax)),
        ])
}
