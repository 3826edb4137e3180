// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Net and tax for each way of taxing, rounded once for each rate (tariffs.md §4.3, rules 4 to 8).
struct TaxTable {
    /// One treatment; nil collects what a limit changed where there was nothing to tax.
    private struct Row {
        let treatment: Int?
        var net: Money
        var tax: Money
        /// One for each further tax of the treatment.
        var further: [Money] = []
    }

    private var rows: [Row] = []
    private let mode: Tariff.TaxMode
    private let currency: Currency

    /// No line yet.
    init(mode: Tariff.TaxMode, currency: Currency) {
        self.mode = mode
        self.currency = currency
    }

    /// Adds the amount of a line, in the order of the lines.
    mutating func add(_ amount: Money, _ treatment: Int) {
        if let index = rows.firstIndex(where: { $0.treatment == treatment }) {
            rows[index].net += amount
        } else {
            rows.append(Row(treatment: treatment, net: amount, tax: .zero(currency)))
        }
    }

    /// Computes the taxes of everything that was added.
    mutating func tax(_ treatments: [TaxTreatment]) {
        for index in rows.indices { tax(&rows[index], treatments) }
    }

    private func tax(_ row: inout Row, _ treatments: [TaxTreatment]) {
        guard mode != .none, let number = row.treatment else { return }
        let treatment = treatments[number]
        if mode == .included {
            (row.tax, row.further) = treatment.taxes(inGross: row.net)
            row.net -= row.tax
            if !row.further.isEmpty { row.net -= row.further.sum(in: currency) }
        } else {
            (row.tax, row.further) = treatment.taxes(onNet: row.net)
        }
    }

    /// Adds an amount whose tax is rounded by itself, for a limit has settled the rest.
    mutating func addTaxed(_ amount: Money, _ treatment: Int, _ treatments: [TaxTreatment]) {
        var row = Row(treatment: treatment, net: amount, tax: .zero(currency))
        tax(&row, treatments)
        guard let index = rows.firstIndex(where: { $0.treatment == treatment }) else {
            return rows.append(row)
        }
        rows[index].net += row.net
        rows[index].tax += row.tax
        for (place, tax) in row.further.enumerated() { rows[index].further[place] += tax }
    }

    /// All nets.
    var net: Money { rows.reduce(.zero(currency)) { $0 + $1.net } }
    /// All nets and all tax.
    var gross: Money { rows.reduce(net) { $1.further.reduce($0 + $1.tax, +) } }

    /// What is shown: every stated rate, 0 % too.
    func taxes(_ treatments: [TaxTreatment]) -> [RatedTax] {
        var shown: [RatedTax] = []
        for row in rows {
            let treatment = row.treatment.map { treatments[$0] }
            if treatment?.rate != nil || !row.tax.isZero {
                shown.append(RatedTax(rate: treatment?.rate, base: row.net, amount: row.tax))
            }
            guard let treatment else { continue }
            for (index, (tax, amount)) in zip(treatment.further, row.further).enumerated() {
                let base = treatment.base(of: index, net: row.net, taxes: (row.tax, row.further))
                shown.append(
                    RatedTax(
                        rate: tax.rate, base: base, amount: amount, level: tax.level == 0 ? nil : tax.level))
            }
        }
        return shown
    }

    /// Moves the totals to those of a limit: differences are spread in proportion, remainder to the largest
    /// (rule 8).
    ///
    /// - Returns: false if there was no tax to scale and the difference went to a tax without a rate.
    mutating func move(to newNet: Money, gross newGross: Money) -> Bool {
        let taxChange = (newGross - newNet) - (gross - net)
        let netChange = newNet - net
        if rows.isEmpty { rows.append(Row(treatment: nil, net: .zero(currency), tax: .zero(currency))) }
        for (index, share) in netChange.spread(over: rows.map(\.net)).enumerated() {
            rows[index].net += share
        }
        guard !taxChange.isZero else { return true }
        let taxes = rows.flatMap { [$0.tax] + $0.further }
        guard taxes.contains(where: { !$0.isZero }) else {
            spreadUnattributed(taxChange)
            return false
        }
        var shares = taxChange.spread(over: taxes)[...]
        for index in rows.indices {
            rows[index].tax += shares.removeFirst()
            for place in rows[index].further.indices { rows[index].further[place] += shares.removeFirst() }
        }
        return true
    }

    /// To a tax without a rate, which is shown as such.
    private mutating func spreadUnattributed(_ change: Money) {
        let index = rows.firstIndex { $0.treatment == nil } ?? rows.count
        if index == rows.count {
            rows.append(Row(treatment: nil, net: .zero(currency), tax: .zero(currency)))
        }
        rows[index].tax += change
    }
}
