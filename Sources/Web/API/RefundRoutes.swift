// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Payments
import Quantities
import Receipts
import Storage

/// Money given back, and the credit notes that say so (api.md §3.7, §3.9).
enum RefundRoutes {
    static let all: [Route] = [
        .post(
            "/v1/payments/{id}/refunds", .programs,
            "Give money back to the instrument that was charged, with a credit note. Without an amount: all that is left.",
            request: ObjectShape(
                "NewRefund",
                [
                    .may("amount", .money), .must("reason", .shortText),
                    .may(
                        "lines", .list(.object(.refundLine), max: 20),
                        "Which kinds of the receipt it is for, tax included; their sum is the amount. Without them: a share of everything."
                    ),
                    .may("to", .word(["original"]), "Always the instrument that was charged."),
                    .may("metadata", .texts, "Words of your own."),
                ]),
            answers: [.created(.refund), .accepted(.refund)],
            problems: [
                .invalidState, .refundExceedsCaptured, .disputeOpen, .currencyMismatch, .amountTooSmall,
                .limitOfKeyExceeded,
            ],
            refund
        ).once.rehearsable,
        .get(
            "/v1/refunds", .readers, "Refunds, newest first.",
            query: Query.Parameter.page("ref") + [
                Query.Parameter(
                    name: "status", shape: .word(Refund.State.allCases.map(\.rawValue)),
                    note: "In this state.",
                    isRepeatable: true),
                Query.Parameter(
                    name: "payment", shape: .id("pay"), note: "Of this payment.", isRepeatable: true),
                Query.Parameter(
                    name: "session", shape: .id("ses"), note: "Of this session.", isRepeatable: true),
                .metadata,
            ],
            answers: [.page(of: .refund)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "ref")
                page.narrow("status", by: "status")
                page.narrow("payment", by: "payment")
                page.narrow("session", by: "session")
                page.narrowMetadata()
                return try await call.page(
                    of: RefundRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .get(
            "/v1/refunds/{id}", .readers, "A refund.", answers: [.ok(.refund)],
            { call in .ok(try await call.find(RefundRecord.self, "refund").json) }),
        .post(
            "/v1/refunds/{id}/cancel", .operators,
            "Take a refund back before it was sent. Its credit note stays.", answers: [.ok(.refund)],
            problems: [.invalidState],
            { call in
                let refund = try await call.find(RefundRecord.self, "refund")
                do {
                    return .ok(try await CancelRefund(desk: call.desk)(refund.id, by: try call.author).json)
                } catch CancelRefund.Refusal.invalidState(let state) {
                    throw Problem(
                        .invalidState, "It has left, or is over.",
                        extras: ["state": .string(state), "allowed": ["requested"]])
                }
            }),
        .get(
            "/v1/credit_notes", .readers, "Credit notes, newest first.",
            query: Query.Parameter.page("crn") + [
                Query.Parameter(
                    name: "session", shape: .id("ses"), note: "Of this session.", isRepeatable: true)
            ],
            answers: [.page(of: .creditNote)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "crn", times: "issued_at")
                page.narrow("session", by: "session")
                page.filter.equal["kind"] = ["credit_note"]
                return try await call.page(
                    of: DocumentRecord.self, page, id: \.id, shown: { try $0.creditNoteJSON })
            }),
        .get(
            "/v1/credit_notes/{id}", .readers, "A credit note.", answers: [.ok(.creditNote)],
            { call in .ok(try await note(call).creditNoteJSON) }),
        ReceiptRoutes.form(
            .html, of: "/v1/credit_notes/{id}", .readers, "A credit note as a page that stands alone.", note),
        ReceiptRoutes.form(
            .pdf, of: "/v1/credit_notes/{id}", .readers, "A credit note as PDF.", note),
    ]

    private static func refund(_ call: Call) async throws -> Reply {
        let amount = try call.body.money("amount")
        if let amount, !amount.isPositive {
            throw Problem(.amountTooSmall, "A refund is of something.", at: "/amount")
        }
        let lines = try lines(call)
        let payment = try await call.find(PaymentRecord.self, "payment")
        do {
            try await checkLimit(
                try amount ?? RefundPayment.sum(of: lines, from: payment), of: payment, call)
            let refund = try await RefundPayment(desk: call.desk)(
                amount, lines: lines, of: try call.id(of: "payment"),
                because: try call.body.need("reason", call.body.text("reason")),
                metadata: call.body.texts("metadata"), by: try call.author)
            let place = "/v1/refunds/\(refund.id)"
            return refund.machine.state == .succeeded
                ? .created(refund.json, at: place) : .accepted(refund.json, at: place)
        } catch let refusal as RefundPayment.Refusal {
            throw Problem(refusal, of: lines)
        }
    }

    /// Which kinds it is for; empty for a share of everything.
    private static func lines(_ call: Call) throws(Problem) -> [CreditNote.Portion] {
        guard let objects = call.body.objects("lines") else { return [] }
        guard !objects.isEmpty else {
            throw .invalidField("/lines", "Name at least one kind, or leave the lines out.")
        }
        var lines: [CreditNote.Portion] = []
        for line in objects {
            lines.append(
                CreditNote.Portion(
                    kind: try line.need("kind", line.text("kind")),
                    amount: try line.need("amount", try line.money("amount"))))
        }
        return lines
    }

    /// A key may be trusted with small refunds only (api.md §2).
    private static func checkLimit(_ amount: Money?, of payment: PaymentRecord, _ call: Call) async throws {
        guard case .key(let key, _) = call.caller, let limit = key.refundLimit else { return }
        let view = try await call.read { tx in try PaymentView(payment, in: tx) }
        let wanted = amount ?? payment.captured - view.refunded
        guard wanted.currency == limit.currency, wanted <= limit else {
            throw Problem(
                .limitOfKeyExceeded, "This key may give back at most \(limit) at once.", at: "/amount",
                extras: ["limit": limit.json])
        }
    }

    static func note(_ call: Call) async throws -> DocumentRecord {
        let id: CreditNoteID = try call.id(of: "credit note")
        let row = try await call.read { tx in try tx.find(DocumentRecord.self, id) }
        guard let row, row.kind == "credit_note", row.organisation == call.caller.organisation else {
            throw Problem.notFound("credit note")
        }
        return row
    }
}

extension Problem {
    fileprivate init(_ refusal: RefundPayment.Refusal, of lines: [CreditNote.Portion]) {
        switch refusal {
        case .invalidState(let state):
            self.init(
                .invalidState, "Nothing was taken by this payment that could be given back.",
                extras: ["state": .string(state), "allowed": ["captured"]])
        case .exceedsCaptured(let available):
            self.init(
                .refundExceedsCaptured, "At most \(available) can still be given back.",
                at: lines.isEmpty ? "/amount" : "/lines", extras: ["available": available.json])
        case .disputeOpen:
            self.init(.disputeOpen, "While its dispute is open the money may be taken twice.")
        case .currencyMismatch(let given, let wanted):
            let line = lines.firstIndex { $0.amount.currency == given }
            self = .currencyMismatch(
                given, wanted,
                at: line.map { JSONPointer(text: "/lines/\($0)/amount/currency") } ?? "/amount/currency")
        case .linesDoNotSum(let sum, let amount):
            self = .invalidField("/lines", "The lines come to \(sum), and the amount is \(amount).")
        case .line(let refusal):
            self.init(refusal, of: lines)
        }
    }

