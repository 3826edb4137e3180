// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import JSONText
import Quantities
import Storage

/// Accounts and tokens (api.md §3.3).
enum AccountRoutes {
    static let all: [Route] = [
        .get(
            "/v1/accounts", .readers, "Accounts, newest first.",
            query: Query.Parameter.page("acc") + [
                Query.Parameter(
                    name: "status", shape: .word(statuses), note: "In this state.", isRepeatable: true),
                Query.Parameter(name: "kind", shape: .word(kinds), note: "Of this kind.", isRepeatable: true),
                Query.Parameter(
                    name: "funding", shape: .word(fundings), note: "Paying by this.", isRepeatable: true),
                .metadata,
            ],
            answers: [.page(of: .account)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "acc")
                page.narrow("status", by: "status")
                page.narrow("kind", by: "kind")
                page.narrow("funding", by: "funding")
                page.narrowMetadata()
                let currency = try call.currency
                return try await call.page(of: AccountRecord.self, page, id: { $0.id.text }) {
                    $0.json(currency)
                }
            }),
        .post(
            "/v1/accounts", .programs, "Make an account. One that pays from a wallet gets its wallet.",
            request: .accountWish, answers: [.created(.account)], problems: [.currencyMismatch],
            { call in
                let account = try await Accounts(desk: call.desk).create(
                    try wish(call.body), by: try call.author)
                return .created(account.json(try call.currency), at: "/v1/accounts/\(account.id)")
            }),
        .get(
            "/v1/accounts/{id}", Set.readers.union([.driver]), "An account.", answers: [.ok(.account)],
            { call in
                let account = try await call.find(AccountRecord.self, "account")
                let now = call.desk.clock.now
                let standing = try await call.read { tx in
                    try AccountStanding(of: account.id, in: tx, at: now)
                }
                return .ok(account.json(try call.currency, standing))
            }),
        .patch(
            "/v1/accounts/{id}", .programs, "Change an account.",
            request: ObjectShape.accountWish.patch("AccountChange"),
            answers: [.ok(.account)], problems: [.currencyMismatch],
            { call in
                let account = try await Accounts(desk: call.desk).change(
                    try call.id(of: "account"), try wish(call.body), version: try call.expectedVersion,
                    by: try call.author)
                return .ok(account.json(try call.currency))
            }),
        .get(
            "/v1/tokens", .readers, "Tokens, newest first.",
            query: Query.Parameter.page("tok") + [
                Query.Parameter(
                    name: "account", shape: .id("acc"), note: "Of this account.", isRepeatable: true),
                Query.Parameter(
                    name: "status", shape: .word(statuses), note: "In this state.", isRepeatable: true),
                .metadata,
            ],
            answers: [.page(of: .token)], problems: [.invalidCursor],
            { call in
                var page = try Page(call, prefix: "tok")
                page.narrow("account", by: "account")
                page.narrow("status", by: "status")
                page.narrowMetadata()
                // Tokens for one start of a guest are no cards that anybody looks for.
                page.filter.equal["kind"] = ["rfid", "app"]
                let currency = try call.currency
                return try await call.page(of: TokenRecord.self, page, id: { $0.id.text }) {
                    $0.json(currency)
                }
            }),
        .post(
            "/v1/tokens", .programs, "Make a card or app token known.", request: .tokenWish,
            answers: [.created(.token)], problems: [.tokenAlreadyBound, .currencyMismatch],
            { call in
                var wish = Tokens.Wish(
                    kind: try call.body.need("kind", try call.body.word("kind")),
                    uid: try call.body.need("uid", call.body.text("uid")),
                    account: try call.body.id("account"),
                    status: try call.body.word("status"), validUntil: try call.body.instant("valid_until"),
                    masterPass: call.body.flag("master_pass"),
                    limits: try limits(call.body, try call.currency))
                wish.metadata = call.body.texts("metadata")
                let token = try await Tokens(desk: call.desk).create(wish, by: try call.author)
                return .created(token.json(try call.currency), at: "/v1/tokens/\(token.id)")
            }),
        .get(
            "/v1/tokens/{id}", .readers, "A token.", answers: [.ok(.token)],
            { call in .ok(try await call.find(TokenRecord.self, "token").json(try call.currency)) }),
        .patch(
            "/v1/tokens/{id}", .programs, "Change a token.", request: .tokenChange, answers: [.ok(.token)],
            problems: [.invalidState, .currencyMismatch],
            { call in
                var changes = Tokens.Changes()
                changes.account = try call.body.id("account")
                changes.status = try call.body.word("status")
                changes.validUntil = try call.body.instant("valid_until")
                changes.masterPass = call.body.flag("master_pass")
                changes.limits = try limits(call.body, try call.currency)
                changes.metadata = call.body.texts("metadata")
                let token = try await Tokens(desk: call.desk).change(
                    try call.id(of: "token"), changes, version: try call.expectedVersion, by: try call.author)
                return .ok(token.json(try call.currency))
            }),
        .get(
            "/v1/tokens/{id}/aliases", .readers,
            "Other texts by which readers tell the token, and what may be one.",
            answers: [.ok(.tokenAliases)], aliases),
        .post(
            "/v1/tokens/{id}/aliases", .programs, "Confirm another text of a token.",
            request: ObjectShape("NewAlias", [.must("uid", .text(.plain, max: 36))]),
            answers: [.ok(.tokenAliases)], problems: [.tokenAlreadyBound],
            { call in
                try await Tokens(desk: call.desk).confirm(
                    try call.body.need("uid", call.body.text("uid")), for: try call.id(of: "token"),
                    by: try call.author)
                return try await aliases(call)
            }),
        .post(
            "/v1/tokens/{id}/aliases/remove", .programs, "Forget another text of a token.",
            request: ObjectShape("OldAlias", [.must("uid", .text(.plain, max: 36))]),
            answers: [.ok(.tokenAliases)],
            { call in
                try await Tokens(desk: call.desk).forget(
                    try call.body.need("uid", call.body.text("uid")), of: try call.id(of: "token"),
                    by: try call.author)
                return try await aliases(call)
            }),
    ]

    private static func aliases(_ call: Call) async throws -> Reply {
        let token = try await call.find(TokenRecord.self, "token")
        let known = try await call.read { tx in try tx.aliases(of: token.id) }
        let possible = TokenText.aliases(of: token.uid).filter { uid in
            !known.contains { $0.folded == PresentedToken.folded(uid) }
        }
        return .ok([
            "data": .array(
                known.map {
                    [
                        "uid_masked": .string(TokenRecord.masked($0.uid)),
                        "confirmed_by": .string($0.confirmedBy),
                        "confirmed_at": .time($0.createdAt),
                    ]
                }), "possible": .array(possible.map(JSON.string)),
        ])
    }

    private static func limits(_ body: Body, _ currency: Currency) throws -> TokenLimits? {
        guard let inner = body.object("limits") else { return nil }
        func minor(_ name: String) throws -> Int64? {
            guard let money = try inner.money(name) else { return nil }
            guard money.currency == currency else {
                throw AdministrationRefusal.currencyMismatch(money.currency, currency)
            }
            return money.minorUnits
        }
        return TokenLimits(
            sessionMinor: try minor("session"), dayMinor: try minor("day"), monthMinor: try minor("month"))
    }

    static let statuses = ["active", "blocked"]
    static let kinds = ["personal", "fleet"]
    static let fundings = ["wallet", "invoice", "payment_method"]

    private static func wish(_ body: Body) throws(Problem) -> Accounts.Wish {
        var wish = Accounts.Wish()
        wish.kind = try body.word("kind")
        wish.name = body.text("name")
        wish.email = body.text("email")
        wish.funding = try body.word("funding")
        wish.status = try body.word("status")
        wish.creditLimit = try body.money("credit_limit")
        wish.sessionsAtOnce = body.integer("sessions_at_once")
        if let address = body.object("invoice_address") { wish.invoiceAddress = try PostalAddress(address) }
        wish.vatID = body.text("vat_id")
        wish.paymentTermDays = body.integer("payment_terms_days")
        wish.metadata = body.texts("metadata")
        return wish
    }
}

