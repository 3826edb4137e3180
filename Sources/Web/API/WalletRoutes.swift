// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// Prepaid balances (api.md §3.4).
enum WalletRoutes {
    static let all: [Route] = [
        .get(
            "/v1/accounts/{id}/wallets", Set.readers.union([.driver]), "The wallets of an account.",
            answers: [.ok(.list(of: .wallet))],
            { call in
                let account = try await call.find(AccountRecord.self, "account")
                let wallets = try await call.read { tx in try tx.wallets(of: account.id) }
                return .ok(["data": .array(wallets.map(\.json))])
            }),
        .post(
            "/v1/accounts/{id}/wallets", .programs, "One more wallet, or the one there is in that currency.",
            request: ObjectShape("NewWallet", [.may("currency", .text(.currency, max: 3))]),
            answers: [.created(.wallet)],
            { call in
                let currency = try call.body.currency("currency") ?? call.currency
                let wallet = try await Wallets(desk: call.desk).create(
                    currency, for: try call.id(of: "account"), by: try call.author)
                return .created(wallet.json, at: "/v1/wallets/\(wallet.id)")
            }),
        .get(
            "/v1/wallets/{id}", Set.readers.union([.driver]), "A wallet.", answers: [.ok(.wallet)],
            { call in .ok(try await call.find(WalletRecord.self, "wallet").json) }),
        .patch(
            "/v1/wallets/{id}", [.operator, .service, .driver],
            "Let a wallet reload by itself on a saved card, within its caps, or not any more.",
            request: ObjectShape("WalletChange", [.must("auto_reload", .object(.newAutoReload))]),
            answers: [.ok(.wallet)], problems: [.currencyMismatch], reload),
        .post(
            "/v1/wallets/{id}/credits", .operators, "Give a driver money, with a reason; booked as goodwill.",
            request: ObjectShape(
                "NewCredit", [.must("amount", .money), .must("reason", .shortText)]),
            answers: [.created(.walletCredit)],
            problems: [.currencyMismatch, .amountTooSmall, .amountTooLarge],
            { call in
                let credited = try await Wallets(desk: call.desk).credit(
                    try call.body.need("amount", try call.body.money("amount")),
                    to: try call.id(of: "wallet"),
                    because: try call.body.need("reason", call.body.text("reason")),
                    cause: "credit-\(call.onceName ?? call.requestID.text)", by: try call.author)
                return .created(
                    credited.wallet.json.adding(["transaction": .id(credited.transaction)]),
                    at: "/v1/ledger/transactions/\(credited.transaction)")
            }
        ).once,
        .get(
            "/v1/wallets/{id}/entries", Set.readers.union([.driver]),
            "The statement of a wallet from the ledger, newest first.",
            query: [
                Query.Parameter(name: "limit", shape: .integer(1...200), note: "How many; default 50."),
                Query.Parameter(
                    name: "starting_after", shape: .id("txn"), note: "The transaction to go on after."),
                Query.Parameter(
                    name: "ending_before", shape: .id("txn"), note: "The transaction to go back before."),
            ],
            answers: [.page(of: .walletEntry)], problems: [.invalidCursor], entries),
    ]

    private static func reload(_ call: Call) async throws -> Reply {
        let wallet = try await call.find(WalletRecord.self, "wallet")
        let body = try call.body.need("auto_reload", call.body.object("auto_reload"))
        func minor(_ name: String) throws -> Int64? {
            guard let money = try body.money(name) else { return nil }
            guard money.currency == wallet.currency else {
                throw Problem.currencyMismatch(money.currency, wallet.currency, at: body.place(of: name))
            }
            return money.minorUnits
        }
        var wish = wallet.reload ?? WalletReload()
        wish.thresholdMinor = try minor("threshold") ?? wish.thresholdMinor
        wish.amountMinor = try minor("amount") ?? wish.amountMinor
        wish.capPerDayMinor = try minor("cap_per_day") ?? wish.capPerDayMinor
        wish.capPerMonthMinor = try minor("cap_per_month") ?? wish.capPerMonthMinor
        wish.method = try body.id("payment_method") ?? wish.method
        let changed = try await Wallets(desk: call.desk).reload(
            wallet.id, body.flag("enabled") ?? true ? wish : nil, version: try call.expectedVersion,
            by: try call.author)
        return .ok(changed.json)
    }

