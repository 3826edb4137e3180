// SPDX-License-Identifier: Apache-2.0
import Accounting
import Billing
import JSONText
import Quantities
import Storage

/// The books, to read (api.md §3.8).
enum LedgerRoutes {
    static let all: [Route] = [
        .get(
            "/v1/ledger/accounts", .auditors, "Every account with its balances; debit positive.",
            answers: [.ok(.list(of: .ledgerAccount))],
            { call in
                let organisation = try call.organisation
                let balance = try await call.read { tx in try tx.trialBalance(of: organisation) }
                return .ok(["data": .array(balance.byAccount)])
            }),
        .get(
            "/v1/ledger/accounts/{name}", .auditors, "An account with its balances.", query: [onParameter],
            answers: [.ok(.ledgerAccount)],
            { call in
                let organisation = try call.organisation
                let on = call.query.date("on")
                let balance = try await call.read { tx in try tx.trialBalance(of: organisation, on: on) }
                let name = call.parameter("name")
                guard let account = balance.byAccount.first(where: { $0["name"]?.string == name }) else {
                    throw Problem.notFound("ledger account")
                }
                return .ok(account)
            }),
        .get(
            "/v1/ledger/transactions", .auditors, "Posted transactions, newest first.",
            query: [
                Query.Parameter(name: "limit", shape: .integer(1...200), note: "How many; default 50."),
                Query.Parameter(
                    name: "starting_after", shape: .shortText, note: "The id after which the page begins."),
                Query.Parameter(name: "account", shape: .shortText, note: "That touch this account."),
                Query.Parameter(name: "template", shape: .shortText, note: "Of this template."),
                Query.Parameter(name: "session", shape: .id("ses"), note: "About this session."),
                Query.Parameter(name: "payment", shape: .id("pay"), note: "About this payment."),
                Query.Parameter(name: "booked_from", shape: .date, note: "Booked that day or later."),
                Query.Parameter(name: "booked_to", shape: .date, note: "Booked before that day."),
            ],
            answers: [.page(of: .ledgerTransaction)], problems: [.invalidCursor], list),
        .get(
            "/v1/ledger/transactions/{id}", .auditors, "A posted transaction.",
            answers: [.ok(.ledgerTransaction)],
            { call in
                let organisation = try call.organisation
                let id: TransactionID = try call.id(of: "transaction")
                let json = try await call.read { tx -> JSON? in
                    guard let row = try tx.find(TransactionRow.self, id), row.organisation == organisation
                    else {
                        return nil
                    }
                    return row.json(try tx.entries(of: row.id))
                }
                guard let json else { throw Problem.notFound("transaction") }
                return .ok(json)
            }),
        .post(
            "/v1/ledger/transactions", .operators,
            "Book a whole balanced transaction by hand, with a reason; a debit is positive.",
            request: .ledgerWish, answers: [.created(.ledgerTransaction)],
            problems: [.unbalanced, .periodClosed], post
        ).once.rehearsable,
        .post(
            "/v1/ledger/transactions/{id}/reverse", .operators, "Take back what was booked by hand.",
            request: ObjectShape("NewReversal", [.must("reason", .shortText)]),
            answers: [.created(.ledgerTransaction)], problems: [.invalidState, .periodClosed], reverse
        ).once.rehearsable,
        .post(
            "/v1/ledger/periods/{month}/close", .operators,
            "Close a month, e.g. `2027-03`: nothing is booked into it any more.",
            answers: [.ok(.ledgerPeriod)], problems: [.periodNotReady], close),
        .get(
            "/v1/ledger/trial_balance", .auditors,
            "All accounts, and that they add up to zero in every currency.",
            query: [onParameter], answers: [.ok(.trialBalance)],
            { call in
                let organisation = try call.organisation
                let on = call.query.date("on")
                let balance = try await call.read { tx in try tx.trialBalance(of: organisation, on: on) }
                return .ok([
                    "on": .text(on?.description), "accounts": .array(balance.byAccount),
                    "currencies": .array(
                        balance.totals.map {
                            ["currency": .string($0.currency.code), "difference": JSON($0.minorUnits)]
                        }),
                ])
            }),
        .get(
            "/v1/ledger/export", .auditors, "The journal for other bookkeeping programs.",
            query: [
                Query.Parameter(
                    name: "format", shape: .word(JournalExport.allCases.map(\.rawValue)),
                    note: "Default `hledger`."),
                Query.Parameter(name: "from", shape: .date, note: "Booked that day or later."),
                Query.Parameter(name: "to", shape: .date, note: "Booked before that day."),
            ],
            answers: [.bytes("text/plain", "text/csv")],
            { call in
                let format = call.query["format"].flatMap(JournalExport.init(rawValue:)) ?? .hledger
                let text = try await ExportJournal(desk: call.desk)(
                    try call.organisation, as: format, from: call.query.date("from"),
                    to: call.query.date("to"))
                return .bytes(
                    Array(text.utf8),
                    type: format == .csv ? "text/csv; charset=utf-8" : "text/plain; charset=utf-8")
            }),
    ]

