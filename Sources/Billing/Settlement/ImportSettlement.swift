// SPDX-License-Identifier: Apache-2.0

import Accounting
package import Payments
package import Quantities
package import Storage

/// Takes in what a gateway says that it did with our money (payments.md §7, Reconciliation).
///
/// Each line is posted once, whatever is imported again (F60); one that was restated posts the difference. What fits a
/// payment of ours was posted when it happened, so only its fee is new; what fits none waits in `Liabilities:Suspense`
/// with a question for a person. Afterwards clearing equals the gateway's balance, or open items explain the difference.
package struct ImportSettlement: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Why nothing was imported.
    package enum Refusal: Error, Hashable {
        case unknownAccount(GatewayAccountID)
        case feeIsNegative(line: String)
    }

    /// - Parameter reported: the balance the gateway states after these lines, if it states one.
    package func callAsFunction(
        _ lines: [SettlementLine], reported: Money?, of id: GatewayAccountID
    ) async throws -> [SettlementImportRecord] {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let account = try tx.lock(GatewayAccountRecord.self, id: id) else {
                throw Refusal.unknownAccount(id)
            }
            var news: [Currency: Int] = [:]
            for line in lines {
                guard !line.fee.isNegative else { throw Refusal.feeIsNegative(line: line.line) }
                if try take(line, at: account, in: tx, at: now) { news[line.gross.currency, default: 0] += 1 }
            }
            try lookAgain(at: account, in: tx, at: now)
            let currencies = Set(lines.map(\.gross.currency) + [reported?.currency].compactMap { $0 })
            return try currencies.sorted { $0.code < $1.code }.map { currency in
                let stated = reported?.currency == currency ? reported : nil
                return try compare(news[currency] ?? 0, stated, currency, account, in: tx, at: now)
            }
        }
    }

    /// Whether it was news.
    private func take(
        _ line: SettlementLine, at account: GatewayAccountRecord, in tx: Tx, at now: Instant
    ) throws -> Bool {
        if let known = try tx.settlementLine(line.line, of: account.id) {
            return try restate(known, as: line, at: account, in: tx, at: now)
        }
        let match = try SettlementMatch(line, at: account, in: tx)
        let row = SettlementLineRecord(
            id: desk.ids.new(at: now), account: account, lineID: line.line, kind: line.kind.rawValue,
            gross: line.gross, fee: line.fee, payment: match.payment?.id, payout: line.payout,
            isMatched: match.isBooked, occurredAt: line.occurredAt, availableAt: line.availableOn, at: now)
        try tx.insert(row)
        try post(line, match, as: row, at: account, in: tx, at: now)
        return true
    }

    private func post(
        _ line: SettlementLine, _ match: SettlementMatch, as row: SettlementLineRecord,
        at account: GatewayAccountRecord, in tx: Tx, at now: Instant
    ) throws {
        let books = Books(desk: desk)
        let about = Dimensions(payment: match.payment?.id)
        let entry = Books.Entry(
            organisation: account.organisation, cause: row.id.text, actor: "settlement",
            occurredAt: line.occurredAt, now: now)
        let fee = line.fee - match.bookedFee
        if fee.isPositive {
            try books.post(try .gatewayFee(fee, at: account.name, about: about), entry, in: tx)
        }
        switch match.verdict {
        case .booked: return
        // Our own fact may still be on its way: it is waited for, a day.
        case .differs: return
        case .unknown(let rest):
            guard !rest.isZero else { return }
            try books.post(try .moneyUnmatched(rest, at: account.name, about: about), entry, in: tx)
            try ask(row, match, rest, in: tx, at: now)
        case .fee(let amount):
            // a fee line of its own is all fee; its cause must not meet that of the line's own fee
            var own = entry
            own.cause += ":fee"
            try books.post(
                amount.isNegative
                    ? try .gatewayFeeReturned(-amount, at: account.name, about: about)
                    : try .gatewayFee(amount, at: account.name, about: about), own, in: tx)
        case .payout(let amount):
            try books.post(
                amount.isNegative
                    ? try .payoutReturned(-amount, at: account.name, about: about)
                    : try .gatewayPayout(amount, at: account.name, about: about), entry, in: tx)
        }
    }

    /// Lines that did not fit when they came: our own fact may have come since. After a day a person is asked, and the
    /// money waits in suspense.
    private func lookAgain(at account: GatewayAccountRecord, in tx: Tx, at now: Instant) throws {
        for row in try tx.unmatchedLines(of: account.id, limit: 200) {
            let match = try SettlementMatch(row.line, at: account, in: tx)
            guard var row = try tx.lock(SettlementLineRecord.self, id: row.id) else { continue }
            if match.isBooked {
                row.state = "matched"
                row.payment = match.payment?.id
                try tx.update(&row)
                continue
            }
            guard case .differs(let rest) = match.verdict, now - row.importedAt >= .hours(24) else {
                continue
            }
            let entry = Books.Entry(
                organisation: account.organisation, cause: row.id.text, actor: "settlement",
                occurredAt: row.occurredAt, now: now)
            try Books(desk: desk).post(
                try .moneyUnmatched(rest, at: account.name, about: Dimensions(payment: row.payment)), entry,
                in: tx)
            try ask(row, match, rest, in: tx, at: now)
        }
    }

    /// The same line with other amounts: the difference is posted, and a person hears of it.
    private func restate(
        _ known: SettlementLineRecord, as line: SettlementLine, at account: GatewayAccountRecord, in tx: Tx,
        at now: Instant
    ) throws -> Bool {
        let currency = known.currency
        guard line.gross.currency == currency else { return false }
        let gross = line.gross - Money(minorUnits: known.grossMinor, currency: currency)
        let fee = line.fee - Money(minorUnits: known.feeMinor, currency: currency)
        guard !gross.isZero || !fee.isZero else { return false }
        var row = known
        row.grossMinor = line.gross.minorUnits
        row.feeMinor = line.fee.minorUnits
        row.restated += 1
        try tx.update(&row)
        let books = Books(desk: desk)
        let about = Dimensions(payment: row.payment)
        let entry = Books.Entry(
            organisation: account.organisation, cause: "\(row.id):\(row.restated)", actor: "settlement",
            occurredAt: line.occurredAt, now: now)
        if fee.isPositive {
            try books.post(try .gatewayFee(fee, at: account.name, about: about), entry, in: tx)
        }
        if fee.isNegative {
            try books.post(try .gatewayFeeReturned(-fee, at: account.name, about: about), entry, in: tx)
        }
        if !gross.isZero {
            try books.post(try .moneyUnmatched(gross, at: account.name, about: about), entry, in: tx)
            try open(
                "settlement_restated", row, "\(line.line) was restated by \(gross)", gross, in: tx, at: now)
        }
        return true
    }

    /// I10: what the gateway holds for us, beside what our books say.
    private func compare(
        _ news: Int, _ reported: Money?, _ currency: Currency, _ account: GatewayAccountRecord, in tx: Tx,
        at now: Instant
    ) throws -> SettlementImportRecord {
        let row = SettlementImportRecord(
            id: desk.ids.new(at: now), account: account, currency: currency, lines: news, reported: reported,
            clearing: try tx.balance(
                of: LedgerAccount.clearing(account.name).name, in: currency, of: account.organisation),
            missing: try tx.unlistedMinor(of: account.id, in: currency), at: now)
        try tx.insert(row)
        if row.unexplainedMinor != 0 {
            let amount = Money(minorUnits: row.unexplainedMinor, currency: currency)
            try tx.open(
                WorkItemRecord(
                    id: desk.ids.new(at: now), organisation: account.organisation, reason: "clearing_differs",
                    object: row.id.text, detail: "\(account.name): nothing explains \(amount)",
                    currency: currency, amountMinor: amount.minorUnits, state: "open", openedAt: now))
        }
        return row
    }

    private func ask(
        _ row: SettlementLineRecord, _ match: SettlementMatch, _ rest: Money, in tx: Tx, at now: Instant
    ) throws {
        let reason = match.payment == nil ? "settlement_unmatched" : "settlement_differs"
        try open(reason, row, "\(row.kind) \(row.lineId): \(rest) is not in our books", rest, in: tx, at: now)
    }

    private func open(
        _ reason: String, _ row: SettlementLineRecord, _ detail: String, _ amount: Money, in tx: Tx,
        at now: Instant
    ) throws {
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: row.organisation, reason: reason,
                object: row.id.text,
                detail: detail, currency: amount.currency, amountMinor: amount.minorUnits, state: "open",
                openedAt: now))
    }
}

