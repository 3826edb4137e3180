// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Tariffs

extension RatedLine {
    /// As the API shows it: what, how much, why, for how much.
    func json(_ basis: Rated.LineBasis?) -> JSON {
        [
            "kind": .string(kind.shown), "from": .time(from), "to": .time(to),
            "quantity": .string(quantity.decimal),
            "unit": quantity.unit == .once ? "session" : .word(quantity.unit),
            "quantity_wh": .integer(quantity.energy?.wattHours),
            "duration_s": .integer(quantity.duration?.seconds),
            "unit_price": .text(unitPrice?.decimal), "amount": amount.json,
            "line_basis": basis == .beforeTax ? "before_tax" : "after_tax",
            "tax_rate": .text(taxRate?.percentText),
            "why": .string("\(why); \(arithmetic)"),
        ]
    }
}

extension RatedTax {
    /// As the API shows it.
    var json: JSON { .tax(rate, on: base, amount) }
}

extension JSON {
    /// Tax of one rate; the rate is null where none is stated.
    static func tax(_ rate: TaxRate?, on base: Money, _ amount: Money) -> JSON {
        ["rate": .text(rate?.percentText), "base": base.json, "amount": amount.json]
    }
}

extension Rated {
    /// The priced session, every cent explained.
    var breakdown: JSON {
        [
            "lines": .array(lines.map { $0.json(lineBasis) }), "taxes": .array(taxes.map(\.json)),
            "net": net.json,
            "total": gross.json, "rounding_policy": .string(roundingPolicy),
            "notes": .array(
                notes.map {
                    ["code": .word($0.code), "path": .string($0.path), "message": .string($0.message)]
                }),
        ]
    }
}

extension ObjectShape {
    /// A line of a priced session.
    static let line = ObjectShape(
        "Line",
        [
            .must("kind", .word(["energy", "time", "idle", "session"])), .must("from", .instant),
            .must("to", .instant), .must("quantity", .text(.plain, max: 60), "Exact, as decimal text."),
            .must("unit", .word(["kWh", "h", "session"])), .may("quantity_wh", .count),
            .may("duration_s", .count),
            .may("unit_price", .text(.plain, max: 40), "Null if the parts have different prices."),
            .must("amount", .money, "Rounded once."),
            .must("line_basis", .word(["before_tax", "after_tax"]), "Whether the amount contains the tax."),
            .may("tax_rate", .decimal, "Percent."), .must("why", .longText),
        ])

    /// What one rate of tax comes to.
    static let tax = ObjectShape(
        "Tax", [.may("rate", .decimal, "Percent."), .must("base", .money), .must("amount", .money)])

    /// What a person should know of a price.
    static let note = ObjectShape(
        "Note", [.must("code", .shortText), .must("path", .longText), .must("message", .longText)])
}
