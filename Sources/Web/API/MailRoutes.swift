// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Quantities
import Storage

/// Documents by mail: sent again with the number they have, and how far each mail came (receipts.md §8).
enum MailRoutes {
    static let all: [Route] = [
        sending(
            "/v1/receipts/{id}/send", [.operator, .service, .driver],
            "Send a receipt by mail, to the address that is known or to another.", ReceiptRoutes.document),
        sending(
            "/v1/credit_notes/{id}/send", .programs,
            "Send a credit note by mail, to the address that is known or to another.", RefundRoutes.note),
        sending(
            "/v1/invoices/{id}/send", [.operator, .service, .driver],
            "Send an invoice by mail, to the address of the account or to another.", InvoiceRoutes.document),
        sending(
            "/v1/checkouts/{id}/receipt/send", [.guest, .driver, .operator, .service],
            "Send the receipt of a visit by mail, once the money is confirmed.",
            { call in
                let visit = try await call.visit(try call.id(of: "checkout"))
                guard let document = visit.receipt else { throw Problem.notFound("receipt yet") }
                return document
            }),
        .get(
            "/v1/mails", [.operator, .service, .readOnly], "Mails, newest first.",
            query: Query.Parameter.page("mal") + [
                Query.Parameter(
                    name: "status", shape: .word(MailRecord.Status.allCases.map(\.rawValue)),
                    note: "In this state.", isRepeatable: true),
                Query.Parameter(
                    name: "object", shape: .shortText, note: "About this object.", isRepeatable: true),
            ],
            answers: [.page(of: .mail)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "mal")
                page.narrow("status", by: "status")
                page.narrow("object", by: "object")
                return try await call.page(of: MailRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .get(
            "/v1/mails/{id}", [.operator, .service, .readOnly], "A mail, and how far it came.",
            answers: [.ok(.mail)], { call in .ok(try await call.find(MailRecord.self, "mail").json) }),
    ]

    private static func sending(
        _ path: String, _ scopes: Set<Scope>, _ summary: String,
        _ find: @escaping @Sendable (Call) async throws -> DocumentRecord
    ) -> Route {
        .post(
            path, scopes, summary, request: .mailWish, answers: [.accepted(.mail)],
            problems: [.mailNotConfigured],
            { call in
                guard call.desk.settings.sendsMail else { throw SendMail.Refusal.notConfigured }
                return try await send(try await find(call), call)
            })
    }

    /// A few mails a minute for one document: enough for whoever mistyped an address, and nothing for whoever wants to
    /// flood one.
    private static func send(_ document: DocumentRecord, _ call: Call) async throws -> Reply {
        var ignored = HTTPFields()
        try call.clerk.take("mails:" + document.id, call.clerk.limits.checkouts, &ignored)
        let mail = try await SendMail(desk: call.desk).document(document, to: call.body.text("email"))
        return .accepted(mail.json, at: "/v1/mails/\(mail.id)")
    }
}

extension MailRecord {
    /// As the API shows it; never the address.
    var json: JSON {
        [
            "id": .id(id), "kind": .word(kind), "object": .string(object), "status": .word(status),
            "attempts": JSON(attempts), "answer": .text(answer), "created_at": .time(createdAt),
            "sent_at": .time(sentAt), "next_at": .time(nextAt), "version": JSON(version),
        ]
    }
}

extension ObjectShape {
    /// Where a document is sent.
    static let mailWish = ObjectShape(
        "NewMail",
        [
            .may(
                "email", .text(.email, max: 200),
                "Another address than the one that the checkout or the account has.")
        ])

    /// A mail on its way.
    static let mail = ObjectShape(
        "Mail",
        [
            .must("id", .id("mal")), .must("kind", .word(MailRecord.Kind.allCases.map(\.rawValue))),
            .must("object", .shortText, "What it is about."),
            .must("status", .word(MailRecord.Status.allCases.map(\.rawValue))), .must("attempts", .count),
            .may("answer", .shortText, "How the last attempt ended, e.g. the mail server's `550`."),
            .must("created_at", .instant), .may("sent_at", .instant),
            .may("next_at", .instant, "When it is tried next."), .must("version", .count),
        ])
}
