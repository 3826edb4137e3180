// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// A merchant's account at the Sandbox: every movement a line, numbered without gaps, in the order it happened.
struct SandboxLedger {
    let account: String
    let now: Instant

    /// A line as it is written.
    private struct Line {
        var kind: String
        var gross: Int64
        var fee: Int64 = 0
        var currency: String
        var payment: String?
        var reference: String
    }

    /// 1.5 % and 0.25 of a capture, rounded half up: 18.37 costs 0.53.
    private static func fee(of amount: Int64, in code: String) -> Int64 {
        let quarter = divide(
            Int128(Currency(code: code)?.minorUnitsPerMajor ?? 100), by: 4, rounding: .halfUp)
        return Int64(divide(Int128(amount) * 15, by: 1000, rounding: .halfUp) + quarter)
    }

    func captured(_ payment: SandboxPayment, books: some SandboxBooks) throws {
        let fee = min(payment.captured, Self.fee(of: payment.captured, in: payment.currency))
        try write(
            Line(
                kind: "capture", gross: payment.captured, fee: fee, currency: payment.currency,
                payment: payment.reference, reference: "sbx_" + payment.reference.dropFirst(4)), books: books)
        // Paid out at the first midnight two days later.
        let date = (now + .hours(72)).utcDate
        try SandboxClock.plan("payout", "\(account) \(payment.currency)", at: Instant(date), books: books)
    }

    func captureFailed(_ payment: SandboxPayment, books: some SandboxBooks) throws {
        try write(
            Line(
                kind: "adjustment", gross: -payment.captured, currency: payment.currency,
                payment: payment.reference, reference: "sbx_" + payment.reference.dropFirst(4)), books: books)
    }

    func refunded(_ refund: SandboxRefund, books: some SandboxBooks) throws {
        try write(
            Line(
                kind: "refund", gross: -refund.amount, currency: refund.currency, payment: refund.reference,
                reference: refund.name), books: books)
    }

    func refundReversed(_ refund: SandboxRefund, books: some SandboxBooks) throws {
        try write(
            Line(
                kind: "refund", gross: refund.amount, currency: refund.currency, payment: refund.reference,
                reference: refund.name), books: books)
    }

    func disputed(_ dispute: SandboxDispute, books: some SandboxBooks) throws {
        guard dispute.status != "inquiry" else { return }
        try write(
            Line(
                kind: "dispute", gross: -dispute.amount, fee: dispute.fee, currency: dispute.currency,
                payment: dispute.reference, reference: dispute.id), books: books)
    }

    func disputeWon(_ dispute: SandboxDispute, books: some SandboxBooks) throws {
        try write(
            Line(
                kind: "dispute_reversal", gross: dispute.amount, currency: dispute.currency,
                payment: dispute.reference, reference: dispute.id), books: books)
    }

    /// Everything that is there leaves; nil if nothing is.
    func payOut(_ code: String, books: some SandboxBooks) throws -> (id: String, amount: Int64)? {
        let amount = try balance(books)[code] ?? 0
        guard amount > 0 else { return nil }
        let id = "spo_" + SandboxClock.digits(now.seconds) + code
        try write(
            Line(kind: "payout", gross: -amount, currency: code, payment: nil, reference: id), books: books)
        return (id, amount)
    }

    private func write(_ line: Line, books: some SandboxBooks) throws {
        let number = (try books.object("line_count", account).flatMap { Int64($0) } ?? 0) + 1
        try books.save("line_count", account, String(number))
        let name = SandboxClock.digits(number)
        let body = JSON.present([
            "id": .string("sln_\(name)"), "kind": .string(line.kind), "gross": JSON(line.gross),
            "fee": JSON(line.fee), "net": JSON(line.gross - line.fee), "currency": .string(line.currency),
            "payment": line.payment.map { .string($0) }, "reference": .string(line.reference),
            "payout": line.kind == "payout" ? .string(line.reference) : nil,
            "occurred_at": .string(now.iso8601), "available_on": .string((now + .hours(48)).iso8601),
        ])
        try books.save("line \(account)", name, body.text())
        // The balance is kept beside the lines, so that nobody has to add them all up.
        let sum = (try balance(books)[line.currency] ?? 0) + line.gross - line.fee
        try books.save("balance \(account)", line.currency, String(sum))
    }

