// SPDX-License-Identifier: Apache-2.0

import Quantities

extension Rated {
    /// The bill as a table for a person: what, how much at what price, the amount, the tax and why; then the
    /// totals.
    ///
    /// - Parameter isColoured: whether a terminal reads it, so that totals may be bold and notes dimmed.
    public func table(isColoured: Bool = false) -> String {
        let rows = lines.isEmpty ? [Row(name: "Nothing was priced")] : lines.flatMap(rows(of:))
        let footer = totals
        let widths = Widths(rows + footer)
        let style = TerminalStyle(isColoured: isColoured)
        var text = ""
        for row in rows {
            let line = widths.padded(row) + "  " + row.tax.leftPadded(widths.tax)
            text += (line + "  " + style.faint(row.why)).trimmingEnd + "\n"
        }
        text += String(repeating: "─", count: widths.name + widths.detail + widths.amount + 4) + "\n"
        for row in footer {
            let line = widths.padded(row).trimmingEnd
            text += (row.isTotal ? style.bold(line) : line) + "\n"
        }
        for note in notes {
            let place = note.path.isEmpty ? "" : " at \(note.path)"
            text += style.faint("note \(note.code.rawValue)\(place): \(note.message)") + "\n"
        }
        return text
    }

    /// One line of the table, in columns.
    private struct Row {
        var name: String
        var detail = ""
        var amount = ""
        var tax = ""
        var why = ""
        var isTotal = false
    }

    /// How wide the columns are.
    private struct Widths {
        let name: Int
        let detail: Int
        let amount: Int
        let tax: Int

        init(_ rows: [Row]) {
            name = rows.map(\.name.count).max() ?? 0
            detail = rows.map(\.detail.count).max() ?? 0
            amount = rows.map(\.amount.count).max() ?? 0
            tax = rows.map(\.tax.count).max() ?? 0
        }

        func padded(_ row: Row) -> String {
            "\(row.name.rightPadded(name))  \(row.detail.rightPadded(detail))  \(row.amount.leftPadded(amount))"
        }
    }

    /// A line with one part is one row; with more, the line and below it each part.
    private func rows(of line: RatedLine) -> [Row] {
        let tax = line.taxRate.map { "\($0.percentText) %" } ?? (line.parts.isEmpty ? "" : "no tax stated")
        var first = Row(name: line.kind.tableName, amount: line.amount.decimal, tax: tax)
        guard line.parts.count > 1 else {
            first.detail = line.parts.first?.tableText ?? ""
            first.why = line.why
            return [first]
        }
        first.detail = line.exact.tableText
        return [first] + line.parts.map { Row(name: "", detail: $0.tableText, why: $0.reason.words) }
    }

    private var totals: [Row] {
        let total = Row(name: "Total \(currency.code)", amount: gross.decimal, isTotal: true)
        let word = lineBasis == .afterTax ? "contains tax" : "Tax"
        let rows = taxes.map { tax in
            let rate = tax.rate.map { "\($0.percentText) %" } ?? "without a rate"
            return Row(name: word, detail: "\(rate) of \(tax.base.decimal)", amount: tax.amount.decimal)
        }
        guard lineBasis == .beforeTax else { return [total] + rows + payment }
        return (rows.isEmpty ? [] : [Row(name: "Before tax", amount: net.decimal)] + rows) + [total] + payment
    }

    /// What coupons pay of the total, and what the session adds to counts over several sessions.
    private var payment: [Row] {
        var rows = couponUses.filter { $0.kind == .value }.map { coupon in
            Row(
                name: "Coupon \(coupon.id)", detail: "\(coupon.left.decimal) left",
                amount: (-coupon.used).decimal)
        }
        if !rows.isEmpty { rows.append(Row(name: "To pay", amount: due.decimal, isTotal: true)) }
        for counter in counterChanges {
            let text: String
            switch counter.change {
            case .spent(let money): text = money.decimal
            case .used(let quantity): text = quantity.tableText
            }
            rows.append(Row(name: "Counter \(counter.id)", detail: "this session adds \(text)"))
        }
        return rows
    }
}

extension RatedPart {
    /// `8.35 kWh × 0.22 = 1.837`; for a cap or floor only what it takes or adds.
    fileprivate var tableText: String {
        guard let unitPrice else { return exact.tableText }
        let surplus = stepSurplus.fineUnits > 0 ? " (step adds \(stepSurplus.tableText))" : ""
        return "\(quantity.tableText)\(surplus) × \(unitPrice.decimal) = \(exact.tableText)"
    }
}

extension Measured {
    /// The quantity with its unit; at most six decimals, for people.
    fileprivate var tableText: String {
        let number = exact.tableText
        return unit == .once ? number : "\(number) \(unit.rawValue)"
    }
}

extension Exact {
    /// At most six decimals; an ellipsis says that there are more.
    fileprivate var tableText: String {
        let short = decimal(maximumFractionDigits: 6)
        return short == decimal ? short : short + "…"
    }
}

extension LineKind {
    /// The English name of the line.
    fileprivate var tableName: String {
        switch self {
        case .energy: "Energy"
        case .time: "Charging time"
        case .parking: "Idle time"
        case .flat: "Session fee"
        case .reservation: "Reserved time"
        case .reservationFlat: "Reservation fee"
        case .percentageFee: "Service fee"
        case .discount: "Discount"
        case .componentCap: "Cap"
        case .componentFloor: "Floor"
        case .minPrice: "Minimum price"
        case .maxPrice: "Maximum price"
        case .counterCap: "Cap over sessions"
        }
    }
}
