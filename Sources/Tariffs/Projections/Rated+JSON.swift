// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

extension Rated {
    /// The bill as the command line prints it, keys in the order of the contract (tariffs.md §8).
    public var contractJSON: [UInt8] { contractDocument.serialized(sortedKeys: false) }

    /// The document behind `contractJSON`.
    package var contractDocument: JSON {
        [
            "currency": .string(currency.code),
            "exact": [
                "before_tax": .string(exact.beforeTax.decimal), "after_tax": .string(exact.afterTax.decimal),
            ],
            "total": ["before_tax": JSON(net.minorUnits), "after_tax": JSON(gross.minorUnits)],
            "line_basis": .string(lineBasis.rawValue),
            "lines": .array(lines.map(\.contractDocument)),
            "taxes": .array(taxes.map(\.contractDocument)),
            "notes": .array(notes.map(\.contractDocument)),
            "rounding_policy": .string(roundingPolicy),
        ]
    }
}

extension RatedLine {
    fileprivate var contractDocument: JSON {
        [
            "kind": .string(kind.rawValue),
            "quantity": .string(quantity.decimal),
            "unit": .string(quantity.unit.rawValue),
            "unit_price": text(unitPrice?.decimal),
            "exact": .string(exact.decimal),
            "amount": JSON(amount.minorUnits),
            "tax_rate": text(taxRate?.percentText),
            "why": .string(why),
            "from": .string(from.shortISO8601),
            "to": .string(to.shortISO8601),
            "parts": .array(parts.map(\.contractDocument)),
        ]
    }
}

extension RatedPart {
    fileprivate var contractDocument: JSON {
        [
            "element": JSON(element),
            "component": JSON(component),
            "quantity": .string(quantity.decimal),
            "unit_price": text(unitPrice?.decimal),
            "exact": .string(exact.decimal),
            "step_surplus": .string(stepSurplus.decimal),
            "why": .string(reason.words),
            "from": .string(from.shortISO8601),
            "to": .string(to.shortISO8601),
        ]
    }
}

extension RatedTax {
    fileprivate var contractDocument: JSON {
        ["rate": text(rate?.percentText), "base": JSON(base.minorUnits), "amount": JSON(amount.minorUnits)]
    }
}

extension Note {
    fileprivate var contractDocument: JSON {
        ["code": .string(code.rawValue), "path": .string(path), "message": .string(message)]
    }
}

/// A text, or the literal `null`: the contract names every key.
private func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
