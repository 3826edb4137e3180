// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Payments
import Quantities
import Storage

/// Payments and what gateways tell about them (api.md §3.7).
enum PaymentRoutes {
    static let all: [Route] = [
        .get(
            "/v1/payments", .readers, "Payments, newest first.",
            query: Query.Parameter.page("pay") + [
                Query.Parameter(
                    name: "status", shape: .word(statuses), note: "In this state.", isRepeatable: true),
                Query.Parameter(name: "bill", shape: .id("bil"), note: "Of this bill.", isRepeatable: true),
                Query.Parameter(
                    name: "session", shape: .id("ses"), note: "Of this session's bill.", isRepeatable: true),
                Query.Parameter(
                    name: "wallet", shape: .id("wal"), note: "Into or from this wallet.", isRepeatable: true),
                Query.Parameter(
                    name: "account", shape: .id("acc"),
                    note: "For this account's sessions, wallets, debts and cards.", isRepeatable: true),
                Query.Parameter(
                    name: "purpose", shape: .word(["session", "top_up", "debt", "set_up"]), note: "For this.",
                    isRepeatable: true), .metadata,
            ],
            answers: [.page(of: .payment)], problems: [.invalidCursor], list),
        .get(
            "/v1/payments/{id}", Set.readers.union([.driver]),
            "A payment. While its outcome is in doubt, looking at it has the gateway asked.",
            query: [LongPoll.parameter],
            answers: [.ok(.payment)],
            { call in
                let row = try await call.find(PaymentRecord.self, "payment")
                if row.status.hasSuffix("_unknown"), !call.desk.settings.isReadOnly {
                    try await SteerPayment(desk: call.desk).hasten(row.id)
                }
                let view = try await LongPoll(hub: call.hub)(
                    call.query.integer("wait"), on: [row.id.text, row.bill?.text ?? row.id.text],
                    status: { (view: PaymentView) in view.payment.status },
                    look: {
                        try await call.read { tx in
                            try PaymentView(try tx.find(PaymentRecord.self, row.id) ?? row, in: tx)
                        }
                    })
                return .ok(view.json)
            }),
        .get(
            "/v1/payments/{id}/attempts", .readers,
            "Every call to the gateway, written down before it was made.",
            answers: [.ok(.list(of: .attempt))],
            { call in
                let payment = try await call.find(PaymentRecord.self, "payment")
                let attempts = try await call.read { tx in try tx.attempts(of: payment.id) }
                return .ok(["data": .array(attempts.map { $0.json(payment.currency) })])
            }),
        .post(
            "/v1/payments/{id}/capture", .programs,
            "Take money of a hold for a session whose price is known. The server does it by itself; this is for when it could not.",
            request: ObjectShape("NewCapture", [.must("amount", .money)]),
            answers: [.ok(.payment), .accepted(.payment)],
            problems: steering + [.captureExceedsHold],
            { call in
                let amount = try call.body.need("amount", try call.body.money("amount"))
                return try await steer(call) { verb, id, author in
                    try await verb.capture(amount, of: id, by: author)
                }
            }
        ).once.rehearsable,
        .post(
            "/v1/payments/{id}/adjust", .programs, "Ask the bank for a larger hold.",
            request: ObjectShape("NewTotal", [.must("new_total", .money)]),
            answers: [.ok(.payment), .accepted(.payment)],
            problems: steering + [.adjustNotSupported],
            { call in
                let total = try call.body.need("new_total", try call.body.money("new_total"))
                return try await steer(call) { verb, id, author in
                    try await verb.adjust(to: total, id, by: author)
                }
            }
        ).once,
        .post(
            "/v1/payments/{id}/void", .programs,
            "Give a hold back before anything runs on it, or give up a page that was left open.",
            answers: [.ok(.payment), .accepted(.payment)], problems: [.invalidState],
            { call in try await steer(call) { verb, id, author in try await verb.void(id, by: author) } }
        ).once,
        .post(
            "/v1/payments/{id}/resolve", .operators, "Ask the gateway now what became of it.",
            answers: [.ok(.payment), .accepted(.payment)], problems: [.invalidState],
            { call in try await steer(call) { verb, id, author in try await verb.resolve(id, by: author) } }),
        hook,
    ]