/// What a line means for our books: by the gateway's reference, then by our own (payments.md §7).
struct SettlementMatch {
    /// What is to be done.
    enum Verdict {
        /// It was posted when it happened.
        case booked
        /// It was posted with another amount; this much is not in our books.
        case differs(Money)
        /// Nothing of ours fits.
        case unknown(Money)
        /// A fee of its own; negative comes back.
        case fee(Money)
        /// To the bank; negative comes back.
        case payout(Money)
    }

    let payment: PaymentRecord?
    let verdict: Verdict
    /// What of the line's fee our books have already: a dispute's comes with the dispute.
    let bookedFee: Money

    init(_ line: SettlementLine, at account: GatewayAccountRecord, in tx: Tx) throws {
        let byReference = try line.reference.flatMap { try tx.payment(reference: $0, at: account.id) }
        let ours = try byReference ?? line.payment.flatMap { try tx.find(PaymentRecord.self, $0) }
        payment = ours?.gatewayAccount == account.id ? ours : nil
        verdict = try Self.verdict(line, payment, in: tx)
        let dispute =
            try line.kind == .dispute ? payment.flatMap { try Self.dispute(line, of: $0, in: tx) } : nil
        bookedFee = dispute.map { min($0.fee, line.fee) } ?? .zero(line.gross.currency)
    }

