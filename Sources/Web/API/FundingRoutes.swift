// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Payments
import Quantities
import Storage

/// Money that drivers bring and owe: top-ups, pay-outs, debts, saved methods; and what banks claim back (api.md §3.3, §3.4,
/// §3.7).
enum FundingRoutes {
    private static let drivers: Set<Scope> = [.operator, .service, .driver]

    static let all: [Route] = [
        .post(
            "/v1/wallets/{id}/top_ups", drivers,
            "Put money into a prepaid balance, on the gateway's page or by a saved card; credited when captured.",
            request: ObjectShape(
                "NewTopUp",
                [
                    .must("amount", .money),
                    .may("payment_method", .id("pm"), "A saved card of the account."), .returnURL,
                    .may("metadata", .texts, "Words of your own."),
                ]),
            answers: [.created(.payment), .accepted(.payment)], problems: toppingUp,
            { call in try await topUp(call, try await call.find(WalletRecord.self, "wallet")) }
        ).once,
        .post(
            "/v1/wallets/{id}/pay_out", [.operator, .driver],
            "Give unused balance back to the instruments that paid it in.",
            request: ObjectShape("NewPayOut", [.must("amount", .money)]),
            answers: [
                .accepted(ObjectShape("PayOut", [.must("refunds", .list(.refund))]))
            ],
            problems: [.amountTooSmall, .currencyMismatch, .insufficientBalance, .invalidState], payOut
        ).once,
        .get(
            "/v1/accounts/{id}/debts", Set.readers.union([.driver]), "What an account has not paid.",
            answers: [.ok(.list(of: .debt))],
            { call in
                let account = try await call.find(AccountRecord.self, "account")
                let debts = try await call.read { tx in try tx.openDebts(of: account.id) }
                return .ok(["data": .array(debts.map(\.json))])
            }),
        .post(
            "/v1/bills/{id}/pay", drivers.union([.guest]),
            "Pay what is open of a session, on the gateway's page or by a saved card.",
            request: ObjectShape(
                "DebtPayment",
                [.may("payment_method", .id("pm"), "A saved card of the account."), .returnURL]),
            answers: [.created(.payment), .accepted(.payment)], problems: payingDebts,
            { call in
                let bill = try await call.find(BillRecord.self, "bill")
                if case .guest(let checkout) = call.caller, checkout.bill != bill.id {
                    throw Problem.notFound("bill")
                }
                return try await payDebt(call, bill)
            }
        ).once,
        .get(
            "/v1/accounts/{id}/payment_methods", Set.readers.union([.driver]),
            "Cards that may be charged without their owner being there.",
            answers: [.ok(.list(of: .paymentMethod))],
            { call in
                let account = try await call.find(AccountRecord.self, "account")
                let methods = try await call.read { tx in try tx.methods(of: account.id) }
                return .ok(["data": .array(methods.map(\.json))])
            }),
        .get(
            "/v1/disputes", .auditors, "What banks claim back, newest first.",
            query: Query.Parameter.page("dsp") + [
                Query.Parameter(
                    name: "payment", shape: .id("pay"), note: "Of this payment.", isRepeatable: true),
                Query.Parameter(
                    name: "status", shape: .word(Dispute.State.allCases.map(\.rawValue)),
                    note: "In this state.", isRepeatable: true),
            ],
            answers: [.page(of: .dispute)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "dsp", times: "opened_at")
                page.narrow("payment", by: "payment")
                page.narrow("status", by: "status")
                return try await call.page(
                    of: DisputeRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .get(
            "/v1/disputes/{id}", .auditors, "A dispute.", answers: [.ok(.dispute)],
            { call in .ok(try await call.find(DisputeRecord.self, "dispute").json) }),
        .get(
            "/v1/disputes/{id}/evidence", .auditors, "The pack of evidence, once it was put together.",
            answers: [.ok(.evidencePack)],
            { call in
                guard let pack = try await call.find(DisputeRecord.self, "dispute").evidence else {
                    throw Problem.notFound("evidence yet")
                }
                return .ok(["pack": try JSON.parse(pack, limits: .standard)])
            }),
        .post(
            "/v1/disputes/{id}/evidence/submit", .operators,
            "Send the pack of evidence to the bank. It cannot be taken back.", request: .disputeConfirmation,
            answers: [.ok(.dispute)], problems: [.invalidState],
            { call in
                let id = try await confirmed(call)
                return try await answered {
                    try await AnswerDispute(desk: call.desk).submit(id, by: try call.author)
                }
            }),
        .post(
            "/v1/disputes/{id}/accept", .operators,
            "Give the disputed money up. It cannot be taken back.", request: .disputeConfirmation,
            answers: [.ok(.dispute)], problems: [.invalidState],
            { call in
                let id = try await confirmed(call)
                return try await answered {
                    try await AnswerDispute(desk: call.desk).accept(id, by: try call.author)
                }
            }),
        .get(
            "/v1/settlements", .operators, "Imports of gateways' reports, newest first.",
            query: Query.Parameter.page("evt") + [
                Query.Parameter(
                    name: "gateway_account", shape: .id("gwa"), note: "Of this gateway account.",
                    isRepeatable: true)
            ],
            answers: [.page(of: .settlement)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "evt", times: "imported_at")
                page.narrow("gateway_account", by: "gateway_account")
                return try await call.page(
                    of: SettlementImportRecord.self, page, id: { $0.id.text }, shown: { $0.json })
            }),
        .post(
            "/v1/settlements", .operators,
            "Take in a gateway's report; a line that is known already changes nothing. Gateways with an interface are read hourly by themselves.",
            request: .newSettlement,
            answers: [.created(.list(of: .settlement))], problems: [.amountTooSmall, .currencyMismatch],
            importReport
        ).once,
        .get(
            "/v1/settlements/{id}", .operators, "An import of a gateway's report.",
            answers: [.ok(.settlement)],
            { call in .ok(try await call.find(SettlementImportRecord.self, "settlement").json) }),
    ]

    /// What a top-up can meet.
    static let toppingUp: [Problem.Code] = [
        .amountTooSmall, .amountTooLarge, .currencyMismatch, .gatewayUnavailable, .reloadCapReached,
        .paymentDeclined, .authenticationRequired, .returnURLNotAllowed,
    ]
    /// What paying a debt can meet.
    static let payingDebts: [Problem.Code] = [
        .invalidState, .paymentInDoubt, .gatewayUnavailable, .amountTooLarge, .paymentDeclined,
        .authenticationRequired, .returnURLNotAllowed,
    ]

    private static func importReport(_ call: Call) async throws -> Reply {
        let body = call.body
        let id: GatewayAccountID = try body.need("gateway_account", try body.id("gateway_account"))
        let organisation = try call.organisation
        guard
            try await call.read({ tx in try tx.find(GatewayAccountRecord.self, id) })?.organisation
                == organisation
        else { throw Problem.invalidField("/gateway_account", "There is no such gateway account.") }
        let lines = try (body.objects("lines") ?? []).map { try SettlementLine($0) }
        let balance = try body.money("balance")
        do {
            let imports = try await ImportSettlement(desk: call.desk)(lines, reported: balance, of: id)
            return .created(["data": .array(imports.map(\.json))], at: "/v1/settlements")
        } catch ImportSettlement.Refusal.feeIsNegative(let line) {
            throw Problem(
                .amountTooSmall, "The fee of the line \"\(line.prefix(80))\" is negative.", at: "/lines")
        } catch ImportSettlement.Refusal.unknownAccount {
            throw Problem.notFound("gateway account")
        }
    }

    /// What cannot be taken back is named twice: in the path and in the body.
    private static func confirmed(_ call: Call) async throws -> DisputeID {
        let dispute = try await call.find(DisputeRecord.self, "dispute")
        guard call.body.text("confirm") == dispute.id.text else {
            throw Problem.invalidField("/confirm", "It repeats the id of the dispute.")
        }
        return dispute.id
    }

    private static func answered(_ verb: () async throws -> DisputeRecord) async throws -> Reply {
        do {
            return .ok(try await verb().json)
        } catch let refusal as AnswerDispute.Refusal {
            let state: String
            switch refusal {
            case .invalidState(let word): state = word
            case .notAssembled: state = "not_assembled"
            }
            throw Problem(
                .invalidState, "This dispute cannot be answered now.",
                extras: ["state": .string(state), "allowed": ["needs_response"]])
        }
    }

    /// Puts the amount of the body into a wallet, on the body's card or on the gateway's page.
    static func topUp(_ call: Call, _ wallet: WalletRecord) async throws -> Reply {
        let amount = try call.body.need("amount", call.body.money("amount"))
        do {
            let (metadata, address) = (call.body.texts("metadata"), call.body.text("return_url"))
            let (verb, key) = (TopUpWallet(desk: call.desk), call.onceName ?? call.requestID.text)
            guard let method: PaymentMethodID = try call.body.id("payment_method") else {
                return try await call.page(
                    of: try await verb(
                        amount, to: wallet.id, returningTo: address, clientKey: key, metadata: metadata))
            }
            let payment = try await verb(
                amount, to: wallet.id, on: method, returningTo: address, clientKey: key, metadata: metadata)
            return try await call.charged(payment) {
                try await verb(
                    amount, to: wallet.id, returningTo: address, clientKey: key + ":confirm",
                    metadata: metadata)
            }
        } catch let refusal as TopUpWallet.Refusal {
            switch refusal {
            case .unknownWallet: throw Problem.notFound("wallet")
            case .unknownMethod:
                throw Problem.invalidField("/payment_method", "The account has no such card.")
            case .exceedsConsent(let maximum):
                throw Problem(
                    .amountTooLarge, "The card's owner agreed to at most \(maximum) at once.", at: "/amount")
            case .capReached(let left):
                throw Problem(
                    .reloadCapReached, "The wallet's caps leave \(left) for its saved card now.",
                    at: "/amount", extras: ["left": left.json])
            case .notPositive: throw Problem(.amountTooSmall, "A top-up is of something.", at: "/amount")
            case .currencyMismatch(let given, let wanted):
                throw Problem.currencyMismatch(given, wanted, at: "/amount")
            }
        }
    }

    private static func payOut(_ call: Call) async throws -> Reply {
        let wallet = try await call.find(WalletRecord.self, "wallet")
        let amount = try call.body.need("amount", call.body.money("amount"))
        do {
            let refunds = try await PayOutWallet(desk: call.desk)(amount, of: wallet.id, by: call.author)
            return .accepted(
                ["refunds": .array(refunds.map(\.json))], at: "/v1/wallets/\(wallet.id)/entries")
        } catch let refusal as PayOutWallet.Refusal {
            switch refusal {
            case .notPositive: throw Problem(.amountTooSmall, "A pay-out is of something.", at: "/amount")
            case .currencyMismatch(let given, let wanted):
                throw Problem.currencyMismatch(given, wanted, at: "/amount")
            case .insufficientBalance(let available):
                throw Problem(
                    .insufficientBalance, "\(available) of it is unused.", at: "/amount",
                    extras: ["available": available.json])
            case .noInstrument(let refundable):
                throw Problem(
                    .invalidState, "Only \(refundable) came from instruments that can take it back.",
                    extras: ["state": "not_refundable", "allowed": [], "refundable": refundable.json])
            }
        }
    }

    /// Pays what is open of a bill, on the body's card or on the gateway's page.
    static func payDebt(_ call: Call, _ bill: BillRecord) async throws -> Reply {
        do {
            let (verb, key) = (PayDebt(desk: call.desk), call.onceName ?? call.requestID.text)
            let (metadata, address) = (call.body.texts("metadata"), call.body.text("return_url"))
            let amount = try call.body.money("amount")
            let onPage = { @Sendable (key: String) in
                try await verb(
                    bill.id, returningTo: address, expecting: amount, clientKey: key, metadata: metadata)
            }
            guard let method: PaymentMethodID = try call.body.id("payment_method") else {
                return try await call.page(of: try await onPage(key))
            }
            let payment = try await verb(
                bill.id, on: method, returningTo: address, expecting: amount, clientKey: key,
                metadata: metadata)
            return try await call.charged(payment) { try await onPage(key + ":confirm") }
        } catch let refusal as PayDebt.Refusal {
            switch refusal {
            case .unknownBill: throw Problem.notFound("bill")
            case .unknownMethod:
                throw Problem.invalidField("/payment_method", "The account has no such card.")
            case .exceedsConsent(let maximum):
                throw Problem(.amountTooLarge, "The card's owner agreed to at most \(maximum) at once.")
            case .isNotWhole(let open):
                throw Problem(
                    .invalidState, "\(open) are open, and a debt is paid whole.", at: "/amount",
                    extras: ["state": "in_debt", "allowed": [], "open": open.json])
            case .nothingIsOwed(let state):
                throw Problem(
                    .invalidState, "Nothing is open of this session.",
                    extras: ["state": .string(state), "allowed": ["in_debt"]])
            case .isBeingCollected(let payment):
                throw Problem(
                    .paymentInDoubt, "Another try is with the bank; nobody knows yet how it ended.",
                    extras: ["payment": .id(payment)])
            }
        }
    }
}

extension Call {
    /// A payment that was just begun, once the gateway's page is known or a moment has passed.
    func page(of payment: PaymentRecord) async throws -> Reply {
        let view = try await LongPoll(hub: hub)(
            3, on: [payment.id.text, payment.bill?.text ?? payment.id.text],
            status: { (view: PaymentView) in view.payment.nextAction ?? view.payment.status },
            look: {
                try await read { tx in
                    try PaymentView(try tx.find(PaymentRecord.self, payment.id) ?? payment, in: tx)
                }
            })
        let place = "/v1/payments/\(payment.id)"
        return view.payment.capturedAt == nil
            ? .accepted(view.json, at: place) : .created(view.json, at: place)
    }
}

extension ObjectShape.Field {
    /// Where the gateway's page sends the driver back to.
    static let returnURL = ObjectShape.Field.may(
        "return_url", .text(.url, max: 500),
        "Where the gateway's page sends the driver back to; on the organisation's list.")
}

extension DebtRecord {
    /// As the API shows it.
    fileprivate var json: JSON {
        [
            "id": .id(id), "status": .string(status), "bill": .id(bill), "account": .id(account),
            "amount": amount.json, "opened_at": .time(openedAt), "closed_at": .time(closedAt),
            "version": JSON(version),
        ]
    }
}

extension PaymentMethodRecord {
    /// As the API shows it; never the gateway's name for it.
    var json: JSON {
        [
            "id": .id(id), "kind": .string(instrument.kind), "brand": .text(instrument.brand),
            "last4": .text(instrument.last4), "wallet": .text(instrument.wallet), "status": .string(status),
            "is_default": .bool(isDefault), "created_at": .time(createdAt), "version": JSON(version),
        ]
    }
}

extension DisputeRecord {
    /// As the API shows it.
    var json: JSON {
        [
            "id": .id(id), "status": .string(status), "payment": .id(payment), "amount": amount.json,
            "fee": fee.json, "reason": .string(reason), "due_at": .time(dueAt),
            "evidence": [
                "complete": .bool(evidence != nil && missing.isEmpty),
                "missing": .array(missing.map(JSON.string)),
            ],
            "submitted_at": .time(submittedAt), "opened_at": .time(openedAt), "closed_at": .time(closedAt),
            "version": JSON(version),
        ]
    }
}

extension SettlementImportRecord {
    /// As the API shows it.
    fileprivate var json: JSON {
        func money(_ minor: Int64?) -> JSON {
            .money(minor.map { Money(minorUnits: $0, currency: currency) })
        }
        return [
            "id": .id(id), "gateway_account": .id(gatewayAccount), "lines": JSON(lines),
            "clearing": [
                "ours": money(clearingMinor), "theirs": money(reportedMinor),
                "not_listed": money(missingMinor), "unexplained": money(unexplainedMinor),
            ],
            "imported_at": .time(importedAt),
        ]
    }
}

extension ObjectShape {
    /// An unpaid remainder.
    static let debt = ObjectShape(
        "Debt",
        [
            .must("id", .shortText), .must("status", .word(["open", "paid", "written_off"])),
            .must("bill", .id("bil")), .may("account", .id("acc")), .must("amount", .money),
            .must("opened_at", .instant), .may("closed_at", .instant), .must("version", .count),
        ])