    private static func entries(_ call: Call) async throws -> Reply {
        let wallet = try await call.find(WalletRecord.self, "wallet")
        let limit = Int(call.query.integer("limit") ?? 50)
        let after: TransactionID? = try call.query.id("starting_after")
        let before: TransactionID? = try call.query.id("ending_before")
        guard after == nil || before == nil else {
            throw Problem(
                .invalidCursor, "Send starting_after or ending_before, not both.", at: "?ending_before")
        }
        let found = try await call.read { tx in
            func seq(_ id: TransactionID?) throws -> Int64? {
                try id.flatMap { try tx.find(TransactionRow.self, $0)?.seq }
            }
            return try tx.walletEntries(
                of: wallet.id, before: try seq(after), after: try seq(before), limit: limit + 1
            ).map { ($0.entry, $0.transaction) }
        }
        // Upwards the one too many is the newest.
        let shown = before == nil ? found.prefix(limit) : found.suffix(limit)
        let edge = before == nil ? shown.last : shown.first
        let name = before == nil ? "starting_after" : "ending_before"
        let next: JSON =
            found.count > limit
            ? .text(edge.map { "\(call.path)?\(name)=\($0.1.id)&limit=\(limit)" }) : .null
        return .ok([
            "data": .array(shown.map { $0.0.walletJSON($0.1) }), "has_more": .bool(found.count > limit),
            "next": next,
        ])
    }
}

extension ObjectShape {
    /// A prepaid balance.
    static let wallet = ObjectShape(
        "Wallet",
        [
            .must("id", .id("wal")), .must("account", .id("acc")),
            .must("currency", .text(.currency, max: 3)),
            .must("posted", .money), .must("pending", .money, "Reserved for running sessions."),
            .must("available", .money),
            .may("auto_reload", .object(.autoReload), "How it reloads by itself; null if it does not."),
            .must("created_at", .instant), .must("version", .count),
        ])

    /// How a wallet reloads by itself.
    static let autoReload = ObjectShape(
        "AutoReload",
        [
            .must("threshold", .money, "Below this much available it reloads."), .must("amount", .money),
            .must("cap_per_day", .money), .must("cap_per_month", .money),
            .may("payment_method", .id("pm"), "The card; null for the account's default."),
        ])

    /// How a wallet is to reload; what is absent stays, or is as designed.
    static let newAutoReload = autoReload.patch().adding(
        "AutoReloadChange", [.may("enabled", .flag, "False: not any more.")])

    /// A wallet that was just credited.
    static let walletCredit = wallet.adding("CreditedWallet", [.must("transaction", .id("txn"))])

    /// A line of a wallet's statement.
    static let walletEntry = ObjectShape(
        "WalletEntry",
        [
            .must("transaction", .id("txn")), .must("template", .shortText),
            .must("amount", .money, "Positive for money that came in."), .must("occurred_at", .instant),
            .may("session", .id("ses")), .may("payment", .id("pay")),
        ])
}

extension WalletRecord {
    /// As the API shows it.
    var json: JSON {
        func money(_ minor: Int64) -> JSON { Money(minorUnits: minor, currency: currency).json }
        return [
            "id": .id(id), "account": .id(account), "currency": .string(currency.code),
            "posted": money(posted),
            "pending": money(pending), "available": money(posted - pending - floor),
            "auto_reload": reload.map { reload in
                [
                    "threshold": money(reload.thresholdMinor), "amount": money(reload.amountMinor),
                    "cap_per_day": money(reload.capPerDayMinor),
                    "cap_per_month": money(reload.capPerMonthMinor), "payment_method": .id(reload.method),
                ]
            } ?? .null,
            "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }
}

extension EntryRow {
    /// The other side's view: what we owe the driver more is money that came in.
    func walletJSON(_ transaction: TransactionRow) -> JSON {
        [
            "transaction": .id(self.transaction), "template": .string(transaction.template),
            "amount": Money(minorUnits: -amount, currency: currency).json,
            "occurred_at": .time(transaction.occurredAt), "session": .id(session), "payment": .id(payment),
        ]
    }
}
