// SPDX-License-Identifier: Apache-2.0

import Quantities
import Receipts
import Tariffs
import Testing

@Suite("Numbers and words on receipts")
struct NumberingTests {
    @Test("a series per year; six digits or as many as it takes")
    func labels() {
        #expect(Numbering.receiptSeries(year: 2026) == "R-2026")
        #expect(Numbering.label("R-2026", 1) == "R-2026-000001")
        #expect(Numbering.label("R-2026", 123) == "R-2026-000123")
        #expect(Numbering.label("R-2026", 999_999) == "R-2026-999999")
        #expect(Numbering.label("R-2026", 1_000_000) == "R-2026-1000000")
        #expect(Numbering.label("CN-2027", .max) == "CN-2027-9223372036854775807")
    }

    @Test("labels of one series are different and sort as their numbers do, up to a million")
    func order() {
        let labels = (Int64(1)...2000).map { Numbering.label("R-2026", $0 * 499) }
        #expect(Set(labels).count == labels.count)
        #expect(labels.sorted() == labels)
    }

    @Test("parking is printed as idle and a flat fee as session; all other kinds keep their words")
    func kinds() {
        #expect(LineKind.parking.printed == "idle")
        #expect(LineKind.flat.printed == "session")
        for kind in LineKind.allCases where kind != .parking && kind != .flat {
            #expect(kind.printed == kind.rawValue)
        }
        #expect(Set(LineKind.allCases.map(\.printed)).count == LineKind.allCases.count)
    }
}