    /// A saved card.
    static let paymentMethod = ObjectShape(
        "PaymentMethod",
        [
            .must("id", .id("pm")), .must("kind", .shortText), .may("brand", .shortText),
            .may("last4", .shortText), .may("wallet", .shortText),
            .must("status", .word(["usable", "detached"])), .must("is_default", .flag),
            .must("created_at", .instant), .must("version", .count),
        ])

    /// Money that a bank claims back.
    static let dispute = ObjectShape(
        "Dispute",
        [
            .must("id", .id("dsp")), .must("status", .word(Dispute.State.allCases.map(\.rawValue))),
            .must("payment", .id("pay")), .must("amount", .money), .must("fee", .money),
            .must("reason", .shortText), .may("due_at", .instant, "Evidence must be sent by then."),
            .must(
                "evidence",
                .object(
                    ObjectShape(
                        "Evidence",
                        [.must("complete", .flag), .must("missing", .list(.longText, max: 100))]))),
            .may("submitted_at", .instant), .must("opened_at", .instant), .may("closed_at", .instant),
            .must("version", .count),
        ])

    /// What cannot be taken back is confirmed.
    static let disputeConfirmation = ObjectShape(
        "DisputeConfirmation", [.must("confirm", .id("dsp"), "The id of the dispute, again.")])

