// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// The settlement details report: comma-separated, columns found by their names in the first line.
extension AdyenGateway {
    package func settlementLines(in answer: GatewayAnswer) throws(SettlementFinding) -> SettlementPage {
        guard answer.status == 200 else { throw .refused(status: answer.status) }
        guard let text = String(validating: answer.body, as: UTF8.self) else { throw .unreadable("no UTF-8") }
        let rows = text.split(whereSeparator: \.isNewline).map { Self.cells(String($0)) }
        guard let head = rows.first, head.contains("Psp Reference"), head.contains("Type") else {
            throw .unreadable("no settlement details report")
        }
        let places = Dictionary(head.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var lines: [SettlementLine] = []
        for (number, cells) in rows.dropFirst().enumerated() {
            lines.append(try line(Record(places: places, cells: cells, number: number + 2)))
        }
        return SettlementPage(lines: lines, next: nil)
    }

    /// One row by the names of its columns.
    private struct Record {
        let places: [String: Int]
        let cells: [String]
        let number: Int

        subscript(name: String) -> String {
            guard let place = places[name], cells.indices.contains(place) else { return "" }
            return cells[place]
        }

        /// Credit minus debit.
        func amount(credit: String, debit: String, _ currency: Currency) throws(SettlementFinding) -> Money {
            try money(credit, currency) - money(debit, currency)
        }

        func money(_ name: String, _ currency: Currency) throws(SettlementFinding) -> Money {
            let text = self[name]
            if text.isEmpty { return .zero(currency) }
            guard let exact = DecimalDigits.fixedPoint(text, scale: currency.exponent),
                let minor = Int64(exactly: exact)
            else { throw .unreadable("row \(number), \(name)") }
            return Money(minorUnits: minor, currency: currency)
        }
    }

    private func line(_ row: Record) throws(SettlementFinding) -> SettlementLine {
        guard let currency = Currency(code: row["Net Currency"]) else {
            throw .unreadable("row \(row.number), Net Currency")
        }
        let net = try row.amount(credit: "Net Credit (NC)", debit: "Net Debit (NC)", currency)
        var fee = Money.zero(currency)
        for name in ["Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)"] {
            fee += try row.money(name, currency)
        }
        var gross = net + fee
        if row["Gross Currency"] == currency.code {
            gross = try row.amount(credit: "Gross Credit (GC)", debit: "Gross Debit (GC)", currency)
        }
        guard let occurredAt = Self.time(row["Creation Date"]) else {
            throw .unreadable("row \(row.number), Creation Date")
        }
        let reference = row["Psp Reference"]
        let names = [row["Batch Number"], row["Type"], reference, row["Modification Reference"]]
        let id = names.allSatisfy(\.isEmpty) ? "row \(row.number)" : names.joined(separator: "/")
        let kind = Self.kinds[row["Type"]] ?? .adjustment
        // Lines that only take, and payouts, have no gross of their own.
        if gross.isZero, !net.isZero { gross = net + fee }
        guard gross - fee == net else { throw .doesNotAddUp(line: id) }
        var line = SettlementLine(
            line: id, kind: kind, gross: gross, fee: fee, net: net, occurredAt: occurredAt)
        line.payment = PaymentID(row["Merchant Reference"])
        line.reference = reference.isEmpty ? nil : reference
        if kind == .payout { line.payout = "batch \(row["Batch Number"])" }
        return line
    }

    private static let kinds: [String: SettlementLine.Kind] = [
        "Settled": .capture, "SettledReversed": .adjustment, "Refunded": .refund, "RefundedReversed": .refund,
        "Fee": .fee, "Chargeback": .dispute, "SecondChargeback": .dispute,
        "ChargebackReversed": .disputeReversal, "MerchantPayout": .payout, "PayoutReversed": .payoutReturn,
        "DepositCorrection": .reserve, "ReserveAdjustment": .reserve,
    ]

    /// `2026-11-27 14:13:20`, in the zone of the report, which is set to UTC.
    private static func time(_ text: String) -> Instant? {
        Instant(iso8601: text.replacing(" ", with: "T") + "Z")
    }

    /// The cells of one line; a cell may stand in quotation marks, doubled inside.
    private static func cells(_ line: String) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var rest = Substring(line)
        while let letter = rest.popFirst() {
            switch letter {
            case "\"" where isQuoted && rest.first == "\"":
                cell.append("\"")
                rest = rest.dropFirst()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                cells.append(cell)
                cell = ""
            default: cell.append(letter)
            }
        }
        return cells + [cell]
    }
}
