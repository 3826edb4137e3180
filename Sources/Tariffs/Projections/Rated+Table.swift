// SPDX-License-Identifier: Apache-2.0

import Quantities

extension Rated {
    /// The bill as a table for a person: what, how much at what price, the amount, the tax and why; then the
    /// totals.
    ///
    /// - Parameter isColoured: whether a terminal reads it, so that totals may be bold and notes dimmed.
    public func table(isColoured: Bool = false) -> String {
        var rows = lines.flatMap(rows(of:))
        let footer = totals
        let amountWidth = (rows.map(\.amount) + footer.map(\.amount)).map(\.count).max() ?? 0
        let whatWidth = (rows.map(\.what) + footer.map(\.what)).map(\.count).max() ?? 0
        let taxWidth = rows.map(\.tax.count).max() ?? 0
        if rows.isEmpty { rows = [Row(what: "Nothing was priced", amount: "", tax: "", why: "")] }
        let style = Style(isColoured: isColoured)
        var text = ""
        for row in rows {
            let tax = row.tax.leftPadded(taxWidth)
            let line = "\(row.what.rightPadded(whatWidth))  \(row.amount.leftPadded(amountWidth))  \(tax)"
            text += (line + "  " + style.faint(row.why)).trimmingEnd + "\n"
        }
        text += String(repeating: "─", count: whatWidth + 2 + amountWidth) + "\n"
        for row in footer {
            let line = "\(row.what.rightPadded(whatWidth))  \(row.amount.leftPadded(amountWidth))"
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
        var what: String
        var amount: String
        var tax: String
        var why: String
        var isTotal = false
    }

    /// A line with one part is one row; with more, the line and below it each part.
    private func rows(of line: RatedLine) -> [Row] {
        let tax = line.taxRate.map { "\($0.percentText) %" } ?? (line.parts.isEmpty ? "" : "no tax stated")
        let name = line.kind.tableName
        guard line.parts.count > 1 else {
            let detail = line.parts.first?.tableText ?? ""
            let what = detail.isEmpty ? name : "\(name)  \(detail)"
            return [Row(what: what, amount: line.amount.decimal, tax: tax, why: line.why)]
        }
        let isCounted = line.unitPrice != nil || line.quantity.unit != .once
        let quantity = isCounted ? "  \(line.quantity.tableText)" : ""
        let parts = line.parts.map { part in
            Row(what: "  \(part.tableText)", amount: "", tax: "", why: part.reason.words)
        }
        return [Row(what: name + quantity, amount: line.amount.decimal, tax: tax, why: "")] + parts
    }

    private var totals: [Row] {
        let code = " " + currency.code
        var rows: [Row] = []
        let contains = lineBasis == .afterTax ? "contains tax" : "tax"
        let taxes = taxes.map { tax in
            let rate = tax.rate.map { "\($0.percentText) %" } ?? "without a rate"
            let what = "\(contains) \(rate) of \(tax.base.decimal)"
            return Row(what: what, amount: tax.amount.decimal, tax: "", why: "")
        }
        let before = Row(what: "before tax", amount: net.decimal, tax: "", why: "")
        let total = Row(what: "Total" + code, amount: gross.decimal, tax: "", why: "", isTotal: true)
        if !self.taxes.isEmpty { rows = lineBasis == .afterTax ? [] : [before] + taxes }
        rows.append(total)
        if lineBasis == .afterTax { rows += taxes }
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

/// Escape sequences of a terminal, or none.
private struct Style {
    let isColoured: Bool

    func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    func faint(_ text: String) -> String { isColoured && !text.isEmpty ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}

extension String {
    fileprivate func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }

    fileprivate func rightPadded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
