// SPDX-License-Identifier: Apache-2.0

package import JSONText
import Quantities

extension Rated {
    /// The bill as the command line prints it, keys in the order of the contract (tariffs.md §8).
    public var contractJSON: [UInt8] { contractDocument.serialized(sortedKeys: false) }

    /// The document behind `contractJSON`.
    package var contractDocument: JSON {
        .present([
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
            "due": couponUses.isEmpty ? nil : JSON(due.minorUnits),
            "coupons": couponUses.isEmpty ? nil : .array(couponUses.map(\.contractDocument)),
            "counters": counterChanges.isEmpty
                ? nil
                : .object(counterChanges.map { JSON.Member($0.id, $0.change.document) }),
        ])
    }
}

extension Rated.CouponUse {
    fileprivate var contractDocument: JSON {
        [
            "id": .string(id), "type": .string(kind.rawValue), "used": JSON(used.minorUnits),
            "left": JSON(left.minorUnits),
        ]
    }
}

extension RatedLine {
    fileprivate var contractDocument: JSON {
        .present([
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
            "further_taxes": furtherTaxes.map { .array($0.map(\.json)) },
        ])
    }
}

extension RatedPart {
    fileprivate var contractDocument: JSON {
        .present([
            "element": JSON(element),
            "component": JSON(component),
            "quantity": .string(quantity.decimal),
            "unit_price": text(unitPrice?.decimal),
            "exact": .string(exact.decimal),
            "step_surplus": .string(stepSurplus.decimal),
            "why": .string(reason.words),
            "from": .string(from.shortISO8601),
            "to": .string(to.shortISO8601),
            "tariff": tariff.map { JSON($0) },
        ])
    }
}

extension RatedTax {
    fileprivate var contractDocument: JSON {
        .present([
            "rate": text(rate?.percentText), "base": JSON(base.minorUnits), "amount": JSON(amount.minorUnits),
            "level": level.map { JSON($0) },
        ])
    }
}

extension Note {
    fileprivate var contractDocument: JSON {
        ["code": .string(code.rawValue), "path": .string(path), "message": .string(message)]
    }
}

/// A text, or the literal `null`: the contract names every key.
private func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