    private static let steering: [Problem.Code] = [
        .invalidState, .currencyMismatch, .amountTooSmall, .amountTooLarge,
    ]

    /// 202 while the gateway has not answered, 200 afterwards.
    private static func steer(
        _ call: Call,
        _ verb: (SteerPayment, PaymentID, Author) async throws -> PaymentRecord
    ) async throws -> Reply {
        let seen = try await call.find(PaymentRecord.self, "payment")
        do {
            let payment = try await verb(SteerPayment(desk: call.desk), seen.id, try call.author)
            let view = try await call.read { tx in try PaymentView(payment, in: tx) }
            return payment.isUnderWay
                ? .accepted(view.json, at: "/v1/payments/\(payment.id)") : .ok(view.json)
        } catch let refusal as SteerPayment.Refusal {
            throw Problem(refusal)
        }
    }

    /// Base states: what is in doubt shows as asked for, plus `in_doubt` (decided.md, Machines).
    static let statuses = [
        "created", "authorizing", "action_required", "declined", "authorized", "adjusting", "capturing",
        "captured",
        "capture_failed", "voiding", "voided", "expired", "external",
    ]

    private static func list(_ call: Call) async throws -> Reply {
        var page = try Page(call, prefix: "pay")
        let wanted = call.query.all("status")
        if !wanted.isEmpty {
            page.filter.equal["status"] = wanted + wanted.compactMap { PaymentView.doubtful[$0] }
        }
        page.narrow("bill", by: "bill")
        page.narrow("purpose", by: "purpose")
        page.narrow("wallet", by: "wallet")
        page.filter.payers = call.query.all("account")
        page.narrowMetadata()
        try await narrowToSessions(&page, call)
        let organisation = try call.organisation
        let filter = page.filter
        let (views, hasMore) = try await call.read { tx in
            let (rows, hasMore) = try tx.page(of: PaymentRecord.self, for: organisation, filter)
            return (try rows.map { try PaymentView($0, in: tx) }, hasMore)
        }
        let shown = Dictionary(uniqueKeysWithValues: views.map { ($0.payment.id, $0) })
        return .ok(
            page.json(views.map(\.payment), hasMore: hasMore, id: { $0.id.text }) {
                shown[$0.id]?.json ?? .null
            })
    }

    /// A payment knows its bill, and the bill its session.
    private static func narrowToSessions(_ page: inout Page, _ call: Call) async throws {
        let sessions = call.query.all("session").compactMap { SessionID($0) }
        guard !sessions.isEmpty else { return }
        let bills = try await call.read { tx in try sessions.compactMap { try tx.bill(of: $0)?.id.text } }
        let wanted = page.filter.equal["bill"]
        let both = bills.filter { wanted?.contains($0) ?? true }
        // No id is empty, so an empty text fits nothing; an empty list would fit everything.
        page.filter.equal["bill"] = both.isEmpty ? [""] : both
    }

    /// What a gateway tells: checked over the raw bytes, stored, answered; worked on later.
    private static let hook: Route = {
        var route = Route.post(
            "/v1/hooks/{gateway_account}", [.anonymous], "For gateways: signed, raw.",
            answers: [.bytes("text/plain")],
            problems: [.badSignature, .bodyTooLarge],
            { call in
                switch try await ReceiveWebhook(desk: call.desk)(
                    account: call.parameter("gateway_account"), headers: call.headers, body: call.bytes)
                {
                case .stored(let word): return .bytes(Array(word.utf8), type: "text/plain; charset=utf-8")
                case .unknownAccount: throw Problem.notFound("gateway account")
                case .badSignature: throw Problem(.badSignature, "The signature does not fit the body.")
                }
            })
        route.takesRawBody = true
        return route
    }()
}