extension ObjectShape {
    private static let accountFields: [Field] = [
        .must("kind", .word(AccountRoutes.kinds)), .must("name", .shortText),
        .may("email", .text(.email, max: 200)),
        .may(
            "funding", .word(AccountRoutes.fundings),
            "Null means wallet, then invoice, then saved method."),
        .may("invoice_address", .object(.address), "Where its invoices go; nothing is invoiced without one."),
        .may("vat_id", .text(.plain, max: 20)),
        .may(
            "payment_terms_days", .integer(0...120),
            "How long it may take to pay an invoice; null for the organisation's own term."),
        .may("metadata", .texts, "Words of your own."),
    ]

    /// The party that pays.
    static let account = ObjectShape(
        "Account",
        [.must("id", .id("acc"))] + accountFields + [
            .must("status", .word(AccountRoutes.statuses)),
            .must(
                "blocked_by",
                .list(
                    ObjectShape(
                        "BlockedBy",
                        [
                            .must("code", .word(["operator", "outstanding_debt", "overdue_invoice"])),
                            .may("bill", .id("bil"), "What is to be paid."), .may("amount", .money),
                        ])),
                "What stands against new starts. Lists and changes show the operator's word only."),
            .may("credit_limit", .money, "Fleet accounts only."),
            .may("sessions_at_once", .count, "How many sessions it may have at once; null for any number."),
            .must("created_at", .instant),
            .must("version", .count),
        ])

