// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `docs/specs/charging-rules.md` says which rules of charging have a test that names them; here is whether that is so.
@Suite("The checklist of charging")
struct ChargingRulesTests {
    /// The rows of the table: rule and state.
    private static let rows: [(rule: String, state: String)] = {
        let text = SourceTree.here.text("docs/specs/charging-rules.md") ?? ""
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 4, cells[0].wholeMatch(of: /C[0-9]+/) != nil else { return nil }
            return (cells[0], cells[3])
        }
    }()

    /// The rules that the names of tests name.
    private static let named: Set<String> = {
        var rules: Set<String> = []
        for file in SourceTree.here.files where file.path.hasPrefix("Tests/") {
            let text = SourceTree.here.text(file.path) ?? ""
            for name in text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/) {
                for rule in name.1.matches(of: /\bC[0-9]+\b/) { rules.insert(String(rule.0)) }
            }
        }
        return rules
    }()

    @Test("all 84 rules are in the table, once", .timeLimit(.minutes(1)))
    func complete() {
        #expect(Self.rows.map(\.rule) == (1...84).map { "C\($0)" })
        #expect(Self.rows.allSatisfy { ["tested", "open", "next"].contains($0.state) })
    }

    @Test("a rule that is called tested is named by a test", .timeLimit(.minutes(1)))
    func tested() {
        for row in Self.rows where row.state == "tested" {
            #expect(Self.named.contains(row.rule), "no test names \(row.rule)")
        }
        #expect(Self.rows.count { $0.state == "tested" } >= 79)
    }
}
