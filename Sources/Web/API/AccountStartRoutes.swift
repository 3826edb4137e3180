// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Payments
import Quantities
import Storage

/// Starts for accounts, and what saved cards pay while the driver is not on a gateway's page (api.md §3.4, §3.6).
enum AccountStartRoutes {
    private static let drivers: Set<Scope> = [.service, .operator, .driver]

    static let all: [Route] = [
        .post(
            "/v1/sessions", drivers,
            "Start a session for an account. It is followed as a checkout, which names the session once the charger began.",
            request: .accountStart, answers: [.accepted(.checkout)],
            problems: [
                .unknownEVSE, .evseOccupied, .evseUnavailable, .stationOffline, .alreadyCharging,
                .priceChanged, .outstandingDebt, .insufficientBalance, .creditLimitReached,
                .billingDataRequired, .preAuthorizationFailed, .authenticationRequired, .currencyMismatch,
                .amountTooSmall, .gatewayUnavailable, .invalidState, .notFound,
            ], start
        ).once,
        .post(
            "/v1/accounts/{id}/payment_methods", drivers,
            "Leave a card for later charges, on the gateway's page and with a consent of its own.",
            request: .newPaymentMethod, answers: [.created(.payment), .accepted(.payment)],
            problems: [.gatewayUnavailable, .currencyMismatch, .amountTooSmall, .returnURLNotAllowed], save),
        .post(
            "/v1/payment_methods/{id}/default", drivers, "Charge the account on this card from now on.",
            answers: [.ok(.paymentMethod)], problems: [.invalidState],
            { call in
                let method = try await call.find(PaymentMethodRecord.self, "payment method")
                return .ok(
                    try await SaveMethod(desk: call.desk).makeDefault(method.id, by: try call.author).json)
            }),
        .post(
            "/v1/payment_methods/{id}/detach", drivers,
            "Never charge this card again; what is under way goes on.", answers: [.ok(.paymentMethod)],
            { call in
                let method = try await call.find(PaymentMethodRecord.self, "payment method")
                return .ok(try await SaveMethod(desk: call.desk).detach(method.id, by: try call.author).json)
            }),
    ]

    private static func save(_ call: Call) async throws -> Reply {
        let account = try await call.find(AccountRecord.self, "account")
        let consent = try call.body.need("consent", call.body.object("consent"))
        let maximum = try consent.need("maximum", try consent.money("maximum"))
        let currency = try call.currency
        guard maximum.currency == currency else {
            throw Problem.currencyMismatch(maximum.currency, currency, at: "/consent/maximum/currency")
        }
        guard maximum.isPositive else {
            throw Problem(.amountTooSmall, "A consent is to something.", at: "/consent/maximum/amount")
        }
        let payment = try await SaveMethod(desk: call.desk)(
            for: account.id, at: try call.body.id("gateway_account"),
            returningTo: call.body.text("return_url"),
            consent: Consent(
                textVersion: try consent.need("text_version", consent.text("text_version")),
                maximumMinor: maximum.minorUnits, at: call.desk.clock.now),
            clientKey: call.onceName ?? call.requestID.text, by: try call.author)
        return try await call.page(of: payment)
    }

    private static func start(_ call: Call) async throws -> Reply {
        let id: AccountID = try call.body.need("account", try call.body.id("account"))
        if let own = call.caller.account, own != id { throw Problem.notFound("account") }
        var wish = StartForAccount.Wish(
            evseCode: try call.body.need("evse", call.body.text("evse")), account: id,
            accepted: try call.body.need("accept_quote", call.body.text("accept_quote")))
        wish.method = try call.body.id("payment_method")
        let limits = call.body.object("limits")
        wish.limit = try limits?.money("cost")
        wish.limits = limits.map { SessionLimits($0) } ?? SessionLimits()
        wish.language = call.body.text("language") ?? "en"
        wish.metadata = call.body.texts("metadata")
        let key = call.onceName ?? call.requestID.text
        let checkout: CheckoutRecord
        do {
            checkout = try await StartForAccount(desk: call.desk)(wish, clientKey: key, by: try call.author)
        } catch let refusal as StartForAccount.Refusal {
            throw try await problem(refusal, call)
        }
        let visit = try await call.settled(checkout.id)
        if let payment = visit.payment, payment.decline != nil, visit.bill.status != "starting" {
            try await refuse(visit, payment, key: key, call)
        }
        return .accepted(try visit.json(call.desk), at: "/v1/checkouts/\(checkout.id)")
    }