    /// By currency, minor units.
    func balance(_ books: some SandboxBooks) throws -> [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: try books.objects("balance \(account)").map {
                ($0.name, Int64($0.body) ?? 0)
            })
    }
}

extension Sandbox {
    func payOut(_ name: String, at time: Instant, books: some SandboxBooks) throws -> [Webhook] {
        let words = name.split(separator: " ").map(String.init)
        guard let code = words.last, words.count <= 2 else { return [] }
        let account = words.count == 2 ? words[0] : ""
        guard let payout = try SandboxLedger(account: account, now: time).payOut(code, books: books) else {
            return []
        }
        let body: JSON = [
            "id": .string(payout.id), "amount": JSON(payout.amount), "currency": .string(code),
            "status": "paid",
            "updated_at": .string(time.iso8601),
        ]
        try books.save("payout", payout.id, body.text())
        if try books.object("stripe_account", account) != nil {
            let dialect = StripeDialect(telling: account, of: self, at: time)
            return [dialect.event("evt_\(payout.id)", "payout.paid", dialect.payout(body))]
        }
        return [webhook("payout.paid", "evt_\(payout.id)", body, to: account, at: time)]
    }
}

extension SandboxDesk {
    private static let pageSize = 100

    /// What can be read of a merchant's books.
    func show(_ parts: [String], _ query: Form, books: some SandboxBooks) throws -> Response {
        switch (parts.first, parts.count) {
        case ("payments", 1): return try list(query, books: books)
        case ("payments", 2):
            guard let payment = try payment(parts[1], books) else { return Self.missing }
            return .json(200, payment.shown(sandbox.baseURL))
        case ("payments", 4) where parts[2] == "refunds":
            guard let refund = try SandboxRefund.find(parts[3], books: books), refund.reference == parts[1],
                try payment(parts[1], books) != nil
            else { return Self.missing }
            return .json(200, refund.shown)
        case ("disputes", 2):
            guard let dispute = try SandboxDispute.find(parts[1], books: books),
                try payment(dispute.reference, books) != nil
            else { return Self.missing }
            return .json(200, dispute.shown)
        case ("settlement", 1): return try settlement(query, books: books)
        case ("balance", 1):
            let balance = try SandboxLedger(account: account(query), now: now).balance(books)
            return .json(
                200,
                [
                    "balance": .array(
                        balance.sorted { $0.key < $1.key }.map {
                            ["currency": .string($0.key), "amount": JSON($0.value)]
                        })
                ])
        default: return Self.missing
        }
    }

    /// A merchant without an account of its own reads the books that it names.
    private func account(_ query: Form) -> String { merchant.account ?? query["account"] ?? "" }

    private func settlement(_ query: Form, books: some SandboxBooks) throws -> Response {
        let since = query["since"].flatMap { Int64($0) }.map { Instant(seconds: $0) } ?? .epoch
        let lines = try books.objects(
            "line \(account(query))", after: query["after"], before: nil, limit: Self.pageSize)
        let shown = lines.compactMap { try? JSON.parse(Array($0.body.utf8)) }  // our own text
        return .json(
            200,
            .present([
                "lines": .array(
                    shown.filter { line in
                        line["occurred_at"]?.string.flatMap { Instant(iso8601: $0) }.map { $0 >= since }
                            ?? false
                    }),
                "next": lines.count == Self.pageSize ? lines.last.map { .string($0.name) } : nil,
            ]))
    }

    private func list(_ query: Form, books: some SandboxBooks) throws -> Response {
        let since = query["since"].flatMap { Int64($0) }.map { Instant(seconds: $0) } ?? .epoch
        let page = try books.objects("payment", after: query["after"], before: nil, limit: Self.pageSize)
        let payments = page.compactMap { SandboxPayment(stored: $0.body) }.filter {
            ($0.updatedAt ?? .epoch) >= since && $0.stripe == .null
                && (merchant.account == nil || $0.account == merchant.account)
        }
        return .json(
            200,
            .present([
                "payments": .array(payments.map { $0.shown(sandbox.baseURL) }),
                "next": page.count == Self.pageSize ? page.last.map { .string($0.name) } : nil,
            ]))
    }
}