    /// What is wrong with one of the lines.
    private init(_ refusal: CreditNote.Refusal, of lines: [CreditNote.Portion]) {
        func place(_ field: String, _ isMeant: (CreditNote.Portion) -> Bool) -> JSONPointer {
            JSONPointer(text: "/lines/\(lines.lastIndex(where: isMeant) ?? 0)/\(field)")
        }
        switch refusal {
        case .amountIsNotPositive(let amount):
            self.init(
                .amountTooSmall, "A refund is of something.", at: place("amount") { $0.amount == amount })
        case .exceedsReceipt(let left, _):
            self.init(
                .refundExceedsCaptured, "At most \(left) can still be given back.", at: "/lines",
                extras: ["available": left.json])
        case .unknownKind(let kind, let known):
            self.init(
                .invalidField, "The receipt has nothing of the kind \"\(kind.prefix(40))\".",
                at: place("kind") { $0.kind == kind }, extras: ["allowed": .array(known.map(JSON.string))])
        case .kindNamedTwice(let kind):
            self = .invalidField(place("kind") { $0.kind == kind }, "A kind is named once.")
        case .exceedsKind(let kind, let left, _):
            self.init(
                .refundExceedsCaptured, "At most \(left) can still be given back of this kind.",
                at: place("amount") { $0.kind == kind }, extras: ["available": left.json])
        }
    }
}

extension RefundRecord {
    /// As the API shows it.
    var json: JSON {
        [
            "id": .id(id), "status": .string(status), "amount": amount.json, "reason": .string(reason),
            "payment": .id(payment), "session": .id(session),
            "credit_note": creditNote.map { .string($0) } ?? .null,
            "metadata": .metadata(metadata), "created_at": .time(createdAt),
            "succeeded_at": .time(succeededAt), "version": JSON(version),
        ]
    }
}

extension DocumentRecord {
    fileprivate var creditNoteJSON: JSON {
        get throws {
            let note = try creditNote
            return [
                "id": .string(id), "number": .string(label), "series": .string(series),
                "issued_at": .time(issuedAt), "receipt_number": .string(note.original),
                "session": .id(session), "reason": .string(note.reason),
                "lines": .array(
                    note.lines.map {
                        ["kind": .string($0.kind), "net": $0.net.json, "gross": .money($0.gross)]
                    }),
                "taxes": .array(
                    note.taxes.map { ["rate": .text($0.rate?.percentText), "amount": $0.amount.json] }),
                "net": note.net.json, "gross": note.gross.json, "method": .string(note.method),
                "hash": .string(hash),
            ]
        }
    }
}

extension ObjectShape {
    /// What is given back of one kind.
    fileprivate static let refundLine = ObjectShape(
        "NewRefundLine",
        [
            .must("kind", .shortText, "A kind of the receipt, e.g. `energy`."),
            .must("amount", .money, "Tax included."),
        ])