    /// The card's bank said no. If it only wants to see its owner, they are told where to go.
    private static func refuse(
        _ visit: Visit, _ payment: PaymentRecord, key: String, _ call: Call
    ) async throws -> Never {
        let language = visit.checkout.spoken
        let decline = payment.decline?.json(in: language) ?? .null
        guard payment.decline?.advice == Decline.Advice.needsAuthentication.rawValue else {
            throw Problem(
                .preAuthorizationFailed,
                payment.decline?.sentence(in: Words(language)) ?? "The hold was not approved.",
                extras: ["decline": decline, "checkout": .id(visit.checkout.id)])
        }
        let shown = try await AwaitGatewayPage(desk: call.desk, hub: call.hub)(of: visit) {
            try await RequestHold(desk: call.desk)(
                visit.checkout.id, accepting: visit.quote.hash, clientKey: key + ":confirm")
        }
        throw Problem(
            .authenticationRequired, "The bank wants the driver to confirm this payment.",
            extras: [
                "decline": decline, "checkout": .id(visit.checkout.id), "payment": .id(shown.id),
                "next_action": shown.nextActionJSON,
            ])
    }

    private static func problem(_ refusal: StartForAccount.Refusal, _ call: Call) async throws -> Problem {
        switch refusal {
        case .accountBlocked:
            return Problem(
                .invalidState, "The account is blocked.", extras: ["state": "blocked", "allowed": ["active"]])
        case .outstandingDebt(let amount, let bill):
            return Problem(
                .outstandingDebt,
                amount.map { "\($0) of an earlier session is open. Pay it to start a new one." }
                    ?? "An invoice is overdue.",
                extras: [
                    "amount": .money(amount), "bill": .id(bill),
                    "pay_url": .text(bill.map { call.desk.settings.publicURL + "/v1/bills/\($0)/pay" }),
                ])
        case .billingDataRequired:
            return Problem(
                .billingDataRequired, "The account needs an invoice_address before it can be invoiced.")
        case .creditLimitReached(let left):
            return Problem(
                .creditLimitReached, "\(left) of the credit limit is left, less than this session may cost.",
                extras: ["available": left.json])
        case .insufficientBalance(let available):
            return Problem(
                .insufficientBalance, "\(available) of the wallet is unused, too little to start with.",
                extras: ["available": available.json])
        case .currencyMismatch(let given, let wanted):
            return Problem(.currencyMismatch, "The wallet is in \(given), the price in \(wanted).")
        case .noFunding:
            return Problem(
                .invalidState, "The account has nothing to pay with: no wallet, no credit, no saved card.",
                extras: ["state": "no_funding", "allowed": []])
        case .unknownMethod:
            return .invalidField("/payment_method", "The account has no such card.")
        case .alreadyCharging(let session):
            return Problem(
                .alreadyCharging, "The account charges already.", extras: ["session": .id(session)])
        }
    }
}

extension PaymentRecord {
    /// Where the driver must go; null for nowhere.
    var nextActionJSON: JSON {
        nextAction.map { ["type": "redirect", "url": .string($0), "expires_at": .null] } ?? .null
    }
}

extension Call {
    /// How long whoever starts or pays is kept waiting for a bank, seconds.
    private static let patience: Int64 = 8

