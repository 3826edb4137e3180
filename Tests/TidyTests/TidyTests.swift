// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What a machine looks at (house style): rules that fail the build, each proven on a snippet that breaks it.
@Suite("House style")
struct TidyTests {
    @Test("imports follow the arrows of ARCHITECTURE.md (T1, T2)")
    func arrows() throws {
        let breaches = try SourceTree.files(below: "Sources").flatMap(Arrows.breaches)
        #expect(breaches.isEmpty, "\(breaches.map(\.description).joined(separator: "\n"))")
    }

    @Test("pure modules stay pure, money stays exact, SQL stays in Storage (T3, T8, T9, T11, T12)")
    func limits() throws {
        let breaches = try SourceTree.files(below: "Sources").flatMap(Limits.breaches)
        #expect(breaches.isEmpty, "\(breaches.map(\.description).joined(separator: "\n"))")
    }

    @Test(
        "each rule catches what breaks it",
        arguments: [
            ("Tariffs", "import Storage", "T1"), ("Web", "import Chargers", "T1"),
            ("Billing", "import Simulation", "T1"),
            ("Billing", "import NIOCore", "T2"), ("Web", "package import CSQLite", "T2"),
            ("Tariffs", "let now = Date()", "T3"), ("Payments", "func f() async {}", "T3"),
            ("Charging", "let id = UUID()", "T3"), ("Accounting", "print(1)", "T3"),
            ("Billing", "let price: Double = 1", "T8"), ("Quantities", "let x = Decimal(1)", "T8"),
            ("Web", "let half = total.minorUnits / 2", "T9"), ("Billing", "let x = 2 * a.minorUnits", "T9"),
            ("Web", "try! work()", "T11"), ("Web", "let x = y!", "T11"), ("Web", "let x = y!.z", "T11"),
            ("Web", "let x = try? y()", "T11"), ("Storage", "final class A: @unchecked Sendable {}", "T12"),
            ("Billing", "let s = \"SELECT id FROM bill\"", "SQL"),
            ("Billing", "ProcessInfo.processInfo.environment", "environment"),
        ])
    func catches(module: String, line: String, rule: String) {
        let file = SourceTree.File(path: "x.swift", module: module, text: line)
        #expect((Arrows.breaches(in: file) + Limits.breaches(in: file)).map(\.rule).contains(rule))
    }

    @Test(
        "and lets pass what does not",
        arguments: [
            ("Tariffs", "import Quantities"), ("App", "import Simulation"), ("Chargers", "import NIOCore"),
            ("Tariffs", "/// never a Double, never `Date()`"), ("Web", "// SELECT id FROM bill"),
            ("Web", "if a != b { c() }"), ("Web", "let words = \"try! harder!\""),
            ("Web", "let x = try? y()  // the reason"), ("App", "ProcessInfo.processInfo.environment"),
        ])
    func passes(module: String, line: String) {
        let file = SourceTree.File(path: "x.swift", module: module, text: line)
        #expect((Arrows.breaches(in: file) + Limits.breaches(in: file)).isEmpty)
    }

    @Test("each module of the table exists, and each folder of Sources is in it")
    func modules() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path + "/Sources")
        let ours = folders.filter {
            !["CCairo", "CPostgreSQL", "CQRencode", "CSQLite", "CZlib"].contains($0)
        }
        #expect(Set(ours) == Set(Arrows.ours.keys))
    }

    /// The report is for reviewers, not a gate: `make tidy` prints it.
    @Test(
        "print the report of sizes",
        .enabled(
            if: ProcessInfo.processInfo.environment["AMPTILL_TIDY_REPORT"] != nil, "make tidy asks for it"))
    func report() throws {
        for file in try SourceTree.files(below: "Sources") {
            if file.lines.count > 500 { print("T5 \(file.path): \(file.lines.count) lines") }
            for (index, line) in file.lines.enumerated() {
                if line.count > 110 { print("T6 \(file.path):\(index + 1): \(line.count) columns") }
                if line.contains("TODO") { print("T14 \(file.path):\(index + 1): TODO") }
            }
            if file.lines.first != "// SPDX-License-Identifier: Apache-2.0" {
                print("T14 \(file.path): licence line")
            }
        }
    }
}
