// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

/// Money on its way back, in the Sandbox's own books.
struct SandboxRefund {
    let name: String
    let reference: String
    let amount: Int64
    let currency: String
    var status: String
    var updatedAt: Instant
    /// What only the Stripe-shaped dialect knows of it.
    var stripe: JSON = .null

    init(
        name: String, reference: String, amount: Int64, currency: String, status: String, updatedAt: Instant
    ) {
        self.name = name
        self.reference = reference
        self.amount = amount
        self.currency = currency
        self.status = status
        self.updatedAt = updatedAt
    }

    static func find(_ name: String, books: some SandboxBooks) throws -> SandboxRefund? {
        // What cannot be read counts as not stored.
        guard let text = try books.object("refund", name), let json = try? JSON.parse(Array(text.utf8)),
            let reference = json["reference"]?.string, let amount = json["amount"]?.int64
        else { return nil }
        var refund = SandboxRefund(
            name: name, reference: reference, amount: amount, currency: json["currency"]?.string ?? "EUR",
            status: json["status"]?.string ?? "",
            updatedAt: json["updated_at"]?.string.flatMap { Instant(iso8601: $0) } ?? .epoch)
        refund.stripe = json["stripe"] ?? .null
        return refund
    }

    var shown: JSON {
        .present([
            "refund": .string(name), "reference": .string(reference), "amount": JSON(amount),
            "currency": .string(currency), "status": .string(status),
            "updated_at": .string(updatedAt.iso8601),
            "stripe": stripe == .null ? nil : stripe,
        ])
    }
}

/// Money claimed back, in the Sandbox's own books.
struct SandboxDispute {
    let id: String
    let reference: String
    let amount: Int64
    let currency: String
    var status: String
    var sequence: Int64 = 1
    var updatedAt: Instant
    var dueBy: Instant
    /// Evidence was given that says something.
    var isWinning = false

    init(of payment: SandboxPayment, isInquiry: Bool, at now: Instant) {
        let isStripe = payment.stripe != .null
        id = (isStripe ? "dp_" : "sdp_") + payment.reference.dropFirst(isStripe ? 3 : 4)
        reference = payment.reference
        amount = payment.captured - payment.refunded
        currency = payment.currency
        status = isInquiry ? "inquiry" : "needs_response"
        updatedAt = now
        dueBy = now + .hours(7 * 24)
    }

    /// What the bank takes for it, minor units: 20.00.
    var fee: Int64 { status == "inquiry" ? 0 : 20 * (Currency(code: currency)?.minorUnitsPerMajor ?? 100) }

    mutating func become(_ status: String, at now: Instant) {
        self.status = status
        sequence += 1
        updatedAt = now
    }

    static func find(_ id: String, books: some SandboxBooks) throws -> SandboxDispute? {
        // What cannot be read counts as not stored.
        guard let text = try books.object("dispute", id), let json = try? JSON.parse(Array(text.utf8)) else {
            return nil
        }
        return SandboxDispute(json)
    }

    /// The one that stands against a payment and is not over.
    static func open(of reference: String, books: some SandboxBooks) throws -> SandboxDispute? {
        guard let id = try books.object("dispute_of", reference) else { return nil }
        let dispute = try find(id, books: books)
        return dispute.flatMap { ["needs_response", "under_review", "lost"].contains($0.status) ? $0 : nil }
    }

    init?(_ json: JSON) {
        guard let id = json["id"]?.string, let reference = json["reference"]?.string,
            let amount = json["amount"]?.int64, let currency = json["currency"]?.string,
            let status = json["status"]?.string
        else { return nil }
        func time(_ name: String) -> Instant {
            json[name]?.string.flatMap { Instant(iso8601: $0) } ?? .epoch
        }
        self.id = id
        self.reference = reference
        self.amount = amount
        self.currency = currency
        self.status = status
        sequence = json["sequence"]?.int64 ?? 1
        updatedAt = time("updated_at")
        dueBy = time("due_by")
        isWinning = json["is_winning"]?.bool ?? false
    }

    func save(_ books: some SandboxBooks) throws {
        try books.save("dispute", id, shown.text())
        try books.save("dispute_of", reference, id)
    }

    var shown: JSON {
        [
            "id": .string(id), "reference": .string(reference), "amount": JSON(amount),
            "currency": .string(currency), "status": .string(status), "fee": JSON(fee),
            "reason": "fraudulent", "sequence": JSON(sequence), "updated_at": .string(updatedAt.iso8601),
            "due_by": .string(dueBy.iso8601), "is_winning": .bool(isWinning),
        ]
    }
}

/// What the Sandbox has planned: pages and holds end, captures and refunds fail, disputes come and are decided, payouts
/// leave. Time is the caller's.
package enum SandboxClock {
    static func plan(_ what: String, _ name: String, at due: Instant, books: some SandboxBooks) throws {
        try books.save("due", "\(digits(due.seconds)) \(what) \(name)", "{}")
    }

    /// 13 digits, so that texts sort like times.
    static func digits(_ number: Int64) -> String {
        let text = String(max(0, number))
        return String(repeating: "0", count: max(0, 13 - text.count)) + text
    }
}