    private static func dispute(
        _ line: SettlementLine, of payment: PaymentRecord, in tx: Tx
    ) throws -> DisputeRecord? {
        try tx.disputes(of: payment.id).first { $0.amount == -line.gross }
    }

    /// Whether nobody needs to look.
    var isBooked: Bool {
        switch verdict {
        case .booked, .fee, .payout: true
        case .differs, .unknown: false
        }
    }

    private static func verdict(
        _ line: SettlementLine, _ payment: PaymentRecord?, in tx: Tx
    ) throws -> Verdict {
        switch line.kind {
        case .fee: return .fee(-line.gross)
        case .payout, .payoutReturn: return .payout(-line.gross)
        case .adjustment where payment != nil: break
        case .adjustment, .reserve, .exchange: return .unknown(line.gross)
        case .capture, .refund, .dispute, .disputeReversal: break
        }
        guard let payment, payment.currency == line.gross.currency else { return .unknown(line.gross) }
        let booked = try booked(line, payment, in: tx)
        let rest = line.gross - booked
        return rest.isZero ? .booked : .differs(rest)
    }

    /// What our books have of it already.
    private static func booked(_ line: SettlementLine, _ payment: PaymentRecord, in tx: Tx) throws -> Money {
        let none = Money.zero(payment.currency)
        switch line.kind {
        case .capture: return payment.machine.captured ?? none
        case .adjustment:
            // a capture that failed afterwards (T8)
            return payment.machine.state == .captureFailed ? -(payment.machine.captured ?? none) : none
        case .refund:
            let states: Set<Refund.State> = line.gross.isNegative ? [.succeeded, .reversed] : [.reversed]
            let amount = line.gross.isNegative ? -line.gross : line.gross
            let fits = try tx.refunds(of: payment.id).contains {
                states.contains($0.machine.state) && $0.amount == amount
            }
            return fits ? line.gross : none
        case .dispute: return try dispute(line, of: payment, in: tx) == nil ? none : line.gross
        case .disputeReversal:
            let fits = try tx.disputes(of: payment.id).contains {
                $0.status == "won" && $0.amount == line.gross
            }
            return fits ? line.gross : none
        default: return none
        }
    }
}

extension SettlementLineRecord {
    /// As it was last told.
    fileprivate var line: SettlementLine {
        let gross = Money(minorUnits: grossMinor, currency: currency)
        let fee = Money(minorUnits: feeMinor, currency: currency)
        var line = SettlementLine(
            line: lineId, kind: SettlementLine.Kind(rawValue: kind) ?? .adjustment, gross: gross, fee: fee,
            net: gross - fee, occurredAt: occurredAt)
        line.payment = payment
        line.payout = payout
        return line
    }
}