    private static let onParameter = Query.Parameter(
        name: "on", shape: .date, note: "At the end of that day; now, if absent.")

    private static func post(_ call: Call) async throws -> Reply {
        let entries = try call.body.need("entries", call.body.objects("entries"))
        var sides: [PostManually.Side] = []
        for entry in entries {
            guard let currency = try entry.currency("currency"), let amount = entry.integer("amount") else {
                throw Problem.invalidField(entry.place, "An entry has an account, an amount and a currency.")
            }
            sides.append(
                PostManually.Side(
                    account: try entry.need("account", entry.text("account")),
                    amount: Money(minorUnits: amount, currency: currency)))
        }
        let reason = try call.body.need("reason", call.body.text("reason"))
        let day = call.body.text("booked_on").flatMap { CivilDate($0) }
        return try await booked(call) {
            try await PostManually(desk: call.desk)(
                sides, on: day, because: reason, cause: "manual-\(call.onceName ?? call.requestID.text)",
                by: try call.author)
        }
    }

    private static func reverse(_ call: Call) async throws -> Reply {
        let id: TransactionID = try call.id(of: "transaction")
        let reason = try call.body.need("reason", call.body.text("reason"))
        return try await booked(call) {
            try await PostManually(desk: call.desk).reverse(
                id, because: reason, cause: "reverse-\(call.onceName ?? call.requestID.text)",
                by: try call.author)
        }
    }

    private static func booked(
        _ call: Call, _ verb: () async throws -> PostManually.Booked
    ) async throws -> Reply {
        do {
            let booked = try await verb()
            return .created(
                booked.row.json(booked.entries), at: "/v1/ledger/transactions/\(booked.row.id)")
        } catch let refusal as PostManually.Refusal {
            throw Problem(refusal)
        }
    }

    private static func close(_ call: Call) async throws -> Reply {
        let parts = call.parameter("month").split(separator: "-").map { Int($0) }
        guard parts.count == 2, let year = parts[0], let month = parts[1], (2000...2999).contains(year),
            (1...12).contains(month)
        else { throw Problem.notFound("period") }
        do {
            let period = try await ClosePeriod(desk: call.desk)(
                year: year, month: month, by: try call.author)
            return .ok([
                "month": .string(period.month), "closed_at": .time(period.closedAt),
                "closed_by": .string(period.closedBy),
            ])
        } catch let trouble as ClosePeriod.NotReady {
            throw Problem(
                .periodNotReady, trouble.reasons.joined(separator: "; "),
                extras: ["reasons": .array(trouble.reasons.map(JSON.string))])
        }
    }

    private static func list(_ call: Call) async throws -> Reply {
        let organisation = try call.organisation
        let limit = Int(call.query.integer("limit") ?? 50)
        var filter = Tx.LedgerFilter()
        filter.account = call.query["account"]
        filter.template = call.query["template"]
        filter.session = try call.query.id("session")
        filter.payment = try call.query.id("payment")
        filter.from = call.query.date("booked_from")
        filter.to = call.query.date("booked_to")
        let cursor = call.query["starting_after"]
        if let cursor, TransactionID(cursor) == nil {
            throw Problem(.invalidCursor, "\"\(cursor.prefix(40))\" is no txn_ id.", at: "?starting_after")
        }
        let (narrowed, after) = (filter, cursor.flatMap { TransactionID($0) })
        let found = try await call.read { tx in
            let seq = try after.flatMap { try tx.find(TransactionRow.self, $0)?.seq }
            let rows = try tx.transactions(of: organisation, filter: narrowed, before: seq, limit: limit + 1)
            return try rows.map { (id: $0.id, json: $0.json(try tx.entries(of: $0.id))) }
        }
        let hasMore = found.count > limit
        let shown = Array(found.prefix(limit))
        let page = try Page(call, prefix: "txn", times: nil)
        let next = hasMore ? shown.last.map { page.address(with: ("starting_after", $0.id.text)) } : nil
        return .ok(["data": .array(shown.map(\.json)), "has_more": .bool(hasMore), "next": .text(next)])
    }
}

