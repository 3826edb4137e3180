// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Receipts
import Tariffs
import Testing

/// One number is spoiled; such a receipt does not exist.
@Suite("A receipt that does not agree")
struct DisagreementTests {
    let bench = ReceiptBench()

    /// The bill with one cent more in one place; `place` is a path of keys and indices.
    func spoiled(_ place: String) throws -> Rated {
        let stored = try JSONSerialization.jsonObject(with: JSONEncoder().encode(bench.rated()))
        let spoiled = Self.addOne(to: stored, at: place.split(separator: ".").map(String.init)[...])
        return try JSONDecoder().decode(Rated.self, from: JSONSerialization.data(withJSONObject: spoiled))
    }

    private static func addOne(to value: Any, at path: ArraySlice<String>) -> Any {
        guard let key = path.first else { return (value as? Int ?? .min) + 1 }
        if var list = value as? [Any], let index = Int(key) {
            list[index] = addOne(to: list[index], at: path.dropFirst())
            return list
        }
        var object = value as? [String: Any] ?? [:]
        object[key] = addOne(to: object[key] ?? 0, at: path.dropFirst())
        return object
    }

    /// Builds a receipt of a spoiled bill with the parts of the right one.
    func receipt(spoiling place: String) throws -> Receipt {
        try Receipt(try spoiled(place), try bench.parts(for: try bench.rated()))
    }

    /// Builds a receipt of the right bill with spoiled parts.
    func receipt(spoiling change: (inout Receipt.Parts) -> Void) throws -> Receipt {
        let rated = try bench.rated()
        var parts = try bench.parts(for: rated)
        change(&parts)
        return try Receipt(rated, parts)
    }

    @Test("nothing spoiled, nothing refused")
    func agrees() throws {
        _ = try receipt { _ in }
    }

    @Test("lines do not sum to the total")
    func lines() {
        #expect(throws: Receipt.Refusal.linesDoNotSumToTotal(lines: .eur(18_37), total: .eur(18_38))) {
            try receipt(spoiling: "gross.amount")
        }
        #expect(throws: Receipt.Refusal.linesDoNotSumToTotal(lines: .eur(18_38), total: .eur(18_37))) {
            try receipt(spoiling: "lines.0.amount.amount")
        }
    }

    @Test("nets of lines do not sum to the net")
    func nets() {
        #expect(throws: Receipt.Refusal.netsDoNotSumToNet(lines: .eur(15_44), net: .eur(15_45))) {
            try receipt(spoiling: "net.amount")
        }
    }

    @Test("net and tax are not the gross")
    func tax() {
        #expect(
            throws: Receipt.Refusal.taxDoesNotSumToGross(
                net: .eur(15_44), tax: .eur(2_94), gross: .eur(18_37))
        ) {
            try receipt(spoiling: "taxes.0.amount.amount")
        }
    }

    @Test(
        "the registers do not give the energy, by a milliwatt-hour and in either direction",
        arguments: [1, -1])
    func meter(difference: Int64) {
        let energy = Energy(wattHours: 37_490)
        let meter = energy + Energy(milliwattHours: difference)
        #expect(throws: Receipt.Refusal.meterDoesNotGiveEnergy(meter: meter, energy: energy)) {
            try receipt { parts in
                let end = parts.charge.endRegister ?? .zero
                parts.charge.endRegister = end + Energy(milliwattHours: difference)
            }
        }
    }

    @Test("registers that nobody told are not compared")
    func noRegisters() throws {
        _ = try receipt { $0.charge.startRegister = nil }
        _ = try receipt { $0.charge.endRegister = nil }
    }

    @Test("what was reserved is not what was captured and released")
    func reserved() {
        let refusal = Receipt.Refusal.reservedIsNotCapturedPlusReleased(
            reserved: .eur(36_74), captured: .eur(18_37), released: .eur(18_36))
        #expect(throws: refusal) { try receipt { $0.paid.released = .eur(18_36) } }
        #expect(throws: Receipt.Refusal.self) { try receipt { $0.paid.captured = .eur(18_36) } }
        #expect(throws: Receipt.Refusal.self) { try receipt { $0.paid.reserved = .eur(36_75) } }
    }
}