    /// What a new account is made of.
    static let accountWish = ObjectShape(
        "NewAccount",
        accountFields + [
            .may("status", .word(AccountRoutes.statuses)), .may("credit_limit", .money),
            .may("sessions_at_once", .integer(1...1000), "How many sessions it may have at once."),
        ])

    /// What a token may spend.
    static let tokenLimits = ObjectShape(
        "TokenLimits", [.may("session", .money), .may("day", .money), .may("month", .money)])

    /// Other texts of a token.
    static let tokenAliases = ObjectShape(
        "TokenAliases",
        [
            .must(
                "data",
                .list(
                    ObjectShape(
                        "TokenAlias",
                        [
                            .must("uid_masked", .shortText), .must("confirmed_by", .shortText),
                            .must("confirmed_at", .instant),
                        ]))),
            .must(
                "possible", .list(.shortText, max: 50),
                "How other readers may tell the same card; confirm one after trying it."),
        ])

    /// What identifies a driver to a station.
    static let token = ObjectShape(
        "Token",
        [
            .must("id", .id("tok")), .must("kind", .word(["rfid", "app"])), .must("uid_masked", .shortText),
            .may("account", .id("acc")), .must("status", .word(AccountRoutes.statuses)),
            .may("valid_until", .instant), .must("master_pass", .flag, "Stops any session."),
            .may("limits", .object(.tokenLimits), "What it may spend."), .must("metadata", .texts),
            .must("created_at", .instant),
            .must("version", .count),
        ])

    /// What a new token is made of.
    static let tokenWish = ObjectShape(
        "NewToken",
        [
            .must("kind", .word(["rfid", "app"])), .must("uid", .text(.plain, max: 36)),
            .may("account", .id("acc")),
            .may("status", .word(AccountRoutes.statuses)), .may("valid_until", .instant),
            .may("master_pass", .flag, "Stops any session."), .may("limits", .object(.tokenLimits)),
            .may("metadata", .texts, "Words of your own."),
        ])

    /// What may be changed of a token.
    static let tokenChange = ObjectShape(
        "TokenChange",
        [
            .may("account", .id("acc")), .may("status", .word(AccountRoutes.statuses)),
            .may("valid_until", .instant), .may("master_pass", .flag), .may("limits", .object(.tokenLimits)),
            .may("metadata", .texts, "Words of your own, all at once."),
        ])
}

extension AccountRecord {
    /// As the API shows it.
    func json(_ currency: Currency, _ standing: AccountStanding? = nil) -> JSON {
        [
            "id": .id(id), "kind": .word(kind), "name": .string(name), "email": .text(email),
            "funding": .word(funding), "invoice_address": invoiceAddress?.json ?? .null,
            "vat_id": .text(vatId), "payment_terms_days": .integer(paymentTermDays),
            "metadata": .metadata(metadata), "status": .word(status),
            "blocked_by": .array(blocks(standing)),
            "credit_limit": .money(creditLimitMinor.map { Money(minorUnits: $0, currency: currency) }),
            "sessions_at_once": .integer(sessionsAtOnce), "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }

    private func blocks(_ standing: AccountStanding?) -> [JSON] {
        let debts = (standing?.debts ?? []).map { debt -> JSON in
            ["code": "outstanding_debt", "bill": .id(debt.bill), "amount": debt.amount.json]
        }
        return (status == .blocked ? [["code": "operator", "bill": .null, "amount": .null]] : []) + debts
            + (standing?.isOverdue == true
                ? [["code": "overdue_invoice", "bill": .null, "amount": .null]] : [])
    }
}

extension TokenRecord {
    /// As the API shows it; the UID is a key to the account and is never shown whole.
    func json(_ currency: Currency) -> JSON {
        [
            "id": .id(id), "kind": .word(kind), "uid_masked": .string(Self.masked(uid)),
            "account": .id(account),
            "status": .word(status), "valid_until": .time(validUntil), "master_pass": .bool(masterPass),
            "limits": limits.map { $0.json(currency) } ?? .null, "metadata": .metadata(metadata),
            "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }

    fileprivate static func masked(_ uid: String) -> String {
        uid.count > 6 ? "••••" + uid.suffix(4) : "••••"
    }
}

extension TokenLimits {
    fileprivate func json(_ currency: Currency) -> JSON {
        func money(_ minor: Int64?) -> JSON {
            .money(minor.map { Money(minorUnits: $0, currency: currency) })
        }
        return ["session": money(sessionMinor), "day": money(dayMinor), "month": money(monthMinor)]
    }
}