extension Problem {
    fileprivate init(_ refusal: PostManually.Refusal) {
        switch refusal {
        case .unbalanced(let difference):
            self.init(
                .unbalanced, "Debits and credits differ by \(difference).", at: "/entries",
                extras: ["difference": difference.json])
        case .empty: self.init(.unbalanced, "There is nothing to book.", at: "/entries")
        case .account(let index, let why):
            self.init(.invalidField, why, at: JSONPointer(text: "/entries/\(index)/account"))
        case .periodClosed(let month): self.init(.periodClosed, "The books of \(month) are closed.")
        case .future: self.init(.invalidField, "This day has not come.", at: "/booked_on")
        case .notReversible(let state):
            self.init(
                .invalidState, "Only what was booked by hand can be taken back, and once.",
                extras: ["state": .string(state), "allowed": [.string(PostManually.template)]])
        }
    }
}

extension TrialBalance {
    /// One object for each account, with its currencies.
    fileprivate var byAccount: [JSON] {
        var shown: [(name: String, balances: [JSON])] = []
        for account in accounts {
            let balance: JSON = ["posted": account.posted.json, "pending": account.pending.json]
            if shown.last?.name == account.account {
                shown[shown.count - 1].balances.append(balance)
            } else {
                shown.append((account.account, [balance]))
            }
        }
        return shown.map { ["name": .string($0.name), "balances": .array($0.balances)] }
    }
}

extension TransactionRow {
    /// As the API shows it.
    fileprivate func json(_ entries: [EntryRow]) -> JSON {
        [
            "id": .id(id), "seq": JSON(seq), "template": .string(template), "cause": .string(cause),
            "actor": .string(actor), "occurred_at": .time(occurredAt),
            "booked_on": .string(bookedOn.description),
            "recorded_at": .time(recordedAt), "reverses": .id(reverses), "session": .id(session),
            "payment": .id(payment), "entries": .array(entries.map(\.json)), "hash": .string(hash),
            "previous_hash": .string(previousHash),
        ]
    }
}

extension EntryRow {
    /// Money with its account.
    fileprivate var json: JSON {
        [
            "account": .string(account), "amount": JSON(amount), "currency": .string(currency.code),
            "session": .id(session), "payment": .id(payment), "wallet": .id(wallet),
        ]
    }
}

extension ObjectShape {
    /// An account of the books.
    static let ledgerAccount = ObjectShape(
        "LedgerAccount",
        [
            .must("name", .shortText),
            .must(
                "balances",
                .list(ObjectShape("LedgerBalance", [.must("posted", .money), .must("pending", .money)]))),
        ])

    /// A posted transaction; a debit is positive.
    static let ledgerTransaction = ObjectShape(
        "LedgerTransaction",
        [
            .must("id", .id("txn")), .must("seq", .count), .must("template", .shortText),
            .must("cause", .shortText),
            .must("actor", .shortText), .must("occurred_at", .instant), .must("booked_on", .date),
            .must("recorded_at", .instant), .may("reverses", .id("txn")), .may("session", .id("ses")),
            .may("payment", .id("pay")),
            .must(
                "entries",
                .list(
                    ObjectShape(
                        "LedgerEntry",
                        [.must("account", .shortText)] + ObjectShape.money.fields + [
                            .may("session", .id("ses")), .may("payment", .id("pay")),
                            .may("wallet", .id("wal")),
                        ]))), .must("hash", .shortText), .must("previous_hash", .shortText),
        ])

    /// A transaction by hand.
    static let ledgerWish = ObjectShape(
        "NewLedgerTransaction",
        [
            .must(
                "entries",
                .list(
                    .object(
                        ObjectShape(
                            "NewLedgerEntry", [.must("account", .shortText)] + ObjectShape.money.fields)),
                    max: 100)), .must("reason", .shortText),
            .may("booked_on", .date, "The accounting date; today, if absent."),
        ])

    /// A month that is closed.
    static let ledgerPeriod = ObjectShape(
        "LedgerPeriod",
        [.must("month", .shortText), .must("closed_at", .instant), .must("closed_by", .shortText)])

    /// That debits and credits are equal.
    static let trialBalance = ObjectShape(
        "TrialBalance",
        [
            .may("on", .date), .must("accounts", .list(.ledgerAccount)),
            .must(
                "currencies",
                .list(
                    ObjectShape(
                        "CurrencyDifference",
                        [
                            .must("currency", .text(.currency, max: 3)),
                            .must("difference", .integer(Int64.min...Int64.max), "Minor units; always 0."),
                        ]))),
        ])
}
