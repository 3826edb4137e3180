// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

extension StripeGateway {
    package func settlementLines(in answer: GatewayAnswer) throws(SettlementFinding) -> SettlementPage {
        let list = try list(answer)
        var lines: [SettlementLine] = []
        for item in list["data"]?.array ?? [] { lines.append(try line(item)) }
        return SettlementPage(lines: lines, next: next(list))
    }

    private func line(_ item: JSON) throws(SettlementFinding) -> SettlementLine {
        guard let id = item["id"]?.string else { throw .unreadable("a line without id") }
        guard let currency = item["currency"]?.string.flatMap({ Currency(code: $0.uppercased()) }),
            let amount = item["amount"]?.int64, let fee = item["fee"]?.int64, let net = item["net"]?.int64,
            let created = item["created"]?.int64
        else { throw .unreadable(id) }
        func money(_ amount: Int64) -> Money { Money(minorUnits: amount, currency: currency) }
        guard money(amount) - money(fee) == money(net) else { throw .doesNotAddUp(line: id) }
        var line = SettlementLine(
            line: id, kind: kind(of: item), gross: money(amount), fee: money(fee), net: money(net),
            occurredAt: Instant(seconds: created))
        line.availableOn = item["available_on"]?.int64.map { Instant(seconds: $0) }
        let source = item["source"]
        line.payment = source.flatMap { payment(of: $0) }
        line.reference = source?["payment_intent"]?.string ?? source?["id"]?.string ?? source?.string
        if line.kind == .payout || line.kind == .payoutReturn {
            line.payout = source?["id"]?.string ?? source?.string
        }
        return line
    }

    private func kind(of item: JSON) -> SettlementLine.Kind {
        switch item["reporting_category"]?.string {
        case "dispute": return .dispute
        case "dispute_reversal": return .disputeReversal
        default: break
        }
        switch item["type"]?.string {
        case "charge", "payment": return .capture
        case "refund", "payment_refund", "refund_failure", "payment_failure_refund": return .refund
        case "stripe_fee", "network_cost", "application_fee": return .fee
        case "payout": return .payout
        case "payout_cancel", "payout_failure": return .payoutReturn
        case "reserve_transaction", "reserved_funds", "payment_network_reserve_hold",
            "payment_network_reserve_release":
            return .reserve
        default: return .adjustment
        }
    }

    package func balance(in answer: GatewayAnswer) throws(SettlementFinding) -> [Money] {
        let body = try document(answer)
        guard body["object"]?.string == "balance" else { throw .unreadable("no balance in it") }
        var sums: [String: Money] = [:]
        for item in (body["available"]?.array ?? []) + (body["pending"]?.array ?? []) {
            guard let amount = item["amount"]?.int64,
                let currency = item["currency"]?.string.flatMap({ Currency(code: $0.uppercased()) })
            else { throw .unreadable("balance") }
            sums[currency.code, default: .zero(currency)] += Money(minorUnits: amount, currency: currency)
        }
        return sums.sorted { $0.key < $1.key }.map(\.value)
    }

    package func listed(in answer: GatewayAnswer) throws(SettlementFinding) -> ListedPayments {
        let list = try list(answer)
        return ListedPayments(
            facts: (list["data"]?.array ?? []).compactMap { fact(in: $0) }, next: next(list))
    }

    private func next(_ list: JSON) -> String? {
        list["has_more"]?.bool == true ? list["data"]?.array?.last?["id"]?.string : nil
    }

    private func list(_ answer: GatewayAnswer) throws(SettlementFinding) -> JSON {
        let body = try document(answer)
        guard body["object"]?.string == "list" else { throw .unreadable("no list") }
        return body
    }

    private func document(_ answer: GatewayAnswer) throws(SettlementFinding) -> JSON {
        guard answer.status == 200 else { throw .refused(status: answer.status) }
        do throws(JSONError) {
            return try JSON.parse(answer.body)
        } catch {
            throw .unreadable(error.message)
        }
    }
}
