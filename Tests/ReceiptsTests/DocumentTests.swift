// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Receipts
import Tariffs
import Testing

@Suite("What people read of a receipt")
struct DocumentTests {
    @Test("the text is the one that was kept", arguments: Documents.allCases)
    func text(document: Documents) throws {
        let text = try document.document().text

        #expect(text == (try document.kept("receipt.txt", now: text)))
    }

    @Test("the page is the one that was kept", arguments: Documents.allCases)
    func page(document: Documents) throws {
        let page = try HTML.page(of: try document.document(), template: 1)

        #expect(page == (try document.kept("receipt.html", now: page)))
    }

    @Test("foreign words cannot break the page")
    func escaped() throws {
        let page = try HTML.page(of: try Documents.netAnchored.document(), template: 1)

        #expect(page.contains("EVDisconnected &lt;unplugged &amp; gone&gt;"))
        #expect(!page.contains("<unplugged"))
    }

    @Test("a template that does not exist is refused")
    func unknownTemplate() throws {
        let document = try Documents.plain.document()

        #expect(throws: HTML.Trouble.template(version: 2)) { try HTML.page(of: document, template: 2) }
    }

    @Test("every amount of the receipt stands on its document", arguments: [Words.english, .german])
    func amounts(words: Words) throws {
        let receipt = try Documents.withPhases()
        let text = Document(receipt, in: words, zone: .utc).text

        let phases = receipt.lines.flatMap { $0.phases ?? [] }.map(\.amount)
        #expect(phases.count == 2)
        let amounts =
            receipt.lines.map(\.amount) + phases + receipt.taxes.map(\.amount) + [
                receipt.net, receipt.gross, receipt.paid.reserved, receipt.paid.captured,
                receipt.paid.released,
            ]
        for amount in amounts { #expect(text.contains(words.money(amount))) }
    }

    @Test("no language lacks a word, and each names every kind of line", arguments: Words.all)
    func languages(words: Words) throws {
        for child in Mirror(reflecting: words).children {
            if let word = child.value as? String { #expect(!word.isEmpty, "\(child.label ?? "")") }
        }
        #expect(Set(words.lines.keys) == Set(LineKind.allCases.map(\.printed)))
        #expect(words.tax(TaxRate(percent: "8.875"), of: .eur(100)).contains(words.decimal("8.875")))
        #expect(!words.tax(TaxRate(percent: 19), of: .eur(100)).contains("{"))
        #expect(!words.tax(nil, of: .eur(100)).contains("{"))
    }

    @Test("a comma stands only between digits")
    func decimals() {
        #expect(
            Words.german.decimal("37.49 kWh × 0.49 = 18.3701, rounded.")
                == "37,49 kWh × 0,49 = 18,3701, rounded.")
        #expect(Words.english.decimal("37.49") == "37.49")
        #expect(Words.german.money(Money(minorUnits: -5, currency: .eur)) == "-0,05 EUR")
        #expect(Words.german.money(Money(minorUnits: 500, currency: .jpy)) == "500 JPY")
    }

    @Test("times are shown by the site's clock with its offset, also across a change of clocks")
    func times() throws {
        let change = ReceiptBench.begun + .minutes(20)
        let zone = ZoneRules(offsets: [
            ZoneRules.Offset(from: .epoch, seconds: 3600), ZoneRules.Offset(from: change, seconds: 7200),
        ])
        let text = Document(try ReceiptBench().receipt(), in: .english, zone: zone).text

        #expect(text.contains("Start: 2026-03-02 11:00:00 +01:00"))
        #expect(text.contains("End: 2026-03-02 12:40:00 +02:00"))
    }
}
