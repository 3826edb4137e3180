// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import JSONText
import Payments
import Quantities
import Storage

/// A program asks an account for money (api.md §3.7). What it is for decides the way; each is the one there was: a top-up
/// (§3.4), a debt (§3.3), or a hold for a session that nothing stands behind.
enum NewPaymentRoutes {
    static let all: [Route] = [
        Route.post(
            "/v1/payments", .programs,
            "Ask an account for money: on a saved card, or on the gateway's page. A session has its hold from its start; this is for one that lost it.",
            request: .newPayment, answers: [.created(.payment), .accepted(.payment)],
            problems: FundingRoutes.toppingUp + FundingRoutes.payingDebts + [
                .preAuthorizationFailed, .notFound,
            ], make
        ).once
    ]

    private static func make(_ call: Call) async throws -> Reply {
        let id: AccountID = try call.body.need("account", try call.body.id("account"))
        let account = try await call.find(AccountRecord.self, "account", named: id.text)
        let purpose: PaymentPurpose = try call.body.need("purpose", try call.body.word("purpose"))
        let capture = purpose == .session ? "manual" : "automatic"
        guard call.body.text("capture") ?? capture == capture else {
            throw Problem.invalidField(
                "/capture",
                "A hold for a session is captured when its price is known: manual. What is topped up or owed is taken at once: automatic."
            )
        }
        switch purpose {
        case .topUp:
            return try await FundingRoutes.topUp(call, try await wallet(of: account, call))
        case .debt: return try await FundingRoutes.payDebt(call, try await bill(of: account, call))
        case .session: return try await hold(for: account, call)
        case .setUp:
            throw Problem.invalidField(
                "/purpose", "A card is left by POST /v1/accounts/{id}/payment_methods.")
        }
    }

    /// The account's wallet in the currency of the amount.
    private static func wallet(of account: AccountRecord, _ call: Call) async throws -> WalletRecord {
        let amount = try call.body.need("amount", try call.body.money("amount"))
        guard call.body["session"] == nil else {
            throw Problem.invalidField("/session", "A top-up is for no session.")
        }
        let wallets = try await call.read { tx in try tx.wallets(of: account.id) }
        if let wallet = wallets.first(where: { $0.currency == amount.currency }) { return wallet }
        guard let other = wallets.first else {
            throw Problem(
                .invalidState, "The account has no wallet.",
                extras: ["state": "no_wallet", "allowed": ["wallet"]])
        }
        throw Problem.currencyMismatch(amount.currency, other.currency, at: "/amount/currency")
    }

    /// The bill of the session, or else the one with the account's oldest debt.
    private static func bill(of account: AccountRecord, _ call: Call) async throws -> BillRecord {
        let wanted: SessionID? = try call.body.id("session")
        let bill = try await call.read { tx -> BillRecord? in
            guard let wanted else {
                return try tx.openDebts(of: account.id).first.flatMap {
                    try tx.find(BillRecord.self, $0.bill)
                }
            }
            let bill = try tx.bill(of: wanted)
            return bill?.account == account.id ? bill : nil
        }
        if let bill { return bill }
        guard wanted == nil else { throw Problem.notFound("session of this account") }
        throw Problem(
            .invalidState, "The account owes nothing.", extras: ["state": "nothing_owed", "allowed": []])
    }

    private static func hold(for account: AccountRecord, _ call: Call) async throws -> Reply {
        let session: SessionID = try call.body.need("session", try call.body.id("session"))
        let amount = try call.body.need("amount", try call.body.money("amount"))
        var wish = HoldForSession.Wish(amount, for: session, of: account.id)
        wish.method = try call.body.id("payment_method")
        wish.returnURL = call.body.text("return_url")
        wish.metadata = call.body.texts("metadata")
        let (asked, key, author) = (wish, call.onceName ?? call.requestID.text, try call.author)
        do {
            let verb = HoldForSession(desk: call.desk)
            let payment = try await verb(asked, clientKey: key, by: author)
            guard asked.method != nil else { return try await call.page(of: payment) }
            return try await call.charged(payment) {
                var onPage = asked
                onPage.method = nil
                return try await verb(onPage, clientKey: key + ":confirm", by: author)
            }
        } catch let refusal as HoldForSession.Refusal {
            throw Problem(refusal)
        }
    }
}

extension Problem {
    fileprivate init(_ refusal: HoldForSession.Refusal) {
        func state(_ word: String, _ allowed: [String], _ detail: String) -> Problem {
            Problem(
                .invalidState, detail,
                extras: ["state": .string(word), "allowed": .array(allowed.map(JSON.string))])
        }
        switch refusal {
        case .unknownSession: self = .notFound("session of this account that somebody pays for")
        case .invalidState(let word, let allowed):
            self = state(word, allowed, "The bill of the session is \(word): nothing is held for it now.")
        case .isFunded(let payment):
            self.init(
                .invalidState, "A payment stands behind the session already; it can be adjusted.",
                extras: ["state": "funded", "allowed": [], "payment": .id(payment)])
        case .isInvoiced: self = state("invoiced", [], "The session goes on the account's invoice.")
        case .currencyMismatch(let given, let wanted):
            self = .currencyMismatch(given, wanted, at: "/amount/currency")
        case .tooSmall(let minimum):
            self.init(
                .amountTooSmall, "A hold is at least \(minimum).", at: "/amount",
                extras: ["minimum": minimum.json])
        case .tooLarge(let maximum):
            self.init(
                .amountTooLarge, "A hold is at most \(maximum) here.", at: "/amount",
                extras: ["maximum": maximum.json])
        case .unknownMethod: self = .invalidField("/payment_method", "The account has no such card.")
        case .exceedsConsent(let maximum):
            self.init(
                .amountTooLarge, "The card's owner agreed to at most \(maximum) at once.", at: "/amount")
        }
    }
}

extension ObjectShape {
    /// What an account is asked for.
    static let newPayment = ObjectShape(
        "NewPayment",
        [
            .must("account", .id("acc")), .must("purpose", .word(["session", "top_up", "debt"])),
            .may("amount", .money, "How much; a debt is paid whole, whatever is open if absent."),
            .may("payment_method", .id("pm"), "A saved card; without one the gateway's page is opened."),
            .may(
                "capture", .word(["manual", "automatic"]),
                "manual for a session, automatic for everything else; that is also what it is if absent."),
            .may("session", .id("ses"), "Which one, for \"session\"; whose debt, for \"debt\"."),
            .returnURL, .may("metadata", .texts, "Words of your own."),
        ])
}
