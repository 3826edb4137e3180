// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The map and the land agree: links lead somewhere, and the ten steps are told once (T19).
@Suite("The documents of the project")
struct ArchitectureTests {
    private static let pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]

    private static func text(of path: String) throws -> String {
        try String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func allPages() throws -> [String] {
        let docs = SourceTree.root.appendingPathComponent("docs")
        let names = FileManager.default.enumerator(at: docs, includingPropertiesForKeys: nil)
        var found = pages
        for case let url as URL in names ?? .init() where url.pathExtension == "md" {
            found.append(url.path.replacingOccurrences(of: SourceTree.root.path + "/", with: ""))
        }
        return found
    }

    @Test("every link leads to a file")
    func links() throws {
        for page in try Self.allPages() {
            let folder = SourceTree.root.appendingPathComponent(page).deletingLastPathComponent()
            for match in try Self.text(of: page).matches(of: /\]\(([^)#\s]+)(#[^)]*)?\)/) {
                let target = String(match.1)
                guard !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
                let path = folder.appendingPathComponent(target).path
                #expect(FileManager.default.fileExists(atPath: path), "\(page) links to \(target)")
            }
        }
    }

    @Test("the ten steps have the same names in ARCHITECTURE.md and in the test that walks them")
    func tenSteps() throws {
        let told = try Self.text(of: "ARCHITECTURE.md").matches(of: /(?m)^(\d+)\. \*\*(\w+)\.\*\*/)
            .map { "\($0.1): \($0.2)" }
        let walked = try Self.text(of: "Tests/EndToEndTests/LifeOfAKilowattHourTests.swift")
            .matches(of: /\/\/ Step (\d+): (\w+)/).map { "\($0.1): \($0.2)" }
        #expect(walked.count == 10)
        #expect(told.suffix(10) == walked[...])
    }
}