extension Sandbox {
    /// Carries out everything that is due, oldest first, each at its own time; the webhooks are to be delivered.
    ///
    /// - Returns: an empty list when nothing was due; then nothing was changed either.
    package func passTime(to now: Instant, books: some SandboxBooks) throws -> [Webhook] {
        var webhooks: [Webhook] = []
        // What is done may plan something that is due as well; each round takes what there is.
        for _ in 0..<1000 {
            let due = try books.objects(
                "due", after: nil, before: SandboxClock.digits(now.seconds + 1), limit: 50)
            if due.isEmpty { return webhooks }
            for item in due {
                try books.remove("due", item.name)
                let words = item.name.split(separator: " ", maxSplits: 2).map(String.init)
                guard words.count == 3, let seconds = Int64(words[0]) else { continue }
                webhooks += try carryOut(words[1], words[2], at: Instant(seconds: seconds), books: books)
            }
        }
        return webhooks
    }

    private func carryOut(_ what: String, _ name: String, at time: Instant, books: some SandboxBooks) throws
        -> [Webhook]
    {
        switch what {
        case "page", "expire", "capture_fails", "dispute":
            guard var payment = try load(name, books, at: time) else { return [] }
            switch what {
            case "page": return try end(&payment, ifStill: "requires_action", at: time, books: books)
            case "expire": return try end(&payment, ifStill: "authorized", at: time, books: books)
            case "capture_fails": return try failCapture(&payment, at: time, books: books)
            default: return try dispute(payment, at: time, books: books)
            }
        case "refund_fails": return try reverseRefund(name, at: time, books: books)
        case "dispute_due", "dispute_decision": return try decide(name, what, at: time, books: books)
        case "payout": return try payOut(name, at: time, books: books)
        default: return []
        }
    }

    private func end(
        _ payment: inout SandboxPayment, ifStill status: String, at time: Instant, books: some SandboxBooks
    ) throws -> [Webhook] {
        // A look has already shown it as expired; then it is only told.
        let isToBeTold = payment.status == "expired" && status == "authorized"
        guard payment.status == status || isToBeTold else { return [] }
        if !isToBeTold {
            payment.become("expired", at: time)
            try save(payment, books)
        }
        return try news(of: payment, at: time, books: books)
    }

    private func failCapture(_ payment: inout SandboxPayment, at time: Instant, books: some SandboxBooks)
        throws
        -> [Webhook]
    {
        guard payment.status == "captured", payment.refunded == 0 else { return [] }
        try SandboxLedger(account: payment.account, now: time).captureFailed(payment, books: books)
        payment.captured = 0
        payment.become("capture_failed", at: time)
        try save(payment, books)
        return try news(of: payment, at: time, books: books)
    }

    private func reverseRefund(_ name: String, at time: Instant, books: some SandboxBooks) throws -> [Webhook]
    {
        guard var refund = try SandboxRefund.find(name, books: books), refund.status == "succeeded",
            var payment = try load(refund.reference, books, at: time)
        else { return [] }
        refund.status = "reversed"
        refund.updatedAt = time
        try books.save("refund", name, refund.shown.text())
        payment.refunded -= refund.amount
        try save(payment, books)
        try SandboxLedger(account: payment.account, now: time).refundReversed(refund, books: books)
        return try news(of: refund, on: payment, at: time, books: books)
    }

    private func dispute(_ payment: SandboxPayment, at time: Instant, books: some SandboxBooks) throws
        -> [Webhook]
    {
        guard payment.status == "captured", payment.captured > payment.refunded else { return [] }
        let dispute = SandboxDispute(of: payment, isInquiry: payment.instrument == "inquiry", at: time)
        try dispute.save(books)
        try SandboxLedger(account: payment.account, now: time).disputed(dispute, books: books)
        try SandboxClock.plan("dispute_due", dispute.id, at: dispute.dueBy, books: books)
        return try news(of: dispute, on: payment, at: time, books: books)
    }

    /// Nobody answered in time, or the bank has made up its mind.
    private func decide(_ id: String, _ what: String, at time: Instant, books: some SandboxBooks) throws
        -> [Webhook]
    {
        guard var dispute = try SandboxDispute.find(id, books: books),
            let payment = try load(dispute.reference, books, at: time)
        else { return [] }
        switch (what, dispute.status) {
        case ("dispute_due", "inquiry"): dispute.become("closed", at: time)
        case ("dispute_due", "needs_response"): dispute.become("lost", at: time)
        case ("dispute_decision", "under_review"):
            dispute.become(dispute.isWinning ? "won" : "lost", at: time)
        default: return []
        }
        try dispute.save(books)
        if dispute.status == "won" {
            try SandboxLedger(account: payment.account, now: time).disputeWon(dispute, books: books)
        }
        return try news(of: dispute, on: payment, at: time, books: books)
    }
}