    /// Money given back.
    static let refund = ObjectShape(
        "Refund",
        [
            .must("id", .id("ref")), .must("status", .word(Refund.State.allCases.map(\.rawValue))),
            .must("amount", .money), .must("reason", .shortText), .must("payment", .id("pay")),
            .may("session", .id("ses")), .may("credit_note", .id("crn")), .must("metadata", .texts),
            .must("created_at", .instant),
            .may("succeeded_at", .instant, "When the gateway confirmed it."), .must("version", .count),
        ])

    /// What is taken back of a receipt.
    static let creditNote = ObjectShape(
        "CreditNote",
        [
            .must("id", .id("crn")), .must("number", .shortText), .must("series", .shortText),
            .must("issued_at", .instant), .must("receipt_number", .shortText), .may("session", .id("ses")),
            .must("reason", .shortText),
            .must(
                "lines",
                .list(
                    ObjectShape(
                        "CreditNoteLine",
                        [
                            .must("kind", .shortText), .must("net", .money),
                            .may(
                                "gross", .money,
                                "Tax included. Null where a share of everything was taken back."),
                        ]))),
            .must(
                "taxes",
                .list(ObjectShape("CreditNoteTax", [.may("rate", .decimal), .must("amount", .money)]))),
            .must("net", .money), .must("gross", .money), .must("method", .shortText),
            .must("hash", .shortText, "Chained to the credit note before."),
        ])
}