    /// What is said against a dispute.
    static let evidencePack = ObjectShape(
        "EvidencePack", [.must("pack", .anything(note: "Facts only: price, consent, trail, bill, receipt."))])

    /// What a gateway holds for us, and what our books say.
    static let settlement = ObjectShape(
        "Settlement",
        [
            .must("id", .id("evt")), .must("gateway_account", .id("gwa")), .must("lines", .count),
            .must(
                "clearing",
                .object(
                    ObjectShape(
                        "Clearing",
                        [
                            .must("ours", .money), .may("theirs", .money), .must("not_listed", .money),
                            .must("unexplained", .money, "Zero is good."),
                        ]))), .must("imported_at", .instant),
        ])
}

extension SettlementLine {
    /// A line as it was uploaded.
    fileprivate init(_ body: Body) throws(Problem) {
        let gross = try body.need("gross", try body.money("gross"))
        let fee = try body.money("fee") ?? .zero(gross.currency)
        guard fee.currency == gross.currency else {
            throw Problem.currencyMismatch(fee.currency, gross.currency, at: body.place(of: "fee"))
        }
        let (_, overflows) = gross.minorUnits.subtractingReportingOverflow(fee.minorUnits)
        guard !overflows else { throw .invalidField(body.place(of: "gross"), "Nobody moves that much.") }
        self.init(
            line: try body.need("line", body.text("line")),
            kind: try body.need("kind", try body.word("kind")), gross: gross, fee: fee, net: gross - fee,
            occurredAt: try body.need("occurred_at", try body.instant("occurred_at")))
        payment = try body.id("payment")
        reference = body.text("reference")
        payout = body.text("payout")
        availableOn = try body.instant("available_at")
    }
}

extension ObjectShape {
    /// What moves at a gateway in one line: no honest report has more than ten thousand million of it.
    private static let settlementMoney = Shape.object(
        ObjectShape(
            "SettlementMoney",
            [
                .must("amount", .integer(-1_000_000_000_000...1_000_000_000_000), "Minor units."),
                .must("currency", .text(.currency, max: 3)),
            ]))

    /// A gateway's report.
    static let newSettlement = ObjectShape(
        "NewSettlement",
        [
            .must("gateway_account", .id("gwa")),
            .may("balance", settlementMoney, "What the gateway says it holds after these lines."),
            .must(
                "lines",
                .list(
                    .object(
                        ObjectShape(
                            "SettlementLine",
                            [
                                .must("line", .shortText, "The gateway's name of the line."),
                                .must("kind", .word(SettlementLine.Kind.allCases.map(\.rawValue))),
                                .must("gross", settlementMoney, "Negative for money that leaves."),
                                .may("fee", settlementMoney), .must("occurred_at", .instant),
                                .may("available_at", .instant), .may("payment", .id("pay")),
                                .may("reference", .shortText), .may("payout", .shortText),
                            ])), max: 5000)),
        ])
}