    /// The visit once its saved card was approved or refused, or a moment has passed.
    fileprivate func settled(_ id: CheckoutID) async throws -> Visit {
        let first = try await visit(id)
        guard first.bill.status == "funding", let payment = first.payment else { return first }
        return try await decided(
            first.watches.union([payment.id.text]),
            isDone: { (visit: Visit) in visit.bill.status != "funding" },
            look: { try await visit(id) })
    }

    /// The payment once the saved card was charged or refused, or a moment has passed. A refusal is a problem, with the
    /// gateway's page if the bank only wants to see the card's owner.
    func charged(
        _ payment: PaymentRecord, confirming: @Sendable () async throws -> PaymentRecord
    ) async throws -> Reply {
        // A hold is there when it is approved; everything else when the money is.
        let isThere = { @Sendable (row: PaymentRecord) in
            row.purpose == .session ? row.authorizedAt != nil : row.capturedAt != nil
        }
        let view = try await decided(
            [payment.id.text],
            isDone: { (view: PaymentView) in
                isThere(view.payment) || view.payment.decline != nil || view.payment.isOver
            },
            look: {
                try await read { tx in
                    try PaymentView(try tx.find(PaymentRecord.self, payment.id) ?? payment, in: tx)
                }
            })
        guard let decline = view.payment.decline else {
            let place = "/v1/payments/\(payment.id)"
            return isThere(view.payment)
                ? .created(view.json, at: place) : .accepted(view.json, at: place)
        }
        guard decline.advice == Decline.Advice.needsAuthentication.rawValue else {
            throw Problem(
                payment.purpose == .session ? .preAuthorizationFailed : .paymentDeclined,
                decline.sentence(in: Words(view.language)),
                extras: ["decline": decline.json(in: view.language), "payment": .id(payment.id)])
        }
        let begun = try await confirming()
        let shown = try await decided(
            [begun.id.text], isDone: { (row: PaymentRecord) in row.nextAction != nil || row.isOver },
            look: { try await read { tx in try tx.find(PaymentRecord.self, begun.id) ?? begun } })
        throw Problem(
            .authenticationRequired, "The bank wants the driver to confirm this payment.",
            extras: [
                "decline": decline.json(in: view.language), "payment": .id(begun.id),
                "next_action": shown.nextActionJSON,
            ])
    }

    /// Looks until it is decided, at every hint, for as long as a person waits.
    private func decided<Value: Sendable>(
        _ ids: Set<String>, isDone: @escaping @Sendable (Value) -> Bool,
        look: @Sendable () async throws -> Value
    ) async throws -> Value {
        let watch = hub.watch(ids)
        defer { watch.end() }
        var value = try await look()
        let alarm = Task {
            // A cancelled alarm rings early, when nobody listens any more.
            try? await Task.sleep(for: .seconds(Self.patience))
            watch.end()
        }
        defer { alarm.cancel() }
        var signals = watch.signals.makeAsyncIterator()
        while !isDone(value), await signals.next() != nil { value = try await look() }
        return isDone(value) ? value : try await look()
    }
}

extension ObjectShape {
    /// What is to be started, for whom.
    static let accountStart = ObjectShape(
        "NewSession",
        [
            .must("evse", .text(.plain, max: 12), "The code printed on the EVSE."),
            .must("account", .id("acc")),
            .must("accept_quote", .shortText, "The hash of the quote that was shown."),
            .may("payment_method", .id("pm"), "A saved card instead of the account's usual source."),
            .may("limits", .object(.sessionLimits), "What it shall end at; the cost becomes the hold."),
            .may("language", .text(.plain, max: 10)), .may("metadata", .texts, "Words of your own."),
        ])

    /// A card that is to be left.
    static let newPaymentMethod = ObjectShape(
        "NewPaymentMethod",
        [
            .must(
                "consent",
                .object(
                    ObjectShape(
                        "NewConsent",
                        [
                            .must("text_version", .shortText, "Of the text that was shown."),
                            .must("maximum", .money, "No later charge exceeds this."),
                        ]))),
            .may(
                "gateway_account", .id("gwa"),
                "Who keeps it; the one that new payments are made at if absent."), .returnURL,
        ])
}