extension Problem {
    fileprivate init(_ refusal: SteerPayment.Refusal) {
        switch refusal {
        case .invalidState(let state, let allowed):
            self.init(
                .invalidState, "It is \(state).",
                extras: ["state": .string(state), "allowed": .array(allowed.map(JSON.string))])
        case .currencyMismatch(let given, let wanted):
            self = .currencyMismatch(given, wanted)
        case .notPositive: self.init(.amountTooSmall, "The amount must be more than zero.")
        case .exceedsHold(let hold):
            self.init(
                .captureExceedsHold, "\(hold) is held, and a capture never exceeds it.", at: "/amount",
                extras: ["held": hold.json])
        case .exceedsOwed(let owed):
            self.init(
                .amountTooLarge, "\(owed) is owed and not yet taken.", at: "/amount",
                extras: ["owed": owed.json])
        case .cannotAdjust:
            self.init(
                .adjustNotSupported, "This hold cannot be changed; what it does not cover is asked for later."
            )
        case .isNotMore(let hold):
            self.init(
                .amountTooSmall, "\(hold) is held already; the rest is released by itself.", at: "/new_total")
        case .exceedsCeiling(let ceiling):
            self.init(
                .amountTooLarge, "A hold is raised to at most \(ceiling).", at: "/new_total",
                extras: ["maximum": ceiling.json])
        case .noGateway:
            self.init(
                .invalidState, "No gateway knows this payment.",
                extras: ["state": "no_gateway", "allowed": []])
        }
    }
}

/// A payment with what belongs to it.
struct PaymentView: Sendable {
    let payment: PaymentRecord
    let session: SessionID?
    let gatewayName: String?
    /// The attempt whose outcome nobody knows, if there is one.
    let doubt: AttemptRecord?
    /// What was given back, or is on its way.
    let refunded: Money
    /// What its driver reads.
    let language: Language

    /// Which state of doubt is shown as which base state.
    static let doubtful = [
        "authorizing": "auth_unknown", "adjusting": "adjust_unknown", "capturing": "capture_unknown",
        "voiding": "void_unknown",
    ]

    init(_ payment: PaymentRecord, in tx: Tx) throws {
        self.payment = payment
        let bill = try payment.bill.flatMap { try tx.find(BillRecord.self, $0) }
        session = bill?.session
        language = try bill?.checkout.flatMap { try tx.find(CheckoutRecord.self, $0) }?.spoken ?? .english
        refunded = try tx.refunds(of: payment.id).filter(\.machine.counts).map(\.amount)
            .sum(in: payment.currency)
        gatewayName = try payment.gatewayAccount.flatMap { try tx.find(GatewayAccountRecord.self, $0) }?.name
        doubt =
            payment.status.hasSuffix("_unknown")
            ? try tx.attempts(of: payment.id).last { $0.status == "unknown" || $0.nextCheckAt != nil } : nil
    }

    /// As the API shows it.
    var json: JSON {
        let status = Self.doubtful.first { $0.value == payment.status }?.key ?? payment.status
        let isAuthorized = payment.authorizedAt != nil
        return [
            "id": .id(payment.id), "status": .string(status), "purpose": .word(payment.purpose),
            "source": .word(payment.source), "amount": payment.hold.json, "captured": payment.captured.json,
            "refunded": refunded.json,
            "capture_before": .time(isAuthorized ? payment.captureBefore : nil),
            "capabilities": capabilities,
            "gateway_account": .text(gatewayName), "gateway_reference": .text(payment.gatewayReference),
            "instrument": payment.instrument?.json ?? .null, "in_doubt": inDoubt,
            "decline": payment.decline?.json(in: language) ?? .null,
            "next_action": payment.nextAction.map {
                ["type": "redirect", "url": .string($0), "expires_at": .null]
            }
                ?? .null,
            "wallet": .id(payment.wallet), "bill": .id(payment.bill), "session": .id(session),
            "authorized_at": .time(payment.authorizedAt), "captured_at": .time(payment.capturedAt),
            "released_at": .time(payment.releasedAt), "metadata": .metadata(payment.metadata),
            "created_at": .time(payment.createdAt),
            "version": JSON(payment.version),
        ]
    }

