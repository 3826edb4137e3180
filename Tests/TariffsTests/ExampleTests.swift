// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Quantities
import Tariffs
import Testing

/// `Examples/tariffs/`: each tariff with a session and its explained bill, as it was looked at and kept.
@Suite("Examples")
struct ExampleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples/tariffs")

    static let names: [String] = {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter {
                !$0.contains(".")
            }
            .sorted()
        } catch {
            return []
        }
    }()

    private func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Self.folder.appending(path: path)))
    }

    private func priced(_ name: String) throws -> PriceCommand.Priced {
        try PriceCommand(zones: Zones.lookup).priced(
            tariff: try read("\(name)/tariff.json"), session: try read("\(name)/session.json"))
    }

    @Test("every shape of the extension cases and of three regimes has an example")
    func complete() {
        #expect(Self.names.count == 18)
    }

    @Test("an example's bill is the one that was looked at", arguments: names)
    func bill(_ name: String) throws {
        let priced = try priced(name)
        expectConsistent(priced.rated)
        let text = priced.rated.timeline(in: priced.zone) + "\n" + priced.rated.table()
        let file = Self.folder.appending(path: "\(name)/bill.txt")
        if ProcessInfo.processInfo.environment["SNAPSHOT_UPDATE"] == "1" {
            try Data(text.utf8).write(to: file)
            return
        }
        #expect(text == String(decoding: try read("\(name)/bill.txt"), as: UTF8.self))
        // What an example teaches must not be a mistake.
        let findings = Linter().findings(inOCPI: try read("\(name)/tariff.json"))
        #expect(findings.filter { $0.severity == .error } == [])
        #expect(priced.rated.notes.filter { $0.code == .unknownField } == [])
    }

    @Test(
        "an example costs what its case says",
        arguments: [
            ("idle-grace-and-cap", "23.5"), ("blocking-fee-after-four-hours", "29.7"),
            ("member-discount", "14.6"),
            ("subscription-pass", "24.6"), ("quarter-hour-prices", "2.5"), ("clock-change-night", "0.4"),
            ("daily-cap", "4"), ("monthly-allowance", "6"), ("coupon", "3.2"), ("power-tier-by-car", "15.5"),
            ("change-of-tariff", "1.265"), ("percentage-fee", "51"),
        ])
    func totals(name: String, total: String) throws {
        #expect(try priced(name).rated.exact.afterTax.decimal == total)
    }
}
