// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The house style as far as a machine can read it. Rules about arrows, purity, money, forced values and dead links fail;
/// the others are a report that `make tidy` prints.
@Suite("The house is tidy")
struct TidyTests {
    private static let perFile: [@Sendable (SourceFile) -> [Finding]] = [
        Imports.check, Purity.check, Numbers.check, Unchecked.check, Sizes.check, Words.check,
        Surroundings.check,
    ]

    /// Every finding in the working copy.
    static let findings: [Finding] =
        Imports.check(folders: SourceTree.here.folders)
        + SourceTree.here.files.flatMap { file in perFile.flatMap { $0(file) } }
        + Surroundings.check(SourceTree.here) + Links.check(SourceTree.here)

    @Test("no rule that fails is broken", .timeLimit(.minutes(1)), arguments: Rule.failing.sorted())
    func failing(rule: Rule) {
        let broken = Self.findings.filter { $0.rule == rule }
        #expect(broken.isEmpty, "\(broken.map(\.description).joined(separator: "\n"))")
    }

    @Test("the tree was read", .timeLimit(.minutes(1)))
    func complete() {
        #expect(SourceTree.here.files.count > 300)
        #expect(SourceTree.here.files.contains { $0.path == "Sources/Quantities/Money.swift" })
    }

    @Test(
        "the report is printed", .timeLimit(.minutes(1)),
        .enabled(if: ProcessInfo.processInfo.environment["AMPTILL_TIDY_REPORT"] != nil))
    func report() {
        let shown = Self.findings.filter { !Rule.failing.contains($0.rule) }
        for (rule, findings) in Dictionary(grouping: shown, by: \.rule).sorted(by: { $0.key < $1.key }) {
            print("\(rule.rawValue): \(findings.count)")
            for finding in findings { print("  \(finding)") }
        }
        print("\(shown.count) places to look at")
    }
}