    /// Where the gateway told nothing, the conservative value of each.
    private var capabilities: JSON {
        let known = payment.machine.authorization?.capabilities
        return [
            "can_increment": .bool(known?.canIncrement ?? false),
            "increments_left": JSON(Int64(known?.incrementsLeft ?? 0)),
            "releases_remainder": .bool(known?.releasesRemainder ?? true),
        ]
    }

    private var inDoubt: JSON {
        guard payment.status.hasSuffix("_unknown") else { return .null }
        return [
            "operation": .text(doubt?.operation), "since": .time(doubt?.sentAt),
            "next_check_at": .time(doubt?.nextCheckAt),
        ]
    }
}

extension Instrument {
    var json: JSON {
        ["kind": .string(kind), "brand": .text(brand), "last4": .text(last4), "wallet": .text(wallet)]
    }
}

extension AttemptRecord {
    /// As the API shows it; what was sent holds secrets and is not shown.
    func json(_ currency: Currency) -> JSON {
        [
            "id": .id(id), "operation": .string(operation), "ordinal": JSON(ordinal),
            "status": .string(status),
            "amount": .money(amountMinor.map { Money(minorUnits: $0, currency: currency) }),
            "idempotency_key": .string(idempotencyKey), "request_hash": .text(requestHash),
            "sent_at": .time(sentAt),
            "next_check_at": .time(nextCheckAt), "lookups": JSON(lookups), "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }
}

extension ObjectShape {
    /// One use of one funding source.
    static let payment = ObjectShape(
        "Payment",
        [
            .must("id", .id("pay")), .must("status", .word(PaymentRoutes.statuses)),
            .must("purpose", .word(["session", "top_up", "debt", "set_up"])),
            .must("source", .word(["card", "wallet", "external"])),
            .must("amount", .money, "What is held, or was asked for."),
            .must("captured", .money), .must("refunded", .money), .may("capture_before", .instant),
            .must(
                "capabilities",
                .object(
                    ObjectShape(
                        "Capabilities",
                        [
                            .must("can_increment", .flag), .must("increments_left", .count),
                            .must("releases_remainder", .flag),
                        ]))), .may("gateway_account", .shortText), .may("gateway_reference", .shortText),
            .may(
                "instrument",
                .object(
                    ObjectShape(
                        "Instrument",
                        [
                            .must("kind", .shortText), .may("brand", .shortText), .may("last4", .shortText),
                            .may("wallet", .shortText),
                        ]))),
            .may(
                "in_doubt",
                .object(
                    ObjectShape(
                        "InDoubt",
                        [
                            .may("operation", .shortText), .may("since", .instant),
                            .may("next_check_at", .instant),
                        ])), "Nobody knows the outcome yet; it is being looked up."),
            .may("decline", .object(.decline)), .may("next_action", .object(.nextAction)),
            .may("wallet", .id("wal")), .may("bill", .id("bil")), .may("session", .id("ses")),
            .may("authorized_at", .instant), .may("captured_at", .instant), .may("released_at", .instant),
            .must("metadata", .texts), .must("created_at", .instant), .must("version", .count),
        ])

    /// One call to a gateway.
    static let attempt = ObjectShape(
        "Attempt",
        [
            .must("id", .id("att")), .must("operation", .shortText), .must("ordinal", .count),
            .must("status", .word(Attempt.State.allCases.map(\.rawValue))), .may("amount", .money),
            .must("idempotency_key", .shortText), .may("request_hash", .shortText), .may("sent_at", .instant),
            .may("next_check_at", .instant), .must("lookups", .count), .must("created_at", .instant),
            .must("version", .count),
        ])
}
