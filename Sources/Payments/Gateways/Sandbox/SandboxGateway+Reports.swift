// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

extension SandboxGateway {
    package func settlementLines(in answer: GatewayAnswer) throws(SettlementFinding) -> SettlementPage {
        let body = try document(answer)
        var lines: [SettlementLine] = []
        for item in body["lines"]?.array ?? [] { lines.append(try line(item)) }
        return SettlementPage(lines: lines, next: body["next"]?.string)
    }

    private func line(_ item: JSON) throws(SettlementFinding) -> SettlementLine {
        guard let id = item["id"]?.string else { throw .unreadable("a line without id") }
        guard let currency = item["currency"]?.string.flatMap({ Currency(code: $0) }),
            let kind = item["kind"]?.string.flatMap({ SettlementLine.Kind(rawValue: $0) }),
            let gross = item["gross"]?.int64, let fee = item["fee"]?.int64, let net = item["net"]?.int64,
            let occurredAt = item["occurred_at"]?.string.flatMap({ Instant(iso8601: $0) })
        else { throw .unreadable(id) }
        func money(_ amount: Int64) -> Money { Money(minorUnits: amount, currency: currency) }
        guard money(gross) - money(fee) == money(net) else { throw .doesNotAddUp(line: id) }
        var line = SettlementLine(
            line: id, kind: kind, gross: money(gross), fee: money(fee), net: money(net),
            occurredAt: occurredAt)
        line.payment = item["payment"]?.string.flatMap { PaymentID($0) }
        line.reference = item["reference"]?.string
        line.payout = item["payout"]?.string
        line.availableOn = item["available_on"]?.string.flatMap { Instant(iso8601: $0) }
        return line
    }

    package func balance(in answer: GatewayAnswer) throws(SettlementFinding) -> [Money] {
        let body = try document(answer)
        guard let items = body["balance"]?.array else { throw .unreadable("no balance in it") }
        var amounts: [Money] = []
        for item in items {
            guard let amount = item["amount"]?.int64,
                let currency = item["currency"]?.string.flatMap({ Currency(code: $0) })
            else { throw .unreadable("balance") }
            amounts.append(Money(minorUnits: amount, currency: currency))
        }
        return amounts
    }

    package func listed(in answer: GatewayAnswer) throws(SettlementFinding) -> ListedPayments {
        let body = try document(answer)
        let facts = (body["payments"]?.array ?? []).compactMap { item in
            item["currency"]?.string.flatMap { Currency(code: $0) }.flatMap { fact(in: item, currency: $0) }
        }
        return ListedPayments(facts: facts, next: body["next"]?.string)
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
